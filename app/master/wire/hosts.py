"""Hosts as people see them."""

from typing import Literal

from pydantic import Field

from app.master.wire.pages import PageOut, SortedQuery
from app.quota.values import DeviceKind, QuotaState
from app.web.quota_rows import AccountingOut, CapabilitiesOut, DeviceProblemOut, UsageOut
from app.web.wire import Instant, Out, no_default

HostState = Literal["ok", "stale", "never", "suspended"]
FetchProblemCode = Literal[
    "refused", "timeout", "unauthorized", "garbage", "too_large", "redirected", "tls", "http_error"
]


class HostsQuery(SortedQuery):
    """Filters of the list of hosts."""

    sortable = ("id", "label", "state", "taken_at")
    state: HostState | None = None


class HostProblemOut(Out):
    """Why the last reading of a host failed, and since when readings fail."""

    code: FetchProblemCode
    detail: str
    since: Instant


class EnrolmentOut(Out):
    """How a host that was added in the dashboard stands with its keys."""

    state: Literal["waiting", "expired", "unconfirmed", "enrolled", "keys_lost"] = Field(
        description="waiting for its code, which may have expired; keys not confirmed by a reading yet; enrolled; keys"
        " that do not open"
    )
    code_expires_at: Instant | None = Field(description="Until when its newest code can be used; null: there is none")
    keys_at: Instant | None = Field(description="Since when its keys are in use")
    rotation: Literal["confirming", "dropping"] | None = Field(description="The step of an unfinished rotation")
    in_settings: bool = Field(description="The settings name a host of this id too, and win")


class HostOut(Out):
    """A host, and how fresh what we know of it is."""

    id: str
    label: str
    url: str
    state: HostState
    taken_at: Instant | None = Field(description="When the last good reading was taken")
    age_seconds: int | None
    problem: HostProblemOut | None
    devices: int
    version: str | None
    enrolment: EnrolmentOut | None = Field(
        default=None, json_schema_extra=no_default, description="Null for a host of the settings"
    )


class StandstillOut(Out):
    """No host is read at all, whatever the hosts do."""

    reason: Literal["not_planned", "no_worker", "stalled"] = Field(
        description="no server plans readings; they are sent to a broker, and nobody carries them out; they are planned"
        " without a broker, and none is stored"
    )
    since: Instant = Field(description="When the last reading began, or this server if that was later")


class HostsOut(PageOut):
    """A page of hosts."""

    items: list[HostOut]
    standstill: StandstillOut | None = Field(
        default=None, json_schema_extra=no_default, description="Null while any host is read"
    )


class HostDeviceOut(Out):
    """A device of a host, without its rows."""

    name: str
    kind: DeviceKind
    fstype: str
    mount_points: list[str]
    status: Literal["ok", "failed"]
    problem: DeviceProblemOut | None
    capabilities: CapabilitiesOut
    user_quota_state: QuotaState | None = Field(default=None, json_schema_extra=no_default)
    group_quota_state: QuotaState | None = Field(default=None, json_schema_extra=no_default)
    project_quota_state: QuotaState | None = Field(default=None, json_schema_extra=no_default)
    accounting: AccountingOut | None = Field(default=None, json_schema_extra=no_default)
    usage: UsageOut | None
    unattributed_usage: int | None
    measured_at: Instant
    quotas: int = Field(description="Number of quota rows")
    worst_percent: float | None = Field(description="Percent of the fullest quota")


class HostDetailOut(HostOut):
    """A host with its devices."""

    device_list: list[HostDeviceOut]


class RefreshOut(Out):
    """A reading was asked for; the host's `taken_at` changes when it came in."""

    requested_at: Instant
