"""Which devices may have quotas, as their mounts tell. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from app.backends.mountinfo import Mount, shown
from app.quota.values import QuotaState, QuotaType

FSTYPES = ("ext4", "xfs")
_ENFORCED = {
    QuotaType.USER: {"usrquota", "usrjquota"},
    QuotaType.GROUP: {"grpquota", "grpjquota"},
    QuotaType.PROJECT: {"prjquota"},
}
_COUNTED = {"uqnoenforce": QuotaType.USER, "gqnoenforce": QuotaType.GROUP, "pqnoenforce": QuotaType.PROJECT}

NamesOf = Callable[[int], tuple[str, ...]]
"""Gives the names of a block device by its number, the one to call it by first; none for an unknown number."""

States = Mapping[QuotaType, QuotaState]
MountKey = tuple[str, int, tuple[str, ...], tuple[str, ...]]


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
    def key(self) -> MountKey:
        """What is alike as long as it is mounted alike."""
        return self.name, self.number, self.opts, self.mount_points

    @property
    def told_format(self) -> str | None:
        """The quota format, as far as the options tell: of ext4, only where its quota files are journaled (ext4(5))."""
        if self.fstype == "xfs":
            return "xfs"
        told = [option.removeprefix("jqfmt=") for option in self.opts if option.startswith("jqfmt=")]
        return told[0] if told else None


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
        shown(paths[0]),
        first.number,
        first.fstype,
        _told({option.partition("=")[0] for option in first.super_options}),
        tuple(shown(option) for option in dict.fromkeys((*first.options, *first.super_options))),
        tuple(shown(directory) for directory in directories),
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
