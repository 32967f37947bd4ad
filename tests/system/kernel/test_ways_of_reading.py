"""All rows are read, whichever way to the kernel is open: by a mount point, or by the device's path."""

import pytest

from app.backends.kernel import quotactl, syscall
from app.backends.kernel.backend import KernelBackend
from app.backends.kernel.devices import block_device_names
from app.backends.kernel.mounts import FSTYPES, MountedDevice, mounted_devices
from app.backends.kernel.opening import opened
from app.backends.mountinfo import read_mounts
from app.quota.errors import DeviceUnavailableError
from app.quota.rules import MAX_ID
from app.quota.values import QuotaType
from tests.system.kernel.rig import RigFilesystem

LARGE = (2**31 - 2, 2**31 - 1, 2**31, 2**31 + 1, MAX_ID - 1, MAX_ID)
SOME = range(600_000, 600_520)
"""More than are read at once."""


def mounted(filesystem: RigFilesystem) -> MountedDevice:
    found = mounted_devices(read_mounts(FSTYPES), block_device_names)
    return next(each for each in found if each.name == filesystem.device)


@pytest.mark.parametrize("quota_type", list(QuotaType))
def test_every_way_reads_the_same(filesystem: RigFilesystem, quota_type: QuotaType) -> None:
    device = filesystem.device
    for quota_id in (*SOME, *LARGE):
        syscall.set_quota(device, quota_type, (9, 0, 0, 0, 0, 0, 0, 0, quota_id), syscall.QIF_BLIMITS)
    by_path = list(syscall.iter_quotas(device, quota_type))
    assert {*SOME, *LARGE} <= {row[8] for row in by_path}
    with opened(mounted(filesystem)) as descriptor:
        assert list(syscall.iter_quotas_by_mount(descriptor, quota_type)) == by_path
    assert list(quotactl.iter_rows(device, quota_type, mounted(filesystem))) == by_path
    assert list(quotactl.iter_rows(device, quota_type)) == by_path


@pytest.mark.parametrize("by_mount", [True, False])
@pytest.mark.parametrize("quota_type", list(QuotaType))
def test_a_device_that_goes_away_in_the_middle_fails_the_iteration(
    filesystem: RigFilesystem, quota_type: QuotaType, *, by_mount: bool
) -> None:
    for quota_id in SOME:
        syscall.set_quota(filesystem.device, quota_type, (9, 0, 0, 0, 0, 0, 0, 0, quota_id), syscall.QIF_BLIMITS)
    rows = quotactl.iter_rows(filesystem.device, quota_type, mounted(filesystem) if by_mount else None)
    for _ in range(3):
        next(rows)
    with filesystem.unmounted(), pytest.raises(DeviceUnavailableError, match="not mounted"):
        list(rows)


def test_another_filesystem_on_the_mount_point_is_not_read(backend: KernelBackend, filesystem: RigFilesystem) -> None:
    there = mounted(filesystem)
    filesystem.run("mount", "-t", "tmpfs", "tmpfs", filesystem.mount_point)
    try:
        with pytest.raises(OSError, match="No such device"), opened(there):
            pytest.fail("a descriptor of the tmpfs was given")
        assert list(backend.iter_quotas(filesystem.device, QuotaType.USER)), "by the device's path"
    finally:
        filesystem.run("umount", filesystem.mount_point)


def test_a_filesystem_that_is_mounted_read_only_is_read(backend: KernelBackend, xfs: RigFilesystem) -> None:
    """quotactl_fd(2) refuses it with EROFS; XFS keeps its quotas then, ext4 does not."""
    before = list(backend.iter_quotas(xfs.device, QuotaType.USER))
    xfs.run("mount", "-o", "remount,ro", xfs.mount_point)
    try:
        read = list(backend.iter_quotas(xfs.device, QuotaType.USER))
    finally:
        xfs.run("mount", "-o", "remount,rw", xfs.mount_point)
    assert [quota.quota_id for quota in read] == [quota.quota_id for quota in before]
