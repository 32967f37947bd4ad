"""The backend of ext4 and XFS: the kernel's own quotas."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from app.backends.kernel import limits as kernel_limits
from app.backends.kernel import quotactl
from app.backends.kernel.mounts import MountedDevice, devices_with_quotas, iter_mounts
from app.backends.kernel.rows import iter_as_quotas, quota_from_row
from app.quota.errors import BackendError, DeviceNotFoundError, DeviceUnavailableError, NotSupportedError
from app.quota.rules import check_id, check_limits, check_periods
from app.quota.values import Device, DeviceUsage, GracePeriods, Limits, Quota, QuotaType

_MOUNTINFO = Path("/proc/self/mountinfo")
_BLOCK_DEVICES = Path("/sys/dev/block")


class KernelBackend:
    """A `QuotaBackend` for the user and group quotas of mounted ext4 and XFS filesystems.

    Every figure is the kernel's, read anew on each call. Limits are kept in KiB by ext4 and in blocks of the
    filesystem (4 KiB) by XFS: a limit in between is raised to the next one, never lowered, and what stands is returned.
    Usage above the soft limit for which XFS has not started the timer yet has no `grace_expires_at`.
    """

    name = "kernel"

    def __init__(self, mountinfo: Path = _MOUNTINFO) -> None:
        self._mountinfo = mountinfo
        self._seen: set[str] = set()
        self._formats: dict[tuple[str, int, QuotaType], str] = {}

    def list_devices(self) -> Sequence[Device]:
        """See `QuotaBackend`. What is mounted now with quotas switched on by mount options."""
        return [self._with_formats(mounted) for mounted in self._mounted()]

    def get_usage(self, device: str) -> DeviceUsage:
        """See `QuotaBackend`. `free` is what users may still write: without the blocks reserved for root."""
        mounted = self._find(device)
        for mount_point in mounted.device.mount_points:
            figures = _statvfs_on(mount_point, mounted.number)
            if figures is not None:
                unit = figures.f_frsize
                used = (figures.f_blocks - figures.f_bfree) * unit
                return DeviceUsage(used, figures.f_bavail * unit, figures.f_blocks * unit)
        raise DeviceUnavailableError(f"{device} cannot be reached at any of its mount points.")

    def iter_quotas(self, device: str, quota_type: QuotaType) -> Iterator[Quota]:
        """See `QuotaBackend`."""
        found = self._find_for(device, quota_type)
        return iter_as_quotas(quotactl.iter_rows(device, quota_type), found.fstype)

    def get_quota(self, device: str, quota_type: QuotaType, quota_id: int) -> Quota:
        """See `QuotaBackend`."""
        found = self._find_for(device, quota_type)
        check_id(quota_id)
        return quota_from_row(quotactl.get_row(device, quota_type, quota_id), found.fstype)

    def set_limits(self, device: str, quota_type: QuotaType, quota_id: int, *, block: Limits, inode: Limits) -> Quota:
        """See `QuotaBackend`. NotSupportedError: id 0 on XFS, where its limits are everybody's defaults.

        Limits that stand already are not set again, because ext4 restarts the grace period of what is set.
        DeviceUnavailableError also when the kernel took the limits and others stand.
        """
        found = self._find_for(device, quota_type)
        check_id(quota_id)
        kernel_limits.check_holds(found, quota_type, block, inode)
        check_limits(block, inode)
        if quota_id == 0 and found.fstype == "xfs":
            raise NotSupportedError("XFS takes the limits of id 0 for the default limits of everybody.")
        before = quotactl.get_row(device, quota_type, quota_id)
        wanted = kernel_limits.row_with(before, block, inode)
        block_changes, inode_changes = wanted[:2] != before[:2], wanted[3:5] != before[3:5]
        if block_changes or inode_changes:
            quotactl.set_row(device, quota_type, wanted, block=block_changes, inode=inode_changes)
        stands = quotactl.get_row(device, quota_type, quota_id)
        kernel_limits.check_stands(found, wanted, stands)
        return quota_from_row(stands, found.fstype)

    def get_grace_periods(self, device: str, quota_type: QuotaType) -> GracePeriods:
        """See `QuotaBackend`."""
        self._find_for(device, quota_type)
        return quotactl.get_periods(device, quota_type)

    def set_grace_periods(self, device: str, quota_type: QuotaType, periods: GracePeriods) -> None:
        """See `QuotaBackend`. Timers that run keep their instant."""
        self._find_for(device, quota_type)
        check_periods(periods)
        quotactl.set_periods(device, quota_type, periods)

    def _mounted(self) -> list[MountedDevice]:
        try:
            text = self._mountinfo.read_text(encoding="utf-8", errors="surrogateescape")
        except OSError as error:
            raise BackendError(f"The mounts of this host cannot be read: {error.strerror}.") from error
        found = devices_with_quotas(iter_mounts(text), _block_device_name)
        self._seen.update(mounted.device.name for mounted in found)
        return found

    def _find(self, device: str) -> MountedDevice:
        for mounted in self._mounted():
            if mounted.device.name == device:
                return mounted
        if device in self._seen:
            raise DeviceUnavailableError(f"{device} is not mounted with quotas any more.")
        raise DeviceNotFoundError(f"No filesystem with quotas is mounted from {device!r}.")

    def _find_for(self, device: str, quota_type: QuotaType) -> Device:
        found = self._with_formats(self._find(device))
        if quota_type not in found.capabilities.quota_types:
            raise NotSupportedError(f"{device} has no {quota_type} quotas that can be read.")
        return found

    def _with_formats(self, mounted: MountedDevice) -> Device:
        """The device with the quota formats that its mount options do not tell, asked of the kernel once."""
        device = mounted.device
        formats = dict(device.quota_formats)
        for quota_type in device.capabilities.quota_types:
            if quota_type not in formats:
                key = (device.name, mounted.number, quota_type)
                found = self._formats.get(key) or quotactl.find_format(device.name, quota_type)
                if found is not None:
                    self._formats[key] = formats[quota_type] = found
        return replace(device, quota_formats=formats)


def _statvfs_on(mount_point: str, number: int) -> os.statvfs_result | None:
    """The figures of the filesystem there, None when it is not this device: unmounted or hidden by another mount."""
    try:
        directory = os.open(mount_point, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return os.fstatvfs(directory) if os.fstat(directory).st_dev == number else None
    except OSError:
        return None
    finally:
        os.close(directory)


def _block_device_name(number: int) -> str | None:
    entry = _BLOCK_DEVICES / f"{os.major(number)}:{os.minor(number)}"
    return f"/dev/{entry.resolve().name.replace('!', '/')}" if entry.exists() else None
