"""Reading and setting quotas in the kernel, with the errors of `app.quota`: quotactl(2) by `syscall`."""

import errno
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from app.backends.kernel import syscall
from app.backends.kernel.mounts import MountedDevice
from app.backends.kernel.opening import opened
from app.backends.kernel.syscall import QuotaRow
from app.quota.errors import (
    BackendForbiddenError,
    DeviceUnavailableError,
    InvalidInputError,
    QmanError,
)
from app.quota.values import GracePeriods, QuotaState, QuotaType

_ROWS_AT_ONCE = 500

_REASONS = {
    errno.ENODEV: "It is not mounted.",
    errno.ENOENT: "There is no such device.",
    errno.ENOTBLK: "It is not a block device.",
    errno.ESRCH: "Its quotas are switched off.",
    errno.ENOSYS: "Its quotas are switched off, or this kernel has none.",
    errno.EROFS: "It is mounted read-only.",
    errno.EIO: "Reading or writing it failed.",
}


def iter_rows(device: str, quota_type: QuotaType, mounted: MountedDevice | None = None) -> Iterator[QuotaRow]:
    """Every id that the kernel knows on the device, ascending. DeviceUnavailableError, also in the middle.

    Faster where `mounted` tells at which mount points the device is reached and the kernel has quotactl_fd(2); whatever
    fails on that way is asked again by the device's path.
    """
    start = 0
    if mounted is not None:
        try:
            while rows := _next_rows(mounted, quota_type, start):
                yield from rows
                start = rows[-1][8] + 1
        except OSError:
            pass
        else:
            return
    try:
        yield from syscall.iter_quotas(device, quota_type, start)
    except OSError as error:
        raise _translated(error, device) from error
    if not Path(device).exists():
        raise DeviceUnavailableError(f"The quotas of {device} cannot be reached now. {_REASONS[errno.ENOENT]}")


def _next_rows(mounted: MountedDevice, quota_type: QuotaType, start: int) -> list[QuotaRow]:
    """Nothing stays open between the rows of one call and of the next: the device can be unmounted."""
    with opened(mounted) as descriptor:
        return list(islice(syscall.iter_quotas_by_mount(descriptor, quota_type, start), _ROWS_AT_ONCE))


def get_row(device: str, quota_type: QuotaType, quota_id: int) -> QuotaRow:
    """The id's row; zeros for an id that the device never saw, for which XFS says ENOENT. DeviceUnavailableError."""
    try:
        return syscall.get_quota(device, quota_type, quota_id)
    except OSError as error:
        if error.errno == errno.ENOENT and Path(device).exists():
            return (0, 0, 0, 0, 0, 0, 0, 0, quota_id)
        raise _translated(error, device) from error


def set_row(device: str, quota_type: QuotaType, row: QuotaRow, *, block: bool, inode: bool) -> None:
    """Set the row's limits of blocks, of inodes, or both. InvalidInputError, DeviceUnavailableError."""
    valid = syscall.QIF_BLIMITS * block | syscall.QIF_ILIMITS * inode
    try:
        syscall.set_quota(device, quota_type, row, valid)
    except OSError as error:
        raise _translated(error, device) from error


def get_periods(device: str, quota_type: QuotaType) -> GracePeriods:
    """The device's grace periods. DeviceUnavailableError."""
    try:
        return GracePeriods(*syscall.get_grace_seconds(device, quota_type))
    except OSError as error:
        raise _translated(error, device) from error


def set_periods(device: str, quota_type: QuotaType, periods: GracePeriods) -> None:
    """Set the device's grace periods. DeviceUnavailableError."""
    try:
        syscall.set_grace_seconds(device, quota_type, periods.block_seconds, periods.inode_seconds)
    except OSError as error:
        raise _translated(error, device) from error


def find_format(device: str, quota_type: QuotaType) -> str | None:
    """The name of the device's quota format; None where it has none or does not say."""
    try:
        return syscall.get_format(device, quota_type)
    except OSError:
        return None


def find_states(device: str) -> Mapping[QuotaType, QuotaState] | None:
    """The quota types that the kernel keeps on the device, empty when all are off; None where it cannot be asked."""
    try:
        return syscall.get_states(device)
    except OSError as error:
        return {} if error.errno == errno.ENOSYS else None


def _translated(error: OSError, device: str) -> QmanError:
    if error.errno in (errno.EPERM, errno.EACCES):
        return BackendForbiddenError(
            f"This process may not read or set the quotas of {device}: CAP_SYS_ADMIN is needed, and no SystemCallFilter"
            " of systemd may forbid quotactl."
        )
    if error.errno == errno.ERANGE:
        return InvalidInputError(f"The quota format of {device} cannot hold such a limit.")
    reason = _REASONS.get(error.errno or 0, f"The kernel says: {error.strerror}.")
    return DeviceUnavailableError(f"The quotas of {device} cannot be reached now. {reason}")
