"""Which Btrfs filesystems there are, from mountinfo and a sysfs as kernels of several ages show it."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.backends.btrfs.backend import BtrfsBackend
from app.backends.btrfs.filesystems import find_filesystems
from app.backends.mountinfo import Mount, iter_mounts
from app.quota.errors import BackendError, DeviceNotFoundError, DeviceUnavailableError
from app.quota.values import Accounting, AccountingState, QuotaState, QuotaType

UUID, OTHER = "61ca57d1-0d66-49f5-9aab-d15b62173824", "0f8fad5b-d9cb-469f-a165-70867728950e"
HOME = "43 27 0:39 /@home /home rw,noatime - btrfs /dev/sdb rw,ssd,subvolid=256,subvol=/@home"
POOL = "44 27 0:39 / /pool rw,relatime - btrfs /dev/sdb rw,ssd,subvolid=5,subvol=/"
SNAPS = "45 27 0:40 / /mnt/my\\040snaps rw - btrfs /dev/mapper/vg-snaps rw,commit=120,subvolid=5,subvol=/"
EXT4 = "30 21 98:0 / /mnt/ext4 rw - ext4 /dev/sda1 rw,usrquota"
NEW = {"enabled": "1", "mode": "qgroup", "inconsistent": "0", "drop_subtree_threshold": "3"}


def filesystem(sysfs: Path, uuid: str, members: Sequence[str], qgroups: dict[str, str] | None = NEW) -> None:
    for member in members:
        name, _, mapped = member.partition(" ")
        folder = sysfs / uuid / "devices" / name
        folder.mkdir(parents=True)
        (folder / "dev").write_text("8:999\n")
        if mapped:
            (folder / "dm").mkdir()
            (folder / "dm" / "name").write_text(f"{mapped}\n")
    if qgroups is not None:
        (sysfs / uuid / "qgroups").mkdir()
        for file, text in qgroups.items():
            (sysfs / uuid / "qgroups" / file).write_text(f"{text}\n")


def mounts(*lines: str) -> list[Mount]:
    return list(iter_mounts("\n".join(lines), ("btrfs",)))


@pytest.fixture
def sysfs(tmp_path: Path) -> Path:
    (tmp_path / "sysfs" / "features").mkdir(parents=True)
    return tmp_path / "sysfs"


def test_one_filesystem_is_one_device_however_often_it_is_mounted(sysfs: Path) -> None:
    filesystem(sysfs, UUID, ["sdb"])
    [found], unknown = find_filesystems(mounts(EXT4, HOME, POOL), sysfs)
    device = found.device
    assert (found.uuid, device.name, device.kind, device.fstype) == (UUID, "/dev/sdb", "btrfs", "btrfs")
    assert device.mount_points == ("/pool", "/home")
    assert device.opts == ("rw", "relatime", "ssd", "subvolid=5", "subvol=/")
    assert device.capabilities.quota_types == (QuotaType.USER,)
    assert device.quota_formats == {QuotaType.USER: "qgroup"}
    assert device.quota_states == {QuotaType.USER: QuotaState.ON}
    assert unknown == []


def test_the_first_member_gives_the_name_whichever_is_mounted(sysfs: Path) -> None:
    filesystem(sysfs, UUID, ["sdaa", "sdb", "sdc"])
    [found], _ = find_filesystems(mounts(POOL.replace("/dev/sdb", "/dev/sdaa")), sysfs)
    assert found.device.name == "/dev/sdb"


def test_names_as_udev_makes_them(sysfs: Path) -> None:
    filesystem(sysfs, UUID, ["dm-3 vg-snaps"])
    filesystem(sysfs, OTHER, ["cciss!c0d0"])
    found, _ = find_filesystems(mounts(SNAPS, POOL.replace("/dev/sdb", "/dev/cciss/c0d0")), sysfs)
    assert [each.device.name for each in found] == ["/dev/cciss/c0d0", "/dev/mapper/vg-snaps"]
    assert [each.device.accounting for each in found] == [
        Accounting(AccountingState.DELAYED, 30),
        Accounting(AccountingState.DELAYED, 120),
    ]
    assert found[1].device.mount_points == ("/mnt/my snaps",)


def test_a_device_is_known_by_its_number_under_any_name(sysfs: Path, tmp_path: Path) -> None:
    filesystem(sysfs, UUID, ["sdb"])
    node = tmp_path / "node"
    if os.geteuid() != 0:
        pytest.skip("only root may make a device node")
    os.mknod(node, 0o60600, os.makedev(8, 999))
    [found], _ = find_filesystems(mounts(POOL.replace("/dev/sdb", str(node))), sysfs)
    assert found.device.name == "/dev/sdb"


@pytest.mark.parametrize("qgroups", [None, {**NEW, "enabled": "0"}])
def test_without_quotas_there_is_no_device(sysfs: Path, qgroups: dict[str, str] | None) -> None:
    filesystem(sysfs, UUID, ["sdb"], qgroups)
    assert find_filesystems(mounts(POOL), sysfs) == ([], [])


@pytest.mark.parametrize(
    ("qgroups", "quota_format", "inconsistent"),
    [
        ({}, "qgroup", None),  # Linux 5.9 to 6.0
        ({"enabled": "1", "inconsistent": "1", "drop_subtree_threshold": "8"}, "qgroup", True),  # Linux 6.1
        ({**NEW, "mode": "squota"}, "squota", False),  # Linux 6.7
    ],
)
def test_formats_and_flags_as_kernels_of_several_ages_tell_them(
    sysfs: Path, qgroups: dict[str, str], quota_format: str, inconsistent: bool | None
) -> None:
    filesystem(sysfs, UUID, ["sdb"], qgroups)
    [found], _ = find_filesystems(mounts(POOL), sysfs)
    assert found.device.quota_formats == {QuotaType.USER: quota_format}
    assert found.inconsistent is inconsistent


def test_bytes_that_are_not_utf8_are_fit_to_be_shown(sysfs: Path) -> None:
    filesystem(sysfs, UUID, ["sdb"])
    [found], _ = find_filesystems(mounts(POOL.replace("/pool", "/p\udcff")), sysfs)
    assert found.device.mount_points == ("/p\\xff",)
    assert found.mounts[0].mount_point == "/p\udcff"


def backend(sysfs: Path, *lines: str) -> BtrfsBackend:
    mountinfo = sysfs.parent / "mountinfo"
    mountinfo.write_text("\n".join(lines))
    return BtrfsBackend(["{mount}/{user}"], lambda _names: {}, mountinfo=mountinfo, sysfs=sysfs)


def test_a_mounted_filesystem_that_sysfs_does_not_have_is_a_failure_not_no_devices(sysfs: Path) -> None:
    filesystem(sysfs, UUID, ["sdb"])
    with pytest.raises(BackendError, match="/dev/mapper/vg-snaps, mounted at /mnt/my snaps"):
        backend(sysfs, POOL, SNAPS).list_devices()


def test_no_mountinfo_and_no_sysfs_are_failures(sysfs: Path) -> None:
    with pytest.raises(BackendError, match="mounts"):
        BtrfsBackend([], lambda _names: {}, mountinfo=sysfs / "none", sysfs=sysfs).list_devices()
    with pytest.raises(BackendError, match="is not in"):
        backend(sysfs / "none", POOL).list_devices()


def test_no_btrfs_is_no_failure(sysfs: Path) -> None:
    assert backend(sysfs / "none", EXT4).list_devices() == []


def test_a_device_that_is_gone_is_unavailable_and_one_that_never_was_is_not_found(sysfs: Path) -> None:
    filesystem(sysfs, UUID, ["sdb"])
    subject = backend(sysfs, POOL)
    assert [device.name for device in subject.list_devices()] == ["/dev/sdb"]
    (sysfs / UUID / "qgroups" / "enabled").write_text("0\n")
    assert subject.list_devices() == []
    with pytest.raises(DeviceUnavailableError, match="btrfs quota enable"):
        subject.get_usage("/dev/sdb")
    with pytest.raises(DeviceNotFoundError):
        subject.get_usage("/dev/sdc")
