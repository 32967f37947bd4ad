"""Quota rows of the whole fleet, one item for each quota."""

from typing import Literal

from pydantic import Field

from app.master.wire.pages import PageOut, SortedQuery
from app.quota.status import QuotaStatus
from app.quota.values import DeviceKind, QuotaType
from app.web.wire import Instant, Out, Query, QueryText, no_default


class RowFilters(Query):
    """Which quotas; what is left out is any."""

    host: QueryText | None = None
    device: QueryText | None = None
    kind: DeviceKind | None = None
    quota_type: QuotaType | None = None
    status: QuotaStatus | None = None
    person: QueryText | None = Field(default=None, description="The person's id")
    limits_source: Literal["own", "default"] | None = None
    q: QueryText | None = None


class RowsQuery(SortedQuery, RowFilters):
    """Filters of the list of quotas."""

    sortable = (
        "host",
        "device",
        "id",
        "name",
        "person",
        "status",
        "percent",
        "block_current",
        "block_soft_limit",
        "block_hard_limit",
        "inode_current",
        "inode_hard_limit",
    )


class PersonRefOut(Out):
    """A person that a row belongs to."""

    id: str
    name: str


class RowOut(Out):
    """One quota of one id on one device of one host, with its age."""

    host: str
    device: str
    kind: DeviceKind
    mount_points: list[str]
    quota_type: QuotaType
    id: int
    name: str
    person: PersonRefOut | None
    status: QuotaStatus
    percent: float | None = Field(description="Of the hard limit, else of the soft one; the greater of both resources")
    block_current: int = Field(description="Bytes")
    block_soft_limit: int = Field(description="KiB, 0 is unlimited")
    block_hard_limit: int = Field(description="KiB, 0 is unlimited")
    block_time_limit: int = Field(description="Grace expiry in Unix seconds, or 0")
    inode_current: int
    inode_soft_limit: int = Field(description="0 is unlimited")
    inode_hard_limit: int = Field(description="0 is unlimited")
    inode_time_limit: int = Field(description="Grace expiry in Unix seconds, or 0")
    limits_source: Literal["own", "default"]
    docker_container_bytes: int = Field(default=0, json_schema_extra=no_default)
    docker_image_layer_bytes: int = Field(default=0, json_schema_extra=no_default)
    docker_volume_bytes: int = Field(default=0, json_schema_extra=no_default)
    docker_build_cache_bytes: int = Field(default=0, json_schema_extra=no_default)
    taken_at: Instant
    age_seconds: int
    stale: bool
    problem: str | None = Field(description="Why the figures are stale: a code")


class RowsOut(PageOut):
    """A page of quota rows."""

    items: list[RowOut]
