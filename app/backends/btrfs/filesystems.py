"""Which Btrfs filesystems are mounted and have quotas: from mountinfo and sysfs, touching no filesystem."""

import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from app.backends.mountinfo import Mount, shown
from app.quota.errors import BackendError
from app.quota.values import Accounting, AccountingState, Capabilities, Device, DeviceKind, QuotaState, QuotaType

SYSFS = Path("/sys/fs/btrfs")
COMMIT_SECONDS = 30
"""How often Btrfs counts what was written, unless the mount option `commit` says otherwise (btrfs(5))."""
_CAPABILITIES = Capabilities(
    (QuotaType.USER,), soft_limits=False, inode_limits=False, grace_periods=False, enforced_by_kernel=True
)
_FORMATS = ("qgroup", "squota")


@dataclass(frozen=True, slots=True)
class Filesystem:
    """A mounted filesystem with quotas switched on. `inconsistent` is None where the kernel does not tell in sysfs."""

    uuid: str
    device: Device
    mounts: tuple[Mount, ...]
    inconsistent: bool | None


class _Folder(NamedTuple):
    """A filesystem's folder in sysfs, and its first member device, whichever of them was mounted."""

    path: Path
    device_name: str


def find_filesystems(mounts: Iterable[Mount], sysfs: Path = SYSFS) -> tuple[list[Filesystem], list[Mount]]:
    """The filesystems with quotas, sorted by name; and the mounts that are of no filesystem in sysfs."""
    by_number: dict[int, list[Mount]] = {}
    for mount in mounts:
        by_number.setdefault(mount.number, []).append(mount)
    if not by_number:
        return [], []
    folders, found, unknown = _folders(sysfs), [], []
    for same in by_number.values():
        folder = next((folders[source] for source in _sources(same) if source in folders), None)
        if folder is None:
            unknown.append(same[0])
        elif (folder.path / "qgroups").is_dir() and _word(folder.path / "qgroups" / "enabled", "1") != "0":
            found.append(_filesystem(folder, sorted(same, key=lambda mount: mount.root != "/")))
    return sorted(found, key=lambda filesystem: filesystem.device.name), unknown


def _filesystem(folder: _Folder, mounts: Sequence[Mount]) -> Filesystem:
    options = dict.fromkeys((*mounts[0].options, *mounts[0].super_options))
    mode = _word(folder.path / "qgroups" / "mode", "qgroup")
    inconsistent = _word(folder.path / "qgroups" / "inconsistent", "")
    device = Device(
        shown(folder.device_name),
        DeviceKind.BTRFS,
        "btrfs",
        _CAPABILITIES,
        tuple(dict.fromkeys(shown(mount.mount_point) for mount in mounts)),
        tuple(shown(option) for option in options),
        {QuotaType.USER: mode if mode in _FORMATS else "qgroup"},
        {QuotaType.USER: QuotaState.ON},
        Accounting(AccountingState.DELAYED, _commit_seconds(options)),
    )
    return Filesystem(folder.path.name, device, tuple(mounts), inconsistent != "0" if inconsistent else None)


def _folders(sysfs: Path) -> Mapping[str, _Folder]:
    """The folder of each filesystem, by the numbers (`8:1`) and the names of its member devices. BackendError."""
    found: dict[str, _Folder] = {}
    try:
        for path in sysfs.iterdir():
            if (path / "devices").is_dir():
                members = sorted((path / "devices").iterdir(), key=lambda member: (len(member.name), member.name))
                names = [_name_of(member) for member in members]
                for member, name in zip(members, names, strict=True):
                    found[name] = found[_word(member / "dev", name)] = _Folder(path, names[0])
    except FileNotFoundError:
        return {}  # unmounted meanwhile: whoever asks looks again
    except OSError as error:
        raise BackendError(f"The Btrfs filesystems in {sysfs} cannot be read: {error.strerror}.") from error
    return found


def _name_of(member: Path) -> str:
    mapped = _word(member / "dm" / "name", "")
    return f"/dev/mapper/{mapped}" if mapped else f"/dev/{member.name.replace('!', '/')}"


def _sources(mounts: Iterable[Mount]) -> list[str]:
    """By what the filesystem of these mounts may be known: its device's number, or else its name."""
    numbers, names = [], []
    for source in dict.fromkeys(mount.source for mount in mounts):
        names.append(source)
        try:
            status = Path(source).stat()
        except (OSError, ValueError):
            continue
        if stat.S_ISBLK(status.st_mode):
            numbers.append(f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}")
    return numbers + names


def _commit_seconds(options: Iterable[str]) -> int:
    told = [option.removeprefix("commit=") for option in options if option.startswith("commit=")]
    return int(told[0]) if told and told[0].isdigit() else COMMIT_SECONDS


def _word(path: Path, otherwise: str) -> str:
    """What the file of sysfs says; `otherwise` when there is none, as in older kernels."""
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape").strip()
    except OSError:
        return otherwise
