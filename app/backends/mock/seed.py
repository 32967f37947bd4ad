"""How a mock device is written down: the makers of `hosts.py`'s tables."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from app.quota.values import (
    NO_PARTS,
    Capabilities,
    Device,
    DeviceKind,
    GracePeriods,
    Limits,
    Quota,
    QuotaState,
    QuotaType,
    ResourceQuota,
)

WEEK = GracePeriods(block_seconds=604_800, inode_seconds=604_800)
"""What the kernel gives a device that was never told otherwise (MAX_DQ_TIME in quota.h)."""

_BLOCK = Capabilities(
    (QuotaType.USER, QuotaType.GROUP), soft_limits=True, inode_limits=True, grace_periods=True, enforced_by_kernel=True
)
_WITH_PROJECTS = replace(_BLOCK, quota_types=(*_BLOCK.quota_types, QuotaType.PROJECT))
_ZFS = Capabilities(
    (QuotaType.USER,), soft_limits=False, inode_limits=False, grace_periods=False, enforced_by_kernel=True
)
_DOCKER = Capabilities(
    (QuotaType.USER,), soft_limits=True, inode_limits=False, grace_periods=False, enforced_by_kernel=False
)
_FORMATS = {"ext4": "vfsv1", "xfs": "xfs"}


class SeedRow(NamedTuple):
    """One id at the start: bytes and counts; grace is from the start of the run, negative when it is over."""

    quota_id: int
    used: int
    soft: int | None = None
    hard: int | None = None
    grace: timedelta | None = None
    inodes: int = 0
    inode_soft: int | None = None
    inode_hard: int | None = None
    inode_grace: timedelta | None = None
    parts: Mapping[str, int] = NO_PARTS

    def quota(self, started_at: datetime, name: str | None) -> Quota:
        """The row as it stands when the run starts at this instant."""
        return Quota(
            self.quota_id,
            ResourceQuota(self.used, Limits(self.soft, self.hard), _after(started_at, self.grace)),
            ResourceQuota(self.inodes, Limits(self.inode_soft, self.inode_hard), _after(started_at, self.inode_grace)),
            name,
            self.parts,
        )


@dataclass(frozen=True, slots=True)
class SeedDevice:
    """One device at the start. `unattributed` are used bytes that stand in no row."""

    device: Device
    total: int
    rows: Mapping[QuotaType, tuple[SeedRow, ...]]
    unattributed: int | None = None


def block_device(
    name: str,
    fstype: str,
    mount_point: str,
    *,
    total: int,
    users: tuple[SeedRow, ...],
    groups: tuple[SeedRow, ...] = (),
    projects: tuple[SeedRow, ...] = (),
) -> SeedDevice:
    """A filesystem with kernel quotas for users and groups, and for projects where there are some."""
    rows = {QuotaType.USER: users, QuotaType.GROUP: groups}
    opts: tuple[str, ...]
    capabilities, opts = _BLOCK, ("rw", "relatime", "usrquota", "grpquota")
    if projects:
        rows[QuotaType.PROJECT], capabilities, opts = projects, _WITH_PROJECTS, (*opts, "prjquota")
    formats, states = dict.fromkeys(rows, _FORMATS[fstype]), dict.fromkeys(rows, QuotaState.ON)
    device = Device(name, DeviceKind.BLOCK, fstype, capabilities, (mount_point,), opts, formats, states)
    return SeedDevice(device, total, rows)


def zfs_device(name: str, *, total: int, users: tuple[SeedRow, ...]) -> SeedDevice:
    """A ZFS dataset with user space quotas: hard limits of bytes alone."""
    device = Device(name, DeviceKind.ZFS, "zfs", _ZFS, (f"/{name}",), ("rw", "xattr", "noacl"))
    return SeedDevice(device, total, {QuotaType.USER: users})


def docker_device(name: str, *, total: int, unattributed: int, users: tuple[SeedRow, ...]) -> SeedDevice:
    """The Docker store; parts are `container`, `image_layer`, `volume` and `build_cache`."""
    device = Device(name, DeviceKind.DOCKER, "overlay2", _DOCKER, ("/var/lib/docker",))
    return SeedDevice(device, total, {QuotaType.USER: users}, unattributed)


def _after(started_at: datetime, grace: timedelta | None) -> datetime | None:
    return None if grace is None else started_at + grace
