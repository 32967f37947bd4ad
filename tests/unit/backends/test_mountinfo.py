"""Which devices have quotas, from mountinfo as kernels write it and as they never would."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.backends.kernel.mounts import MountedDevice, devices_with_quotas, iter_mounts
from app.quota.values import QuotaType

EXT4 = "30 21 98:0 / /mnt/ext4 rw,relatime shared:1 - ext4 /dev/sda1 rw,quota,usrquota,grpquota,prjquota"
XFS = "31 21 98:16 / /mnt/xfs rw,relatime - xfs /dev/sdb1 rw,attr2,inode64,logbufs=8,usrquota,prjquota"


def devices(*lines: str, names: dict[int, str] | None = None) -> list[MountedDevice]:
    return devices_with_quotas(iter_mounts("\n".join(lines) + "\n"), (names or {}).get)


def test_ext4_and_xfs_with_quotas() -> None:
    ext4, xfs = (mounted.device for mounted in devices(XFS, EXT4))
    assert (ext4.name, ext4.fstype, ext4.mount_points) == ("/dev/sda1", "ext4", ("/mnt/ext4",))
    assert ext4.opts == ("rw", "relatime", "quota", "usrquota", "grpquota", "prjquota")
    assert ext4.capabilities.quota_types == (QuotaType.USER, QuotaType.GROUP)
    assert xfs.capabilities.quota_types == (QuotaType.USER,)
    assert xfs.quota_formats == {QuotaType.USER: "xfs"}


def test_the_number_is_that_of_stat() -> None:
    assert [mounted.number for mounted in devices(EXT4)] == [os.makedev(98, 0)]


@pytest.mark.parametrize(
    "line",
    [
        "30 21 98:0 / /mnt rw - ext4 /dev/sda1 rw",
        "30 21 98:0 / /mnt rw - ext4 /dev/sda1 rw,noquota",
        "30 21 98:0 / /mnt rw - ext4 /dev/sda1 rw,prjquota",
        "31 21 98:16 / /mnt rw - xfs /dev/sdb1 rw,noquota",
        "25 24 0:22 / /tmp rw - tmpfs tmpfs rw,usrquota",
    ],
)
def test_without_quotas_that_can_be_read_there_is_no_device(line: str) -> None:
    assert devices(line) == []


def test_quota_files_are_recognised_with_their_format() -> None:
    [mounted] = devices("30 21 8:1 / /home rw - ext4 /dev/sda1 rw,usrjquota=aquota.user,jqfmt=vfsv0")
    assert mounted.device.quota_formats == {QuotaType.USER: "vfsv0"}


def test_quotas_that_are_only_counted_are_not_enforced() -> None:
    [mounted] = devices("31 21 98:16 / /mnt rw - xfs /dev/sdb1 rw,uqnoenforce")
    assert not mounted.device.capabilities.enforced_by_kernel


def test_several_mount_points_are_one_device_and_bind_mounts_come_last() -> None:
    [mounted] = devices(
        "40 21 98:0 /alice /srv/alice rw - ext4 /dev/sda1 rw,usrquota", EXT4, EXT4.replace("/mnt/ext4", "/again"), EXT4
    )
    assert mounted.device.mount_points == ("/mnt/ext4", "/again", "/srv/alice")


@pytest.mark.parametrize("source", ["/dev/root", "none", "rootfs"])
def test_a_source_that_names_no_device_is_looked_up_by_number(source: str) -> None:
    line = f"22 1 8:2 / / rw - ext4 {source} rw,usrquota"
    assert [m.device.name for m in devices(line, names={os.makedev(8, 2): "/dev/sda2"})] == ["/dev/sda2"]
    assert devices(line) == []


def test_octal_escapes() -> None:
    [mounted] = devices(r"30 21 8:1 / /mnt/a\040b\011c\012d\134e rw - ext4 /dev/mapper/my\040vg rw,usrquota")
    assert mounted.device.mount_points == ("/mnt/a b\tc\nd\\e",)
    assert mounted.device.name == "/dev/mapper/my vg"


@pytest.mark.parametrize("odd", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\r", "\udcff"])
def test_only_a_newline_ends_a_line(odd: str) -> None:
    [mounted] = devices(EXT4.replace("/mnt/ext4", f"/mnt/{odd}x"))
    assert mounted.device.mount_points == (f"/mnt/{odd}x",)


def escaped(path: str) -> str:
    """As the kernel writes it (fs/proc_namespace.c: space, tab, newline, backslash)."""
    return "".join(f"\\{ord(char):03o}" if char in " \t\n\\" else char for char in path)


@given(st.text(st.characters(exclude_characters="\0"), min_size=1))
def test_every_path_survives(path: str) -> None:
    [mounted] = devices(EXT4.replace("/mnt/ext4", "/" + escaped(path)))
    assert mounted.device.mount_points == ("/" + path,)


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
    assert [mounted.device.name for mounted in devices(garbage, EXT4, garbage)] == ["/dev/sda1"]


@given(st.text())
def test_no_text_breaks_the_parser(text: str) -> None:
    assert [mounted.device.name for mounted in devices(text, EXT4)] == ["/dev/sda1"]
