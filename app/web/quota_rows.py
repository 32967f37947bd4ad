"""The quota rows: the one shape in which devices and quotas travel from slaves to the master and to scripts.

The convention is that of quotactl(2) and pyquota: block limits in KiB, block usage in bytes, 0 for unlimited,
grace expiry as Unix seconds or 0.
"""

from collections.abc import Container, Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from app.quota.defaults import LimitSet
from app.quota.status import QuotaStatus, quota_status
from app.quota.units import KIB, MAX_BLOCK_LIMIT_KIB, MAX_INODE_LIMIT, bytes_from_kib, count_from_wire, kib_from_bytes
from app.quota.values import (
    CURRENT,
    AccountingState,
    Capabilities,
    Device,
    DeviceKind,
    DeviceUsage,
    GracePeriods,
    Limits,
    Quota,
    QuotaState,
    QuotaType,
)
from app.web.wire import MAX_ID, In, Instant, Out, no_default

ID_FIELD: Mapping[QuotaType, str] = {QuotaType.USER: "uid", QuotaType.GROUP: "gid", QuotaType.PROJECT: "project_id"}

AnyId = Annotated[int, Field(ge=0, le=MAX_ID)]
KibLimit = Annotated[int, Field(ge=0, le=MAX_BLOCK_LIMIT_KIB, description="Limit in KiB; 0 is unlimited")]
Int64 = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
"""What the kernel counts with, and databases keep."""
CountLimit = Annotated[int, Field(ge=0, le=MAX_INODE_LIMIT, description="Number of files; 0 is unlimited")]


class LimitsIn(In):
    """Limits to set; a missing one stays as it is."""

    block_soft_limit: KibLimit = Field(default=0, json_schema_extra=no_default)
    block_hard_limit: KibLimit = Field(default=0, json_schema_extra=no_default)
    inode_soft_limit: CountLimit = Field(default=0, json_schema_extra=no_default)
    inode_hard_limit: CountLimit = Field(default=0, json_schema_extra=no_default)

    def applied_to(self, block: Limits, inode: Limits) -> tuple[Limits, Limits]:
        """The limits in bytes and counts that would stand: the given ones over those that stand now."""
        given = self.model_fields_set
        return (
            Limits(
                bytes_from_kib(self.block_soft_limit) if "block_soft_limit" in given else block.soft,
                bytes_from_kib(self.block_hard_limit) if "block_hard_limit" in given else block.hard,
            ),
            Limits(
                count_from_wire(self.inode_soft_limit) if "inode_soft_limit" in given else inode.soft,
                count_from_wire(self.inode_hard_limit) if "inode_hard_limit" in given else inode.hard,
            ),
        )


class LimitsOut(Out):
    """The four limits of an id."""

    block_soft_limit: int = Field(ge=0, le=MAX_BLOCK_LIMIT_KIB, description="KiB, 0 is unlimited")
    block_hard_limit: int = Field(ge=0, le=MAX_BLOCK_LIMIT_KIB, description="KiB, 0 is unlimited")
    inode_soft_limit: int = Field(ge=0, le=MAX_INODE_LIMIT, description="0 is unlimited")
    inode_hard_limit: int = Field(ge=0, le=MAX_INODE_LIMIT, description="0 is unlimited")


class CapabilitiesOut(Out):
    """What a device can do."""

    quota_types: list[QuotaType]
    soft_limits: bool
    inode_limits: bool
    grace_periods: bool
    enforced_by_kernel: bool


class UsageOut(Out):
    """Space of a device in bytes."""

    free: int
    used: int
    total: int
    percent: Annotated[float, Field(allow_inf_nan=False)]


class GraceOut(Out):
    """Grace periods in seconds; 0 where the backend has none."""

    block_grace: int = 0
    inode_grace: int = 0
    flags: int = 0


class AccountingOut(Out):
    """How far to trust the figures of a device; absent where they are always right."""

    state: AccountingState
    delay_seconds: int = Field(description="By so much the figures may lag; taken off `measured_at` already")


class DeviceProblemOut(Out):
    """Why a device could not be read, and since when."""

    code: str
    detail: str
    since: Instant | None = None


class _RowOut(Out):
    name: str
    status: QuotaStatus
    block_current: Int64
    block_soft_limit: Int64
    block_hard_limit: Int64
    block_time_limit: Int64
    inode_current: Int64
    inode_soft_limit: int
    inode_hard_limit: int
    inode_time_limit: Int64
    limits_source: Literal["own", "default"] = "own"
    docker_container_bytes: int = Field(default=0, json_schema_extra=no_default)
    docker_image_layer_bytes: int = Field(default=0, json_schema_extra=no_default)
    docker_volume_bytes: int = Field(default=0, json_schema_extra=no_default)
    docker_build_cache_bytes: int = Field(default=0, json_schema_extra=no_default)


class UserRowOut(_RowOut):
    """A user's quota on one device."""

    uid: AnyId


class GroupRowOut(_RowOut):
    """A group's quota on one device."""

    gid: AnyId


class ProjectRowOut(_RowOut):
    """A project's quota on one device."""

    project_id: AnyId


class DeviceOut(Out):
    """A device with its quotas. A failed one has its problem and no rows; if it does not answer, its last good ones."""

    name: str
    kind: DeviceKind
    fstype: str
    mount_points: list[str]
    opts: list[str]
    status: Literal["ok", "failed"]
    measured_at: Instant
    capabilities: CapabilitiesOut
    problem: DeviceProblemOut | None = Field(default=None, json_schema_extra=no_default)
    usage: UsageOut | None = Field(default=None, json_schema_extra=no_default)
    unattributed_usage: int | None = Field(default=None, json_schema_extra=no_default)
    estimated: bool = Field(default=False, json_schema_extra=no_default)
    accounting: AccountingOut | None = Field(default=None, json_schema_extra=no_default)
    user_quota_state: QuotaState | None = Field(default=None, json_schema_extra=no_default)
    user_quota_format: str = Field(default="", json_schema_extra=no_default)
    user_quota_info: GraceOut | None = Field(default=None, json_schema_extra=no_default)
    user_default_limits: LimitsOut | None = Field(default=None, json_schema_extra=no_default)
    user_quotas: list[UserRowOut] = Field(default=[], json_schema_extra=no_default)
    group_quota_state: QuotaState | None = Field(default=None, json_schema_extra=no_default)
    group_quota_format: str = Field(default="", json_schema_extra=no_default)
    group_quota_info: GraceOut | None = Field(default=None, json_schema_extra=no_default)
    group_default_limits: LimitsOut | None = Field(default=None, json_schema_extra=no_default)
    group_quotas: list[GroupRowOut] = Field(default=[], json_schema_extra=no_default)
    project_quota_state: QuotaState | None = Field(default=None, json_schema_extra=no_default)
    project_quota_format: str = Field(default="", json_schema_extra=no_default)
    project_quota_info: GraceOut | None = Field(default=None, json_schema_extra=no_default)
    project_default_limits: LimitsOut | None = Field(default=None, json_schema_extra=no_default)
    project_quotas: list[ProjectRowOut] = Field(default=[], json_schema_extra=no_default)


def quota_row(
    quota: Quota, id_field: str, name: str | None, now: datetime, *, is_on_defaults: bool = False
) -> dict[str, Any]:
    """A quota as it stands on the wire, ready for JSON. `name` None becomes `#1234`."""
    on_defaults = (quota.quota_id,) if is_on_defaults else ()
    return quota_rows((quota,), id_field, {quota.quota_id: name}, now, on_defaults=on_defaults)[0]


def quota_rows(
    quotas: Iterable[Quota],
    id_field: str,
    names: Mapping[int, str | None],
    now: datetime,
    *,
    on_defaults: Container[int] = (),
) -> list[dict[str, Any]]:
    """Quotas as they stand on the wire. An id without a name becomes `#1234`; `on_defaults` have no own limits.

    A device has ten thousand of them: the KiB of `kib_from_bytes` and the status `ok` of `quota_status` are worked out
    here, which takes a third of the time of calling for them.
    """
    rows = []
    find_name, part_of_kib = names.get, KIB - 1
    for quota_id, block, inode, own_name, parts in quotas:
        used, (soft, hard), expiry = block
        inodes, (inode_soft, inode_hard), inode_expiry = inode
        is_ok = (soft is None or used <= soft) and (hard is None or used < hard)
        is_ok = is_ok and (inode_soft is None or inodes <= inode_soft) and (inode_hard is None or inodes < inode_hard)
        row: dict[str, Any] = {
            id_field: quota_id,
            "name": own_name or find_name(quota_id) or f"#{quota_id}",
            "status": "ok" if is_ok else quota_status(Quota(quota_id, block, inode), now).value,
            "block_current": used,
            "block_soft_limit": (soft + part_of_kib) // KIB if soft else 0,
            "block_hard_limit": (hard + part_of_kib) // KIB if hard else 0,
            "block_time_limit": int(expiry.timestamp()) if expiry else 0,
            "inode_current": inodes,
            "inode_soft_limit": inode_soft or 0,
            "inode_hard_limit": inode_hard or 0,
            "inode_time_limit": int(inode_expiry.timestamp()) if inode_expiry else 0,
            "limits_source": "default" if quota_id in on_defaults else "own",
        }
        if parts:
            row.update({f"docker_{part}_bytes": size for part, size in parts.items()})
        rows.append(row)
    return rows


def limit_members(limits: LimitSet) -> dict[str, int]:
    """The four limits as they stand on the wire."""
    (soft, hard), (inode_soft, inode_hard) = limits
    return {
        "block_soft_limit": kib_from_bytes(soft) if soft else 0,
        "block_hard_limit": kib_from_bytes(hard) if hard else 0,
        "inode_soft_limit": inode_soft or 0,
        "inode_hard_limit": inode_hard or 0,
    }


def device_head(device: Device) -> dict[str, Any]:
    """The members of a device that are known without touching it."""
    capabilities: Capabilities = device.capabilities
    states: dict[str, Any] = {
        f"{quota_type}_quota_state": state.value for quota_type, state in device.quota_states.items()
    }
    accounting = device.accounting
    if accounting != CURRENT:
        states["accounting"] = {"state": accounting.state.value, "delay_seconds": accounting.delay_seconds}
    return {
        **states,
        "name": device.name,
        "kind": device.kind.value,
        "fstype": device.fstype,
        "mount_points": list(device.mount_points),
        "opts": list(device.opts),
        "capabilities": {
            "quota_types": [quota_type.value for quota_type in capabilities.quota_types],
            "soft_limits": capabilities.soft_limits,
            "inode_limits": capabilities.inode_limits,
            "grace_periods": capabilities.grace_periods,
            "enforced_by_kernel": capabilities.enforced_by_kernel,
        },
    }


def usage_members(usage: DeviceUsage) -> dict[str, Any]:
    """The members of a device that say how full it is."""
    members: dict[str, Any] = {
        "usage": {"free": usage.free, "used": usage.used, "total": usage.total, "percent": usage.percent}
    }
    if usage.unattributed is not None:
        members["unattributed_usage"] = usage.unattributed
    if usage.estimated:
        members["estimated"] = True
    return members


def grace_members(periods: GracePeriods) -> dict[str, int]:
    """Grace periods as they stand on the wire."""
    return {"block_grace": periods.block_seconds, "inode_grace": periods.inode_seconds, "flags": 0}
