"""Filesystems that hold people's files and have no quotas."""

import os
import struct
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from app.slave.doctor.findings import Finding, quoted, warning

MOUNTINFO = Path("/proc/self/mountinfo")
HOMES = PurePosixPath("/home")
_SYSTEM = ("/boot", "/dev", "/efi", "/etc", "/nix", "/proc", "/run", "/snap", "/sys", "/usr", "/var/lib/docker")
_SYSTEM_ITSELF = ("/", "/var", "/opt", "/tmp", "/var/tmp", "/var/log")  # noqa: S108 - names of mount points
_SUPERBLOCK_AT, _RO_COMPAT_AT, _MAGIC_AT = 1024, 0x64, 0x38
_EXT4_MAGIC, _QUOTA_FEATURE = 0xEF53, 0x100


@dataclass(frozen=True, slots=True)
class Mounted:
    """An ext4, XFS or Btrfs filesystem on a block device: its name there, where it is first mounted."""

    device: str
    mount_point: str
    fstype: str
    is_writable: bool


@dataclass(frozen=True, slots=True)
class WithoutQuotas:
    """One that no backend lists. `has_feature`: ext4's quota feature (ext4(5)), None where that is not known."""

    mounted: Mounted
    has_feature: bool | None = None


def holding_files(mounts: Iterable[Mounted]) -> Iterator[Mounted]:
    """Those on which people have files: that of /home, and whatever is not mounted at a place of the system's own."""
    found = list(mounts)
    above_homes = [each for each in found if HOMES.is_relative_to(each.mount_point)]
    homes = max(above_homes, key=lambda each: len(each.mount_point), default=None)
    for each in found:
        is_system = each.mount_point in _SYSTEM_ITSELF or PurePosixPath(each.mount_point).is_relative_to("/boot")
        is_system = is_system or any(PurePosixPath(each.mount_point).is_relative_to(path) for path in _SYSTEM)
        if each.is_writable and (each == homes or not is_system):
            yield each


def of_filesystem(without: WithoutQuotas) -> Finding:
    """What to do about a filesystem without quotas."""
    mounted = without.mounted
    device, where = quoted(mounted.device), quoted(mounted.mount_point)
    match mounted.fstype:
        case "xfs" if mounted.mount_point == "/":
            mend = "add rootflags=uquota to the kernel's command line (GRUB_CMDLINE_LINUX), update-grub, and restart"
        case "xfs":
            mend = (
                f"umount {where} && mount -o uquota {device} {where}   # XFS needs the umount; uquota in /etc/fstab too"
            )
        case "btrfs":
            mend = f"btrfs quota enable {where}"
        case _ if without.has_feature:
            mend = f"mount -o remount,usrquota {where}   # usrquota in /etc/fstab too"
        case _ if mounted.mount_point == "/":
            mend = "mount -o remount,usrquota / && quotacheck -ucm / && quotaon -u /   # usrquota in /etc/fstab too"
        case _:
            mend = f"umount {where} && tune2fs -O quota {device} && mount -o usrquota {device} {where}"
            mend += "   # usrquota in /etc/fstab too"
    return warning(
        "filesystem_without_quotas",
        mounted.device,
        found=f"{mounted.fstype} at {mounted.mount_point} is mounted without quotas",
        why="Usage of it is not seen, and nobody is limited there.",
        mend=mend,
    )


def of_missing_feature(mounted: Mounted) -> Finding:
    """ext4 with usrquota among its options, no quota feature and no quota file: there is nothing to switch on."""
    device, where = quoted(mounted.device), quoted(mounted.mount_point)
    return warning(
        "ext4_without_quota_feature",
        mounted.device,
        found=f"ext4 at {mounted.mount_point} has no quota feature, and keeps quotas in files",
        why="After a crash the files are wrong until quotacheck has read the whole filesystem.",
        mend=f"umount {where} && tune2fs -O quota {device} && mount {where}",
    )


def mounts_in(mountinfo: str, fstypes: Collection[str]) -> list[Mounted]:
    """The filesystems of these types in mountinfo's text, each once, at its first mount point."""
    found: dict[str, Mounted] = {}
    for line in mountinfo.splitlines():
        head, _, tail = line.partition(" - ")
        before, after = head.split(" "), tail.split(" ")
        if len(before) < 6 or len(after) < 3 or after[0] not in fstypes or not after[1].startswith("/"):  # noqa: PLR2004 - the format
            continue
        options = {*before[5].split(","), *after[2].split(",")}
        place = before[4].encode().decode("unicode_escape") if "\\" in before[4] else before[4]
        found.setdefault(before[2], Mounted(after[1], place, after[0], "ro" not in options))
    return list(found.values())


def find_quota_feature(device: str) -> bool | None:
    """Has the ext4 there the feature `quota`? None where this process may not read the device."""
    try:
        descriptor = os.open(device, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return has_quota_feature(os.pread(descriptor, 1024, _SUPERBLOCK_AT))
    except OSError:
        return None
    finally:
        os.close(descriptor)


def has_quota_feature(superblock: bytes) -> bool | None:
    """Linux's Documentation/filesystems/ext4, "Super Block": s_magic, s_feature_ro_compat. None: this is no ext4."""
    if len(superblock) < _RO_COMPAT_AT + 4 or struct.unpack_from("<H", superblock, _MAGIC_AT)[0] != _EXT4_MAGIC:
        return None
    return bool(struct.unpack_from("<I", superblock, _RO_COMPAT_AT)[0] & _QUOTA_FEATURE)
