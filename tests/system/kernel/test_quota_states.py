"""Quotas on, only counted, or off: what the kernel really does is what is shown, type by type."""

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.backends.kernel.backend import KernelBackend
from app.quota.errors import DeviceUnavailableError, InvalidInputError, NotSupportedError
from app.quota.units import KIB, MIB
from app.quota.values import UNLIMITED, Device, Limits, QuotaState, QuotaType
from tests.system.kernel import scratch
from tests.system.kernel.rig import RigFilesystem

USER, GROUP, PROJECT = QuotaType
ON, NOT_ENFORCED, OFF = QuotaState


def found(backend: KernelBackend, name: str) -> Device:
    return next(device for device in backend.list_devices() if device.name == name)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[str]:
    with scratch.loop_device(tmp_path) as device:
        yield device


def test_all_types_are_on(backend: KernelBackend, filesystem: RigFilesystem) -> None:
    device = found(backend, filesystem.device)
    assert device.quota_states == dict.fromkeys(QuotaType, ON)
    assert device.capabilities.quota_types == tuple(QuotaType)
    assert device.capabilities.enforced_by_kernel


def test_a_type_that_is_no_longer_enforced_is_still_counted_and_set(
    backend: KernelBackend, filesystem: RigFilesystem, fresh_id: int
) -> None:
    """`quotaoff` on ext4 with the quota feature, and `xfs_quota disable`, end the enforcing alone."""
    commands = {
        "ext4": (["quotaoff", "-u"], ["quotaon", "-u"]),
        "xfs": (["xfs_quota", "-x", "-c", "disable -u"], ["xfs_quota", "-x", "-c", "enable -u"]),
    }
    switch_off, switch_on = commands[filesystem.fstype]
    filesystem.run(*switch_off, filesystem.mount_point)
    try:
        device = found(backend, filesystem.device)
        assert device.quota_states == {USER: NOT_ENFORCED, GROUP: ON, PROJECT: ON}
        assert device.capabilities.quota_types == tuple(QuotaType)
        backend.set_limits(filesystem.device, USER, fresh_id, block=Limits(None, MIB), inode=UNLIMITED)
        assert filesystem.write_as(fresh_id, 2 * MIB) == 0
        assert backend.get_quota(filesystem.device, USER, fresh_id).block.used >= 2 * MIB
    finally:
        filesystem.run(*switch_on, filesystem.mount_point)
    assert found(backend, filesystem.device).quota_states == dict.fromkeys(QuotaType, ON)
    assert filesystem.write_as(fresh_id, MIB) == errno.EDQUOT


def test_xfs_quota_off_ends_the_enforcing(backend: KernelBackend, xfs: RigFilesystem) -> None:
    """Since Linux 5.15 counting ends only with the mount (fs/xfs/xfs_qm_syscalls.c, xfs_qm_scall_quotaoff)."""
    xfs.run("xfs_quota", "-x", "-c", "off -p", xfs.mount_point)
    try:
        assert found(backend, xfs.device).quota_states == {USER: ON, GROUP: ON, PROJECT: NOT_ENFORCED}
    finally:
        xfs.run("xfs_quota", "-x", "-c", "enable -p", xfs.mount_point)


def test_ext4_with_the_quota_feature_counts_without_a_word(backend: KernelBackend, ext4: RigFilesystem) -> None:
    with ext4.mounted_with("rw"):
        device = found(backend, ext4.device)
        assert not {"usrquota", "grpquota", "prjquota"} & set(device.opts)
        assert device.quota_states == dict.fromkeys(QuotaType, NOT_ENFORCED)
        assert not device.capabilities.enforced_by_kernel
        assert device.quota_formats == dict.fromkeys(QuotaType, "vfsv1")
        assert 0 in {quota.quota_id for quota in backend.iter_quotas(ext4.device, PROJECT)}


def test_types_that_are_not_mounted_are_not_there_on_xfs(backend: KernelBackend, xfs: RigFilesystem) -> None:
    with xfs.mounted_with("uquota,pqnoenforce"):
        device = found(backend, xfs.device)
        assert device.quota_states == {USER: ON, PROJECT: NOT_ENFORCED}
        assert device.quota_formats == {USER: "xfs", PROJECT: "xfs"}
        with pytest.raises(NotSupportedError):
            backend.iter_quotas(xfs.device, GROUP)
    with xfs.mounted_with("noquota"):
        assert xfs.device not in {device.name for device in backend.list_devices()}
        with pytest.raises(DeviceUnavailableError, match="any more"):
            backend.get_quota(xfs.device, USER, 1000)


@pytest.mark.parametrize("quota_format", ["vfsv0", "vfsv1"])
def test_quota_files_that_are_switched_on_and_off(
    backend: KernelBackend, disk: str, tmp_path: Path, quota_format: str
) -> None:
    options = f"usrjquota=aquota.user,grpjquota=aquota.group,jqfmt={quota_format}"
    scratch.make_ext4(disk, "-O", "^quota")
    with scratch.mounted(disk, tmp_path / "home", options) as home:
        device = found(backend, disk)
        assert device.quota_states == {USER: OFF, GROUP: OFF}
        assert device.capabilities.quota_types == ()
        assert_all_off(backend, disk)

        scratch.run("quotacheck", "-ugc", str(home))
        scratch.run("quotaon", "-ug", str(home))
        device = found(backend, disk)
        assert device.quota_states == {USER: ON, GROUP: ON}
        assert device.quota_formats == dict.fromkeys((USER, GROUP), quota_format)
        assert_range(backend, disk, quota_format)

        scratch.run("quotaoff", "-u", str(home))
        device = found(backend, disk)
        assert device.quota_states == {USER: OFF, GROUP: ON}
        assert device.capabilities.quota_types == (GROUP,)
        assert_goes_on_for_groups(backend, disk)

        scratch.run("quotaoff", "-g", str(home))
        assert_all_off(backend, disk)


def test_the_format_of_quota_files_is_the_kernels_where_no_option_tells_it(
    backend: KernelBackend, disk: str, tmp_path: Path
) -> None:
    scratch.make_ext4(disk, "-O", "^quota")
    with scratch.mounted(disk, tmp_path / "home", "usrquota") as home:
        scratch.run("quotacheck", "-uc", "-F", "vfsv0", str(home))
        scratch.run("quotaon", "-u", "-F", "vfsv0", str(home))
        assert found(backend, disk).quota_formats == {USER: "vfsv0"}
        assert_range(backend, disk, "vfsv0")
        scratch.run("quotaoff", "-u", "-F", "vfsv0", str(home))


def assert_all_off(backend: KernelBackend, name: str) -> None:
    for call in (
        lambda: backend.get_usage(name),
        lambda: backend.iter_quotas(name, USER),
        lambda: backend.get_quota(name, GROUP, 1000),
        lambda: backend.set_limits(name, USER, 1000, block=UNLIMITED, inode=UNLIMITED),
        lambda: backend.get_grace_periods(name, USER),
    ):
        with pytest.raises(DeviceUnavailableError, match=f"of {name} are switched off. quotaon"):
            call()


def assert_goes_on_for_groups(backend: KernelBackend, name: str) -> None:
    with pytest.raises(DeviceUnavailableError, match=f"user quotas of {name} are switched off"):
        backend.get_quota(name, USER, 1000)
    with pytest.raises(NotSupportedError):
        backend.get_quota(name, PROJECT, 1000)
    limits = Limits(None, MIB)
    assert backend.set_limits(name, GROUP, 1000, block=limits, inode=UNLIMITED).block.limits == limits
    assert backend.get_usage(name).total > 0


def assert_range(backend: KernelBackend, name: str, quota_format: str) -> None:
    """The old format keeps 32 bits of KiB: more is refused, never cut."""
    beyond = Limits(None, 2**32 * KIB)
    if quota_format == "vfsv1":
        assert backend.set_limits(name, USER, 1000, block=beyond, inode=UNLIMITED).block.limits == beyond
    else:
        with pytest.raises(InvalidInputError):
            backend.set_limits(name, USER, 1000, block=beyond, inode=UNLIMITED)


def test_ext4_that_is_mounted_read_only_says_why_its_quotas_are_off(
    backend: KernelBackend, ext4: RigFilesystem
) -> None:
    ext4.run("mount", "-o", "remount,ro", ext4.mount_point)
    try:
        assert found(backend, ext4.device).quota_states == dict.fromkeys(QuotaType, OFF)
        with pytest.raises(DeviceUnavailableError, match="It is mounted read-only"):
            backend.get_usage(ext4.device)
    finally:
        ext4.run("mount", "-o", "remount,rw", ext4.mount_point)
    assert found(backend, ext4.device).quota_states == dict.fromkeys(QuotaType, ON)
