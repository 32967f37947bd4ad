"""The backend of Btrfs: the qgroups of users' own subvolumes."""

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from app.backends.btrfs import ioctls, trees
from app.backends.btrfs.accounting import AccountingWatch
from app.backends.btrfs.filesystems import SYSFS, Filesystem, find_filesystems
from app.backends.btrfs.memory import Memory
from app.backends.btrfs.opening import opened
from app.backends.btrfs.patterns import MOUNT, user_names
from app.backends.btrfs.reading import Reading, read_counted
from app.backends.btrfs.shares import LimitKind, UidsOf, subvolumes_by_uid
from app.backends.mountinfo import MOUNTINFO, Mount, read_mounts, shown
from app.quota.errors import BackendError, DeviceNotFoundError, DeviceUnavailableError, NotSupportedError
from app.quota.rules import check_id, check_limits, check_range, check_supported
from app.quota.units import MAX_INODE_LIMIT
from app.quota.values import Device, DeviceUsage, GracePeriods, Limits, Quota, QuotaType

_MOST_BYTES = 2**63 - 1
"""Above, the kernel's sums of usage and what is being written would overflow; 2⁶⁴−1 is no limit."""
_FLAGS: Mapping[LimitKind, int] = {"referenced": ioctls.LIMIT_REFERENCED, "exclusive": ioctls.LIMIT_EXCLUSIVE}
_LOOKS = 2


class BtrfsBackend:
    """A `QuotaBackend` for mounted Btrfs filesystems with quotas switched on.

    A user's quota is that of the subvolumes that are the user's, see `subvolumes_by_uid`. Every figure is the
    kernel's, read anew on each call, as of the last commit of the filesystem. Whose a subvolume is may be remembered
    for some seconds, see `Memory`. Limits are exact to the byte.
    """

    name = "btrfs"

    def __init__(
        self,
        patterns: Sequence[str],
        uids_of: UidsOf,
        kind: LimitKind = "referenced",
        *,
        mountinfo: Path = MOUNTINFO,
        sysfs: Path = SYSFS,
        watch: AccountingWatch | None = None,
        memory: Memory | None = None,
    ) -> None:
        """`patterns`: see `user_names`. `kind`: whether shared extents count for each who refers to them."""
        self._patterns = tuple(patterns)
        self._uids_of = uids_of
        self._kind: LimitKind = kind
        self._mountinfo = mountinfo
        self._sysfs = sysfs
        self._watch = watch or AccountingWatch()
        self._memory = memory or Memory()
        self._seen: set[str] = set()

    def list_devices(self) -> Sequence[Device]:
        """See `QuotaBackend`. Whether a rescan runs is asked aside, see `AccountingWatch`."""
        return self._watch.described(self._filesystems())

    def get_usage(self, device: str) -> DeviceUsage:
        """See `QuotaBackend`."""
        with opened(self._find(device)) as directory:
            figures = os.fstatvfs(directory)
        unit = figures.f_frsize
        used = (figures.f_blocks - figures.f_bfree) * unit
        return DeviceUsage(used, min(figures.f_bavail, figures.f_bfree) * unit, figures.f_blocks * unit)

    def iter_quotas(self, device: str, quota_type: QuotaType) -> Iterator[Quota]:
        """See `QuotaBackend`. One row for each user who has a subvolume."""
        found = self._find_for(device, quota_type)
        with opened(found) as directory:
            reading = self._read(found, directory)
        return iter([reading.quota(uid, self._kind) for uid in sorted(reading.shares)])

    def get_quota(self, device: str, quota_type: QuotaType, quota_id: int) -> Quota:
        """See `QuotaBackend`. Who has no subvolume has no usage and no limits."""
        found = self._find_for(device, quota_type)
        check_id(quota_id)
        with opened(found) as directory:
            return self._read_one(found, directory, quota_id).quota(quota_id, self._kind)

    def set_limits(self, device: str, quota_type: QuotaType, quota_id: int, *, block: Limits, inode: Limits) -> Quota:
        """See `QuotaBackend`. NotSupportedError: root, and a user who has no subvolume or several.

        DeviceUnavailableError also when the kernel took the limit and another stands.
        """
        found = self._find_for(device, quota_type)
        check_id(quota_id)
        check_range(block, inode, most_block_bytes=_MOST_BYTES, most_inodes=MAX_INODE_LIMIT)
        check_limits(block, inode)
        check_supported(found.device.capabilities, block, inode)
        with opened(found) as directory:
            reading = self._read_one(found, directory, quota_id)
            subvolume_id = self._only_subvolume(found, reading, quota_id)
            if reading.quota(quota_id, self._kind).block.limits != block:
                wanted = ioctls.NO_LIMIT if block.hard is None else block.hard
                ioctls.set_limit(directory, subvolume_id, flag=_FLAGS[self._kind], limit=wanted)
            stands = self._read_one(found, directory, quota_id).quota(quota_id, self._kind)
        if stands.block.limits != block:
            raise DeviceUnavailableError(f"{device} took the limit of id {quota_id}, and another stands there.")
        return stands

    def get_grace_periods(self, device: str, quota_type: QuotaType) -> GracePeriods:
        """See `QuotaBackend`. There are none."""
        self._find_for(device, quota_type)
        raise NotSupportedError("Btrfs has no soft limits, so no grace periods.")

    def set_grace_periods(self, device: str, quota_type: QuotaType, periods: GracePeriods) -> None:
        """See `QuotaBackend`. There are none."""
        del periods
        self.get_grace_periods(device, quota_type)

    def _read(self, found: Filesystem, directory: int) -> Reading:
        names_in = user_names(self._patterns, found.mounts)

        def look() -> Reading:
            contents = trees.read_contents(directory)
            find_owner = partial(trees.find_owner, directory)
            return Reading(contents, subvolumes_by_uid(contents.paths, names_in, self._uids_of, find_owner))

        read_at = self._memory.now()
        reading = read_counted(look, found.device.name)
        self._memory.keep(found, reading, read_at)
        return reading

    def _read_one(self, found: Filesystem, directory: int, uid: int) -> Reading:
        """Enough for this user's quota."""
        return self._memory.find(found, directory, uid) or self._read(found, directory)

    def _only_subvolume(self, found: Filesystem, reading: Reading, uid: int) -> int:
        name, subvolumes = found.device.name, reading.shares.get(uid, ())
        if uid == 0:
            raise NotSupportedError("Btrfs holds root to its limits, which would stop the system.")
        if not subvolumes:
            where = " or ".join(pattern.replace(MOUNT, found.device.mount_points[0]) for pattern in self._patterns)
            raise NotSupportedError(f"Id {uid} has no subvolume on {name}: make one first, at {where}.")
        if len(subvolumes) > 1:
            paths = reading.paths(uid)
            raise NotSupportedError(f"Id {uid} has several subvolumes on {name}, each with its own limit: {paths}.")
        return subvolumes[0]

    def _filesystems(self) -> list[Filesystem]:
        unknown: list[Mount] = []
        for _ in range(_LOOKS):  # a filesystem may have been unmounted between the looks at mounts and sysfs
            found, unknown = find_filesystems(read_mounts(("btrfs",), self._mountinfo), self._sysfs)
            if not unknown:
                self._seen.update(filesystem.device.name for filesystem in found)
                return found
        mount = unknown[0]
        raise BackendError(f"{shown(mount.source)}, mounted at {shown(mount.mount_point)}, is not in {self._sysfs}.")

    def _find(self, device: str) -> Filesystem:
        for filesystem in self._filesystems():
            if filesystem.device.name == device:
                return filesystem
        if device in self._seen:
            raise DeviceUnavailableError(
                f"{device} is not mounted any more, or its quotas are off (`btrfs quota enable` switches them on)."
            )
        raise DeviceNotFoundError(f"No Btrfs filesystem with quotas is mounted from {device!r}.")

    def _find_for(self, device: str, quota_type: QuotaType) -> Filesystem:
        found = self._find(device)
        if quota_type not in found.device.capabilities.quota_types:
            raise NotSupportedError(f"{device} has quotas of users only.")
        return found
