"""Bodies of changes beside one id's limits: many ids at once, defaults, grace periods; alike on slave and master."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, model_validator

from app.quota.rules import MAX_GRACE_SECONDS
from app.quota.values import QuotaType
from app.web.problems import FieldFaultOut
from app.web.quota_rows import AnyId, GroupRowOut, LimitsIn, LimitsOut, ProjectRowOut, UserRowOut
from app.web.wire import In, Out, no_default

MOST_IDS = 10_000

ChangeWarning = Literal["below_usage"]
RowOut = UserRowOut | GroupRowOut | ProjectRowOut
GraceSeconds = Annotated[int, Field(ge=1, le=MAX_GRACE_SECONDS)]
Name = Annotated[str, Field(min_length=1, max_length=256)]


class ChangedUserRowOut(UserRowOut):
    """A user's quota as it stands after a change, and what is to be known of it."""

    warnings: list[ChangeWarning] = Field(default=[], json_schema_extra=no_default)


class ChangedGroupRowOut(GroupRowOut):
    """A group's quota as it stands after a change, and what is to be known of it."""

    warnings: list[ChangeWarning] = Field(default=[], json_schema_extra=no_default)


class ChangedProjectRowOut(ProjectRowOut):
    """A project's quota as it stands after a change, and what is to be known of it."""

    warnings: list[ChangeWarning] = Field(default=[], json_schema_extra=no_default)


class BatchIn(In):
    """One set of limits for many ids of a device: exactly one of `ids`, `names` and `all`."""

    device: Annotated[str, Field(min_length=1, max_length=1000)]
    quota_type: QuotaType = Field(default=QuotaType.USER, strict=False)
    ids: Annotated[list[AnyId], Field(min_length=1, max_length=MOST_IDS)] | None = Field(
        default=None, json_schema_extra=no_default
    )
    names: Annotated[list[Name], Field(min_length=1, max_length=MOST_IDS)] | None = Field(
        default=None, json_schema_extra=no_default
    )
    all: Literal[True] | None = Field(
        default=None, json_schema_extra=no_default, description="Every id that is listed, but for id 0"
    )
    limits: LimitsIn
    dry_run: bool = Field(default=False, description="Answer what would stand, and change nothing")

    @model_validator(mode="after")
    def _one_way_of_naming(self) -> "BatchIn":
        given = [name for name in ("ids", "names", "all") if getattr(self, name) is not None]
        if len(given) != 1:
            message = f"exactly one of ids, names and all, found {' and '.join(given) or 'none of them'}"
            raise ValueError(message)
        if not self.limits.model_fields_set:
            message = "limits with at least one limit"
            raise ValueError(message)
        return self


class ChangeProblemOut(Out):
    """Why this id was not changed; the others are not touched by it."""

    code: str
    detail: str
    errors: list[FieldFaultOut] = Field(default=[], json_schema_extra=no_default)


class BatchResultOut(Out):
    """What became of one id: its row as it stands now (or would, in a dry run), or the problem."""

    id: AnyId | None = Field(description="null for a name that the host does not know")
    name: str
    ok: bool
    before: LimitsOut | None = Field(description="null where the limits before could not be read")
    row: RowOut | None = Field(default=None, json_schema_extra=no_default)
    problem: ChangeProblemOut | None = Field(default=None, json_schema_extra=no_default)
    warnings: list[ChangeWarning] = Field(default=[], json_schema_extra=no_default)


class BatchOut(Out):
    """A result for each id, in the order in which they were named; for `all`, ascending."""

    results: Sequence[BatchResultOut]


class DefaultsOut(LimitsOut):
    """The default limits of a device for one quota type: what an id without limits of its own gets."""

    device: str
    quota_type: QuotaType


class GraceIn(In):
    """Grace periods to set; a missing one stays as it is."""

    block_grace: GraceSeconds = Field(default=1, json_schema_extra=no_default, description="Seconds")
    inode_grace: GraceSeconds = Field(default=1, json_schema_extra=no_default, description="Seconds")


class DeviceGraceOut(Out):
    """The grace periods of a device for one quota type, in seconds."""

    device: str
    quota_type: QuotaType
    block_grace: int
    inode_grace: int
