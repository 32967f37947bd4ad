"""Which devices have quotas, as /proc/self/mountinfo tells (proc_pid_mountinfo(5)). Pure: text in, values out."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from app.backends.kernel.quotactl import READABLE_TYPES
from app.quota.values import Capabilities, Device, DeviceKind, QuotaType

_FSTYPES = ("ext4", "xfs")
_ON = {
    QuotaType.USER: {"usrquota", "usrjquota", "uqnoenforce"},
    QuotaType.GROUP: {"grpquota", "grpjquota", "gqnoenforce"},
}
_NOT_ENFORCED = {"uqnoenforce", "gqnoenforce"}
_OCTAL = re.compile(r"\\([0-7]{3})")

NameOf = Callable[[int], str | None]
"""Gives the name of a block device by its number, for a mount whose source has none; None when there is none."""


class Mount(NamedTuple):
    """One line of mountinfo. `root` is the part of the filesystem that is mounted, `/` unless it is a bind mount."""

    number: int
    root: str
    mount_point: str
    options: tuple[str, ...]
    fstype: str
    source: str
    super_options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MountedDevice:
    """A device with quotas and its number, which `st_dev` of everything on it must be."""

    device: Device
    number: int


def iter_mounts(mountinfo: str) -> Iterator[Mount]:
    """The ext4 and XFS mounts of mountinfo's text; lines that are not of its form are passed over."""
    for line in mountinfo.split("\n"):
        head, separator, tail = line.partition(" - ")
        before, after = head.split(" "), tail.split(" ")
        if not separator or len(before) < 6 or len(after) < 3 or after[0] not in _FSTYPES:  # noqa: PLR2004 - the format
            continue
        number = _device_number(before[2])
        if number is not None:
            root, mount_point, source = _unescaped(before[3]), _unescaped(before[4]), _unescaped(after[1])
            yield Mount(
                number, root, mount_point, tuple(before[5].split(",")), after[0], source, tuple(after[2].split(","))
            )


def devices_with_quotas(mounts: Iterable[Mount], name_of: NameOf) -> list[MountedDevice]:
    """The devices that have quotas switched on, sorted by name. Several mount points of a device are one device."""
    by_number: dict[int, list[Mount]] = {}
    for mount in mounts:
        by_number.setdefault(mount.number, []).append(mount)
    found = [_device(same, name_of) for same in by_number.values()]
    return sorted((device for device in found if device), key=lambda mounted: mounted.device.name)


def _device(mounts: list[Mount], name_of: NameOf) -> MountedDevice | None:
    first = min(mounts, key=lambda mount: mount.root != "/")
    options = {option.partition("=")[0] for option in first.super_options}
    types = tuple(kind for kind in READABLE_TYPES if _ON[kind] & options)
    sources = [mount.source for mount in mounts if mount.source.startswith("/") and mount.source != "/dev/root"]
    name = sources[0] if sources else name_of(first.number)
    if not types or name is None:
        return None
    capabilities = Capabilities(
        types,
        soft_limits=True,
        inode_limits=True,
        grace_periods=True,
        enforced_by_kernel=not _NOT_ENFORCED & options,
    )
    points = sorted(mounts, key=lambda mount: mount.root != "/")
    quota_format = _format(first)
    device = Device(
        name,
        DeviceKind.BLOCK,
        first.fstype,
        capabilities,
        tuple(dict.fromkeys(mount.mount_point for mount in points)),
        tuple(dict.fromkeys((*first.options, *first.super_options))),
        dict.fromkeys(types, quota_format) if quota_format else {},
    )
    return MountedDevice(device, first.number)


def _format(mount: Mount) -> str | None:
    """The quota format, as far as the options tell: of ext4, only where its quota files are journaled (ext4(5))."""
    if mount.fstype == "xfs":
        return "xfs"
    told = [option.removeprefix("jqfmt=") for option in mount.super_options if option.startswith("jqfmt=")]
    return told[0] if told else None


def _device_number(text: str) -> int | None:
    major, separator, minor = text.partition(":")
    if not separator or not (major.isascii() and major.isdigit() and minor.isascii() and minor.isdigit()):
        return None
    try:
        return os.makedev(int(major), int(minor))
    except (OverflowError, ValueError):
        return None


def _unescaped(text: str) -> str:
    """Undo the kernel's octal escapes of space, tab, newline and backslash (fs/seq_file.c, mangle_path)."""
    return _OCTAL.sub(lambda match: chr(int(match[1], 8)), text) if "\\" in text else text
