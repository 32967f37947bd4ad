"""History and forecasts, as charts ask for them."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from app.master.wire.pages import PageOut
from app.quota.values import QuotaType
from app.web.wire import MAX_ID, Instant, Out, Query, QueryInstant, QueryText

MAX_POINTS = 2000
Points = Annotated[int, Field(ge=2, le=MAX_POINTS)]
_QuotaId = Annotated[int, Field(ge=0, le=MAX_ID)]


class _WindowQuery(Query):
    since: QueryInstant | None = Field(default=None, description="30 days before `until` where not given")
    until: QueryInstant | None = Field(default=None, description="Now where not given")

    @model_validator(mode="after")
    def _in_order(self) -> "_WindowQuery":
        if self.since is not None and self.until is not None and self.since > self.until:
            message = "since, not later than until"
            raise ValueError(message)
        return self


class _SeriesQuery(Query):
    host: QueryText
    device: QueryText
    quota_type: QuotaType | None = Field(default=None, description="`user` where not given")
    id: _QuotaId | None = Field(default=None, description="Whose quota; without it, the device itself")
    uid: _QuotaId | None = Field(default=None, description="The same as `id` with `quota_type=user`")

    @model_validator(mode="after")
    def _one_id(self) -> "_SeriesQuery":
        if self.uid is not None and (self.id is not None or self.quota_type not in {None, QuotaType.USER}):
            message = "uid alone, or quota_type and id"
            raise ValueError(message)
        if self.quota_type is not None and self.id is None and self.uid is None:
            message = "an id with quota_type"
            raise ValueError(message)
        return self

    @property
    def quota_id(self) -> int | None:
        """Whose quota; None is the device."""
        return self.id if self.uid is None else self.uid


class HistoryQuery(_SeriesQuery, _WindowQuery):
    """Which series, from when to when, in how many points."""

    points: Points = 300


class ForecastQuery(_SeriesQuery):
    """Which series."""


class MyHistoryQuery(_WindowQuery):
    """From when to when, in how many points for each quota."""

    host: QueryText | None = None
    device: QueryText | None = None
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=50)] = 20
    points: Annotated[int, Field(ge=2, le=300)] = 60


class HistoryPointOut(Out):
    """What was known at a quarter hour. Of a device: bytes used, its size, and 0."""

    at: Instant
    block_current: int = Field(description="Bytes")
    block_hard_limit: int = Field(description="KiB, 0 is unlimited; of a device its size, 0 where unknown")
    inode_current: int


class HistoryOut(Out):
    """Points in order of time, at most one for each step: the last that was known in it.

    A step of which nothing is known (the host did not answer) has no point.
    """

    points: list[HistoryPointOut]
    resolution_seconds: int = Field(description="The width of a step")


class MyHistoryItemOut(HistoryOut):
    """The history of one quota of mine."""

    host: str
    device: str
    quota_type: QuotaType
    id: int
    name: str


class MyHistoryOut(PageOut):
    """The history of my quotas, the fullest first."""

    items: list[MyHistoryItemOut]


class ForecastOut(Out):
    """When it will be full, if it goes on as it did.

    With `enough` and no `full_at` it does not grow, has no limit, or is not full within five years.
    """

    full_at: Instant | None
    earliest: Instant | None
    latest: Instant | None = Field(description="None beside `full_at`: it may never be full")
    basis_points: int = Field(description="How many hourly points it rests on")
    confidence: Literal["enough", "not_enough_data"]
