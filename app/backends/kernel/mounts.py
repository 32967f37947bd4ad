"""Which devices may have quotas, as /proc/self/mountinfo tells (proc_pid_mountinfo(5)). Pure: text in, values out."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from app.quota.values import QuotaState, QuotaType

_FSTYPES = ("ext4", "xfs")
_ENFORCED = {
    QuotaType.USER: {"usrquota", "usrjquota"},
    QuotaType.GROUP: {"grpquota", "grpjquota"},
    QuotaType.PROJECT: {"prjquota"},
}
_COUNTED = {"uqnoenforce": QuotaType.USER, "gqnoenforce": QuotaType.GROUP, "pqnoenforce": QuotaType.PROJECT}
_OCTAL = re.compile(r"\\([0-7]{3})")

NamesOf = Callable[[int], tuple[str, ...]]
"""Gives the names of a block device by its number, the one to call it by first; none for an unknown number."""

States = Mapping[QuotaType, QuotaState]


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
    """A mounted filesystem that may have quotas: what mountinfo tells, and how it is reached.

    `told` are the quota types that mount options switch on; ext4 may keep others without a word, and those told may be
    off. Names, mount points and options are fit to be shown; `paths` and `directories` are what the kernel understands.
    """

    name: str
    number: int
    fstype: str
    told: States
    opts: tuple[str, ...]
    mount_points: tuple[str, ...]
    paths: tuple[str, ...]
    directories: tuple[str, ...]

    @property
    def told_format(self) -> str | None:
        """The quota format, as far as the options tell: of ext4, only where its quota files are journaled (ext4(5))."""
        if self.fstype == "xfs":
            return "xfs"
        told = [option.removeprefix("jqfmt=") for option in self.opts if option.startswith("jqfmt=")]
        return told[0] if told else None


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


def mounted_devices(mounts: Iterable[Mount], names_of: NamesOf) -> list[MountedDevice]:
    """The devices that are mounted, sorted by name. Several mount points of a device are one device."""
    by_number: dict[int, list[Mount]] = {}
    for mount in mounts:
        by_number.setdefault(mount.number, []).append(mount)
    found = [_device(same, names_of) for same in by_number.values()]
    return sorted((device for device in found if device), key=lambda mounted: mounted.name)


def _device(mounts: list[Mount], names_of: NamesOf) -> MountedDevice | None:
    points = sorted(mounts, key=lambda mount: mount.root != "/")
    first = points[0]
    sources = [mount.source for mount in mounts if mount.source.startswith("/") and mount.source != "/dev/root"]
    paths = tuple(dict.fromkeys((*names_of(first.number), *sources)))
    if not paths:
        return None
    directories = tuple(dict.fromkeys(mount.mount_point for mount in points))
    return MountedDevice(
        _shown(paths[0]),
        first.number,
        first.fstype,
        _told({option.partition("=")[0] for option in first.super_options}),
        tuple(_shown(option) for option in dict.fromkeys((*first.options, *first.super_options))),
        tuple(_shown(directory) for directory in directories),
        paths,
        directories,
    )


def _told(options: set[str]) -> States:
    counted = {_COUNTED[option] for option in options & _COUNTED.keys()}
    enforced = {its for its, switches in _ENFORCED.items() if switches & options}
    return {
        its: QuotaState.ON if its in enforced else QuotaState.NOT_ENFORCED
        for its in QuotaType
        if its in enforced | counted
    }


def _shown(text: str) -> str:
    """The text without bytes that are not UTF-8, which JSON cannot hold: each becomes a backslash, x and two digits."""
    return text.encode(errors="surrogateescape").decode(errors="backslashreplace")


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
