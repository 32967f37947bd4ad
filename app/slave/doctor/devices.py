"""What backends say of their devices: nothing there, failing, switched off, only counted, figures not to be trusted."""

from collections.abc import Iterator, Sequence

from app.quota.errors import BackendForbiddenError, QmanError
from app.quota.values import AccountingState, Device, DeviceKind, QuotaState, QuotaType
from app.slave.doctor.findings import Finding, error, quoted, warning

_FLAGS = {QuotaType.USER: "u", QuotaType.GROUP: "g", QuotaType.PROJECT: "P"}
_XFS_FLAGS = {QuotaType.USER: "u", QuotaType.GROUP: "g", QuotaType.PROJECT: "p"}
_TOLD_NOT_ENFORCED = {QuotaType.GROUP: "gqnoenforce", QuotaType.PROJECT: "pqnoenforce"}


def of_backend(name: str, problem: QmanError) -> Finding:
    """A backend that cannot list its devices."""
    return error(
        "backend_failed",
        name,
        found=problem.detail,
        why=f"The slave shows no device of {name}, and serves those that it knew as failed.",
        mend=f"repair what is named here, or switch {name} off in the settings",
    )


def of_no_devices(names: Sequence[str]) -> Finding:
    """No backend failed, and none has a device."""
    return error(
        "no_devices",
        "this host",
        found=f"no device has quotas (asked: {', '.join(names)})",
        why="There is nothing for this slave to serve.",
        mend="mount with usrquota (ext4) or uquota (XFS), btrfs quota enable, or another backend in the settings",
    )


def of_problem(device: Device, problem: QmanError, *, is_capable: bool) -> Iterator[Finding]:
    """A device that is listed and cannot be read. Without the capability the process is to blame, not the device."""
    if isinstance(problem, BackendForbiddenError) and not is_capable:
        return
    if any(state is QuotaState.OFF for state in device.quota_states.values()):
        return  # `of_states` says so
    yield error(
        "device_failed",
        device.name,
        found=problem.detail,
        why="The slave shows the device as failed, with its last figures.",
        mend="dmesg --level err,warn | tail -n 30",
    )


def of_states(device: Device, *, has_quota_file: bool) -> Iterator[Finding]:
    """Quotas that are off, and quotas that are counted and not enforced. `has_quota_file`: ext4's aquota.user."""
    mount_point = device.mount_points[0] if device.mount_points else device.name
    off = [its for its, state in device.quota_states.items() if state is QuotaState.OFF]
    if off:
        types, make = " and ".join(off), error if QuotaType.USER in off else warning
        yield make(
            "quota_off",
            device.name,
            found=f"{types} quotas are switched off on {mount_point}",
            why="Nothing is counted and no limit holds, although the mount options ask for it.",
            mend=_switch_on(device, mount_point, off, has_quota_file=has_quota_file),
        )
    counted = [its for its, state in device.quota_states.items() if _is_wrongly_counted(device, its, state)]
    if counted:
        types, make = " and ".join(counted), error if QuotaType.USER in counted else warning
        yield make(
            "quota_not_enforced",
            device.name,
            found=f"{types} quotas are counted and not enforced on {mount_point}",
            why="Limits can be set, and nobody is held to them.",
            mend=_enforce(device, mount_point, counted),
        )


def of_accounting(device: Device) -> Iterator[Finding]:
    """Figures that are wrong until somebody has them counted anew."""
    if device.accounting.state is AccountingState.INCONSISTENT:
        mount_point = device.mount_points[0] if device.mount_points else device.name
        is_btrfs = device.kind is DeviceKind.BTRFS
        yield error(
            "accounting_inconsistent",
            device.name,
            found=f"the figures of {mount_point} are marked as inconsistent",
            why="Usage is wrong by an unknown amount, and so is what limits are compared with.",
            mend=f"btrfs quota rescan -w {quoted(mount_point)}"
            if is_btrfs
            else f"quotacheck -um {quoted(mount_point)}",
        )


def _is_wrongly_counted(device: Device, quota_type: QuotaType, state: QuotaState) -> bool:
    """ext4 with the quota feature counts groups and projects unasked: that alone is nothing wrong."""
    if state is not QuotaState.NOT_ENFORCED:
        return False
    return quota_type is QuotaType.USER or _TOLD_NOT_ENFORCED[quota_type] in device.opts


def _switch_on(device: Device, mount_point: str, types: Sequence[QuotaType], *, has_quota_file: bool) -> str:
    where = quoted(mount_point)
    if "ro" in device.opts:
        return f"mount -o remount,rw {where}"
    if device.fstype == "xfs":
        return f"umount {where} && mount -o uquota {quoted(device.name)} {where}   # uquota in /etc/fstab too"
    if device.kind is DeviceKind.BTRFS:
        return f"btrfs quota enable {where}"
    flags = "".join(_FLAGS[its] for its in types)
    on = f"quotaon -{flags} {where}"
    return on if has_quota_file or QuotaType.PROJECT in types else f"quotacheck -{flags}cm {where} && {on}"


def _enforce(device: Device, mount_point: str, types: Sequence[QuotaType]) -> str:
    if device.fstype == "xfs":
        flags = "".join(_XFS_FLAGS[its] for its in types)
        return f"xfs_quota -x -c 'enable -{flags}' {quoted(mount_point)}   # uquota in /etc/fstab too"
    flags = "".join(_FLAGS[its] for its in types)
    return f"quotaon -{flags} {quoted(mount_point)}   # usrquota in /etc/fstab too"
