"""Names and mount points of real devices: the device mapper, symbolic links, bind mounts, odd bytes, remounts."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.backends.kernel.backend import KernelBackend
from app.quota.errors import DeviceUnavailableError
from app.quota.units import MIB
from app.quota.values import UNLIMITED, Device, Limits, QuotaType
from tests.system.kernel import scratch

USER = QuotaType.USER
NAME = "vg-home--of--all"
LISTED_AS = f"/dev/mapper/{NAME}"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[str]:
    """/dev/dm-N of an ext4 whose name is `NAME`."""
    with scratch.mapped_device(tmp_path, NAME) as device:
        scratch.make_ext4(device, *scratch.QUOTA_FEATURE)
        yield device


def others(backend: KernelBackend) -> list[Device]:
    """The devices that are not the rig's own."""
    of_rig = {os.environ["RIG_EXT4_DEV"], os.environ["RIG_XFS_DEV"]}
    return [device for device in backend.list_devices() if device.name not in of_rig]


def assert_works(backend: KernelBackend) -> None:
    limits = Limits(None, MIB)
    assert backend.set_limits(LISTED_AS, USER, 1000, block=limits, inode=UNLIMITED).block.limits == limits
    assert 1000 in {quota.quota_id for quota in backend.iter_quotas(LISTED_AS, USER)}
    assert backend.get_usage(LISTED_AS).total > 0


def test_a_logical_volume_has_one_name_however_it_is_mounted(backend: KernelBackend, disk: str, tmp_path: Path) -> None:
    link = tmp_path / "by-uuid"
    link.symlink_to(disk)
    for source in (disk, LISTED_AS, str(link)):
        with scratch.mounted(source, tmp_path / "home", "usrquota", "--no-canonicalize"):
            assert [device.name for device in others(backend)] == [LISTED_AS]
            assert_works(backend)


def test_a_device_whose_node_is_missing_is_reached_by_another(
    backend: KernelBackend, disk: str, tmp_path: Path
) -> None:
    """In a container /dev may have /dev/dm-0 and no /dev/mapper."""
    with scratch.mounted(disk, tmp_path / "home", "usrquota"):
        Path(LISTED_AS).unlink()
        try:
            assert [device.name for device in others(backend)] == [LISTED_AS]
            assert_works(backend)
        finally:
            scratch.run("dmsetup", "mknodes")


def test_bind_mounts_and_several_mount_points_are_one_device(backend: KernelBackend, disk: str, tmp_path: Path) -> None:
    home, again, bound = tmp_path / "home", tmp_path / "again", tmp_path / "bound"
    with scratch.mounted(disk, home, "usrquota"):
        (home / "alice").mkdir()
        with (
            scratch.mounted(str(home / "alice"), bound, "bind"),
            scratch.mounted(disk, again, "usrquota"),
        ):
            [device] = others(backend)
            assert device.mount_points == (str(home), str(again), str(bound))
            total = backend.get_usage(LISTED_AS).total
        [device] = others(backend)
        assert device.mount_points == (str(home),)
        assert backend.get_usage(LISTED_AS).total == total


def test_a_device_that_is_only_bind_mounted_is_read(backend: KernelBackend, disk: str, tmp_path: Path) -> None:
    """As in a container, where only a part of the filesystem can be seen."""
    home, bound = tmp_path / "home", tmp_path / "bound"
    with scratch.mounted(disk, home, "usrquota"):
        (home / "alice").mkdir()
        bound.mkdir()
        scratch.run("mount", "--bind", str(home / "alice"), str(bound))
    try:
        assert [device.mount_points for device in others(backend)] == [(str(bound),)]
        assert_works(backend)
    finally:
        scratch.run("umount", str(bound))


def test_a_mount_point_that_is_not_utf_8(backend: KernelBackend, disk: str, tmp_path: Path) -> None:
    with scratch.mounted(disk, tmp_path / os.fsdecode(b"caf\xe9 \\"), "usrquota"):
        [device] = others(backend)
        assert device.mount_points == (f"{tmp_path}/caf\\xe9 \\",)
        assert_works(backend)


def test_a_remount_is_noticed(backend: KernelBackend, disk: str, tmp_path: Path) -> None:
    with scratch.mounted(disk, tmp_path / "old", "usrquota"):
        [device] = others(backend)
        scratch.run("mount", "-o", "remount,ro", str(tmp_path / "old"))
        assert "ro" in others(backend)[0].opts
        scratch.run("mount", "-o", "remount,rw", str(tmp_path / "old"))
    assert others(backend) == []
    with pytest.raises(DeviceUnavailableError):
        backend.get_usage(LISTED_AS)
    scratch.make_ext4(disk, "-O", "^quota")
    with scratch.mounted(disk, tmp_path / "new", "usrjquota=aquota.user,jqfmt=vfsv0") as new:
        scratch.run("quotacheck", "-uc", str(new))
        scratch.run("quotaon", "-u", str(new))
        [again] = others(backend)
        assert (again.name, again.mount_points) == (device.name, (str(new),))
        assert (device.quota_formats[USER], again.quota_formats[USER]) == ("vfsv1", "vfsv0")
        assert_works(backend)
