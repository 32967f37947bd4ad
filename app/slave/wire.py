"""What the slave's API answers, beside the quota rows."""

from typing import Literal

from pydantic import Field

from app.quota.values import QuotaType
from app.web.quota_rows import AnyId, DeviceProblemOut
from app.web.wire import Instant, Out, Query, QueryText, no_default


class AliveOut(Out):
    """The server answers."""

    status: Literal["ok"]


class ReadyOut(Out):
    """The server can do its work."""

    status: Literal["ready"]


class BackendOut(Out):
    """One quota mechanism of the host, and whether it can say which devices there are."""

    name: str
    status: Literal["ok", "failed"]
    devices: int
    problem: DeviceProblemOut | None = Field(default=None, json_schema_extra=no_default)


class FeaturesOut(Out):
    """What this slave can do beyond reading quotas."""

    quota_types: list[QuotaType]
    set_limits: bool
    docker: bool
    areas: bool


class HostOut(Out):
    """The host that this slave runs on."""

    id: str
    version: str
    time: Instant
    backends: list[BackendOut]
    capabilities: FeaturesOut


class UserOut(Out):
    """A user of the host."""

    uid: AnyId
    name: str


class QuotasQuery(Query):
    """Filters of the list of quotas."""

    device: QueryText | None = None
    quota_type: QuotaType | None = None


class DeviceFilter(Query):
    """One device alone."""

    device: QueryText | None = None


class DeviceQuery(Query):
    """The device that is meant."""

    device: QueryText


class DeviceQuotaQuery(DeviceQuery):
    """The device and the quota type that are meant."""

    quota_type: QuotaType = QuotaType.USER


class UserQuery(Query):
    """The name that is looked up."""

    username: QueryText
