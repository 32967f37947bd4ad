"""Which devices are mounted with quotas, from mountinfo as kernels write it and as they never would."""

import os
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.backends.kernel.mounts import FSTYPES, MountedDevice, mounted_devices
from app.backends.mountinfo import iter_mounts
from app.quota.values import QuotaState, QuotaType

EXT4 = "30 21 98:0 / /mnt/ext4 rw,relatime shared:1 - ext4 /dev/sda1 rw,quota,usrquota,grpquota,prjquota"
XFS = "31 21 98:16 / /mnt/xfs rw,relatime - xfs /dev/sdb1 rw,attr2,inode64,logbufs=8,usrquota,prjquota"
USER, GROUP, PROJECT = QuotaType
ON, NOT_ENFORCED = QuotaState.ON, QuotaState.NOT_ENFORCED


def devices(*lines: str, names: Mapping[int, tuple[str, ...]] | None = None) -> list[MountedDevice]:
    known = names or {}
    return mounted_devices(iter_mounts("\n".join(lines) + "\n", FSTYPES), lambda number: known.get(number, ()))


def test_ext4_and_xfs_with_quotas() -> None:
    ext4, xfs = devices(XFS, EXT4)
    assert (ext4.name, ext4.fstype, ext4.mount_points) == ("/dev/sda1", "ext4", ("/mnt/ext4",))
    assert ext4.opts == ("rw", "relatime", "quota", "usrquota", "grpquota", "prjquota")
    assert ext4.told == {USER: ON, GROUP: ON, PROJECT: ON}
    assert ext4.told_format is None
    assert xfs.told == {USER: ON, PROJECT: ON}
    assert xfs.told_format == "xfs"


def test_the_number_is_that_of_stat() -> None:
    assert [mounted.number for mounted in devices(EXT4)] == [os.makedev(98, 0)]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("rw", {}),
        ("rw,noquota", {}),
        ("rw,prjquota", {PROJECT: ON}),
        ("rw,usrjquota=aquota.user,grpjquota=aquota.group,jqfmt=vfsv1", {USER: ON, GROUP: ON}),
        ("rw,uqnoenforce,prjquota,gqnoenforce", {USER: NOT_ENFORCED, GROUP: NOT_ENFORCED, PROJECT: ON}),
        ("rw,pqnoenforce", {PROJECT: NOT_ENFORCED}),
    ],
)
def test_options_tell_the_quota_types(options: str, told: dict[QuotaType, QuotaState]) -> None:
    [mounted] = devices(f"30 21 98:0 / /mnt rw - ext4 /dev/sda1 {options}")
    assert mounted.told == told


def test_other_filesystems_are_passed_over() -> None:
    assert devices("25 24 0:22 / /tmp rw - tmpfs tmpfs rw,usrquota") == []


def test_quota_files_are_recognised_with_their_format() -> None:
    [mounted] = devices("30 21 8:1 / /home rw - ext4 /dev/sda1 rw,usrjquota=aquota.user,jqfmt=vfsv0")
    assert mounted.told_format == "vfsv0"


def test_several_mount_points_are_one_device_and_bind_mounts_come_last() -> None:
    [mounted] = devices(
        "40 21 98:0 /alice /srv/alice rw - ext4 /dev/sda1 rw,usrquota", EXT4, EXT4.replace("/mnt/ext4", "/again"), EXT4
    )
    assert mounted.mount_points == ("/mnt/ext4", "/again", "/srv/alice")
    assert mounted.directories == mounted.mount_points


@pytest.mark.parametrize("source", ["/dev/root", "none", "rootfs"])
def test_a_source_that_names_no_device_is_looked_up_by_number(source: str) -> None:
    line = f"22 1 8:2 / / rw - ext4 {source} rw,usrquota"
    assert [m.name for m in devices(line, names={os.makedev(8, 2): ("/dev/sda2",)})] == ["/dev/sda2"]
    assert devices(line) == []


@pytest.mark.parametrize(
    "source",
    [
        "/dev/dm-0",
        "/dev/mapper/vg-home",
        "/dev/vg/home",
        "/dev/disk/by-uuid/5f1c-77",
        "/dev/disk/by-id/dm-name-vg-home",
    ],
)
def test_a_device_has_one_name_however_it_is_mounted(source: str) -> None:
    names = {os.makedev(254, 0): ("/dev/mapper/vg-home", "/dev/dm-0")}
    [mounted] = devices(f"30 21 254:0 / /home rw - ext4 {source} rw,usrquota", names=names)
    assert mounted.name == "/dev/mapper/vg-home"
    assert mounted.paths[:2] == ("/dev/mapper/vg-home", "/dev/dm-0")
    assert source in mounted.paths


def test_a_device_that_sysfs_does_not_know_keeps_the_name_it_was_mounted_by() -> None:
    [mounted] = devices("30 21 8:1 / /home rw - ext4 /dev/disk/by-uuid/5f1c-77 rw,usrquota")
    assert (mounted.name, mounted.paths) == ("/dev/disk/by-uuid/5f1c-77", ("/dev/disk/by-uuid/5f1c-77",))


def test_octal_escapes() -> None:
    [mounted] = devices(r"30 21 8:1 / /mnt/a\040b\011c\012d\134e rw - ext4 /dev/mapper/my\040vg rw,usrquota")
    assert mounted.mount_points == ("/mnt/a b\tc\nd\\e",)
    assert mounted.name == "/dev/mapper/my vg"


@pytest.mark.parametrize("odd", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\r"])
def test_only_a_newline_ends_a_line(odd: str) -> None:
    [mounted] = devices(EXT4.replace("/mnt/ext4", f"/mnt/{odd}x"))
    assert mounted.mount_points == (f"/mnt/{odd}x",)


def test_what_is_not_utf_8_is_shown_escaped_and_reached_as_it_is() -> None:
    line = b"30 21 8:1 / /mnt/caf\xe9-\xc3\xa9 rw - ext4 /dev/\xff rw,usrjquota=\xfe".decode(errors="surrogateescape")
    [mounted] = devices(line)
    assert mounted.directories == ("/mnt/caf\udce9-é",)
    assert mounted.mount_points == ("/mnt/caf\\xe9-é",)
    assert (mounted.name, mounted.paths) == ("/dev/\\xff", ("/dev/\udcff",))
    assert mounted.opts == ("rw", "usrjquota=\\xfe")


def escaped(path: str) -> str:
    """As the kernel writes it (fs/proc_namespace.c: space, tab, newline, backslash)."""
    return "".join(f"\\{ord(char):03o}" if char in " \t\n\\" else char for char in path)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1))
def test_every_path_survives(path: str) -> None:
    [mounted] = devices(EXT4.replace("/mnt/ext4", "/" + escaped(path)))
    assert mounted.directories == ("/" + path,)


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "-",
        " - ",
        "30 21 98:0 / /mnt rw",
        "30 21 98:0 / /mnt rw - ext4",
        "30 21 98 / /mnt rw - ext4 /dev/sda1 rw,usrquota",
        "30 21 98:x / /mnt rw - ext4 /dev/sda1 rw,usrquota",
        "30 21 ²:0 / /mnt rw - ext4 /dev/sda1 rw,usrquota",
        f"30 21 {2**80}:0 / /mnt rw - ext4 /dev/sda1 rw,usrquota",
    ],
)
def test_garbage_lines_are_passed_over(garbage: str) -> None:
    assert [mounted.name for mounted in devices(garbage, EXT4, garbage)] == ["/dev/sda1"]


@given(st.text())
def test_no_text_breaks_the_parser(text: str) -> None:
    assert [mounted.name for mounted in devices(text, EXT4)] == ["/dev/sda1"]
