"""The backend of ext4 and XFS: the kernel's own quotas."""

import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from app.backends.aside import AskedAside
from app.backends.kernel import limits as kernel_limits
from app.backends.kernel import quotactl
from app.backends.kernel.devices import KernelDevice, believed_device, block_device_names, find_kernel_device
from app.backends.kernel.mounts import FSTYPES, MountedDevice, MountKey, mounted_devices
from app.backends.kernel.opening import opened
from app.backends.kernel.rows import iter_as_quotas, quota_from_row
from app.backends.mountinfo import MOUNTINFO, read_mounts
from app.quota.errors import (
    BackendForbiddenError,
    DeviceNotFoundError,
    DeviceUnavailableError,
    NotSupportedError,
)
from app.quota.rules import check_id, check_limits, check_periods
from app.quota.values import Device, DeviceUsage, GracePeriods, Limits, Quota, QuotaType


class KernelBackend:
    """A `QuotaBackend` for the user, group and project quotas of mounted ext4 and XFS filesystems.

    Every figure is the kernel's, read anew on each call. Limits are kept in KiB by ext4 and in blocks of the
    filesystem (4 KiB) by XFS: a limit in between is raised to the next one, never lowered, and what stands is returned.
    Usage above the soft limit for which XFS has not started the timer yet has no `grace_expires_at`.
    """

    name = "kernel"

    def __init__(self, mountinfo: Path = MOUNTINFO) -> None:
        self._mountinfo = mountinfo
        self._seen: set[str] = set()
        self._aside: AskedAside[MountKey, KernelDevice | None] = AskedAside("kernel listing")

    def list_devices(self) -> Sequence[Device]:
        """See `QuotaBackend`. What is mounted now, and the kernel counts or mount options say that it should.

        The kernel answers from memory, but not while a mount of the device is under way (mount(2) holds `s_umount`): of
        a device whose mount hangs, the options are believed.
        """
        mounted = self._mounted()
        answers = self._aside.ask({each.key: partial(find_kernel_device, each) for each in mounted})
        asked = (answers[each.key] if each.key in answers else believed_device(each) for each in mounted)
        found = [each for each in asked if each is not None]
        self._seen.update(each.device.name for each in found)
        return [each.device for each in found]

    def get_usage(self, device: str) -> DeviceUsage:
        """See `QuotaBackend`. `free` is what users may still write: without the blocks reserved for root.

        DeviceUnavailableError also when all its quotas are switched off.
        """
        found = self._find(device)
        found.check_any_readable()
        try:
            with opened(found.mounted) as descriptor:
                figures = os.fstatvfs(descriptor)
        except PermissionError as error:
            raise BackendForbiddenError(
                f"This process may not look at {error.filename!r}: CAP_DAC_READ_SEARCH is needed."
            ) from error
        except OSError as error:
            raise DeviceUnavailableError(f"{device} cannot be reached at any of its mount points.") from error
        unit = figures.f_frsize
        used = (figures.f_blocks - figures.f_bfree) * unit
        return DeviceUsage(used, figures.f_bavail * unit, figures.f_blocks * unit)

    def iter_quotas(self, device: str, quota_type: QuotaType) -> Iterator[Quota]:
        """See `QuotaBackend`."""
        found = self._find_for(device, quota_type)
        return iter_as_quotas(quotactl.iter_rows(found.path, quota_type, found.mounted), found.device.fstype)

    def get_quota(self, device: str, quota_type: QuotaType, quota_id: int) -> Quota:
        """See `QuotaBackend`."""
        found = self._find_for(device, quota_type)
        check_id(quota_id)
        return quota_from_row(quotactl.get_row(found.path, quota_type, quota_id), found.device.fstype)

    def set_limits(self, device: str, quota_type: QuotaType, quota_id: int, *, block: Limits, inode: Limits) -> Quota:
        """See `QuotaBackend`. NotSupportedError: id 0 on XFS, where its limits are everybody's defaults.

        Limits that stand already are not set again, because ext4 restarts the grace period of what is set.
        DeviceUnavailableError also when the kernel took the limits and others stand.
        """
        found = self._find_for(device, quota_type)
        check_id(quota_id)
        fstype = found.device.fstype
        kernel_limits.check_holds(found.device, quota_type, block, inode)
        check_limits(block, inode)
        if quota_id == 0 and fstype == "xfs":
            raise NotSupportedError("XFS takes the limits of id 0 for the default limits of everybody.")
        before = quotactl.get_row(found.path, quota_type, quota_id)
        wanted = kernel_limits.row_with(before, block, inode)
        block_changes, inode_changes = wanted[:2] != before[:2], wanted[3:5] != before[3:5]
        if block_changes or inode_changes:
            quotactl.set_row(found.path, quota_type, wanted, block=block_changes, inode=inode_changes)
        stands = quotactl.get_row(found.path, quota_type, quota_id)
        kernel_limits.check_stands(found.device, wanted, stands)
        return quota_from_row(stands, fstype)

    def get_grace_periods(self, device: str, quota_type: QuotaType) -> GracePeriods:
        """See `QuotaBackend`."""
        return quotactl.get_periods(self._find_for(device, quota_type).path, quota_type)

    def set_grace_periods(self, device: str, quota_type: QuotaType, periods: GracePeriods) -> None:
        """See `QuotaBackend`. Timers that run keep their instant."""
        found = self._find_for(device, quota_type)
        check_periods(periods)
        quotactl.set_periods(found.path, quota_type, periods)

    def _mounted(self) -> list[MountedDevice]:
        return mounted_devices(read_mounts(FSTYPES, self._mountinfo), block_device_names)

    def _find(self, name: str) -> KernelDevice:
        for mounted in self._mounted():
            if mounted.name == name:
                found = find_kernel_device(mounted)
                if found is not None:
                    self._seen.add(name)
                    return found
        if name in self._seen:
            raise DeviceUnavailableError(f"{name} is not mounted with quotas any more.")
        raise DeviceNotFoundError(f"No filesystem with quotas is mounted from {name!r}.")

    def _find_for(self, name: str, quota_type: QuotaType) -> KernelDevice:
        found = self._find(name)
        found.check_readable(quota_type)
        return found
