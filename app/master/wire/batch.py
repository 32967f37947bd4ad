"""Changes of many quotas at once, of default limits and of grace periods."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from app.quota.values import QuotaType
from app.web.quota_changes import BatchIn, BatchResultOut, DefaultsOut, DeviceGraceOut, GraceIn
from app.web.quota_rows import LimitsIn
from app.web.wire import Out, Query, no_default

Reason = Annotated[str, Field(max_length=1000)]


class ManyIn(BatchIn):
    """Limits for many ids, with the reason for the audit trail."""

    reason: Reason = Field(default="", json_schema_extra=no_default)
    change_set: Annotated[str, Field(max_length=36)] | None = Field(
        default=None, json_schema_extra=no_default, description="The batch of mine that this goes on with"
    )

    @property
    def targets(self) -> dict[str, Any]:
        """The one of `ids`, `names` and `all` that was given."""
        return {name: getattr(self, name) for name in ("ids", "names", "all") if getattr(self, name) is not None}


class OneOfManyOut(BatchResultOut):
    """What became of one id, and its audit entry; a dry run leaves none."""

    audit_id: str | None = Field(default=None, json_schema_extra=no_default)


class ManyChangedOut(Out):
    """A result for each id, in the order in which they were named."""

    results: Sequence[OneOfManyOut]
    change_set: str | None = Field(
        default=None, json_schema_extra=no_default, description="What to undo as one; a dry run has none"
    )


class DeviceTypeQuery(Query):
    """Which device, and whose quotas on it."""

    device: Annotated[str, Field(min_length=1, max_length=1000)]
    quota_type: QuotaType = QuotaType.USER


class DefaultsIn(LimitsIn):
    """Default limits to set, with the reason for the audit trail; a missing limit stays as it is."""

    reason: Reason = Field(default="", json_schema_extra=no_default)


class DefaultsChangedOut(Out):
    """The default limits that stand now, and the audit entry."""

    defaults: DefaultsOut
    audit_id: str


class GraceChangeIn(GraceIn):
    """Grace periods to set, with the reason for the audit trail; a missing one stays as it is."""

    reason: Reason = Field(default="", json_schema_extra=no_default)


class GraceChangedOut(Out):
    """The grace periods that stand now, and the audit entry."""

    grace: DeviceGraceOut
    audit_id: str
