"""What others fell into, on the real kernel."""

import subprocess
from pathlib import Path
from threading import Thread

import pytest

from app.backends.kernel import syscall
from app.backends.kernel.backend import KernelBackend
from app.quota.clock import utc_now
from app.quota.errors import (
    BackendForbiddenError,
    DeviceNotFoundError,
    DeviceUnavailableError,
    InvalidInputError,
    NotSupportedError,
)
from app.quota.status import QuotaStatus, quota_status
from app.quota.units import KIB, MIB
from app.quota.values import UNLIMITED, GracePeriods, Limits, QuotaType
from tests.system.kernel.rig import RigFilesystem, errno_as

USER = QuotaType.USER


def test_an_unmounted_device_is_unavailable_not_empty(backend: KernelBackend, filesystem: RigFilesystem) -> None:
    device = filesystem.device
    assert device in {found.name for found in backend.list_devices()}
    with filesystem.unmounted():
        assert device not in {found.name for found in backend.list_devices()}
        for call in (
            lambda: list(backend.iter_quotas(device, USER)),
            lambda: backend.get_quota(device, USER, 1000),
            lambda: backend.set_limits(device, USER, 1000, block=UNLIMITED, inode=UNLIMITED),
            lambda: backend.get_usage(device),
            lambda: backend.get_grace_periods(device, USER),
            lambda: backend.set_grace_periods(device, USER, GracePeriods(1, 1)),
        ):
            with pytest.raises(DeviceUnavailableError):
                call()
        with pytest.raises(DeviceNotFoundError):
            KernelBackend().get_quota(device, USER, 1000)
    assert backend.get_usage(device).total > 0


def test_usage_is_never_that_of_another_filesystem(
    backend: KernelBackend, filesystem: RigFilesystem, tmp_path: Path
) -> None:
    truth = backend.get_usage(filesystem.device)
    filesystem.run("mount", "-t", "tmpfs", "tmpfs", filesystem.mount_point)
    try:
        with pytest.raises(DeviceUnavailableError):
            backend.get_usage(filesystem.device)
    finally:
        filesystem.run("umount", filesystem.mount_point)
    filesystem.run("mount", "--bind", filesystem.mount_point, str(tmp_path))
    try:
        [device] = [found for found in backend.list_devices() if found.name == filesystem.device]
        assert device.mount_points == (filesystem.mount_point, str(tmp_path))
        filesystem.run("umount", filesystem.mount_point)
        assert backend.get_usage(filesystem.device).total == truth.total
        filesystem.mount()
    finally:
        filesystem.run("umount", str(tmp_path))


def test_the_largest_limits_stand_and_one_more_is_refused(
    backend: KernelBackend, filesystem: RigFilesystem, fresh_id: int
) -> None:
    device = filesystem.device
    most_kib, most_inodes = {"ext4": (2**53 - 1, 2**63 - 1), "xfs": (2**53 - 64, 2**63 - 1)}[filesystem.fstype]
    most = Limits(None, most_kib * KIB), Limits(None, most_inodes)
    quota = backend.set_limits(device, USER, fresh_id, block=most[0], inode=most[1])
    assert (quota.block.limits, quota.inode.limits) == most
    beyond = Limits(None, (most_kib + 1) * KIB), Limits(None, most_inodes + 1)
    with pytest.raises(InvalidInputError) as refused:
        backend.set_limits(device, USER, fresh_id, block=beyond[0], inode=beyond[1])
    assert [(fault.field, fault.expected) for fault in refused.value.fields] == [
        ("block_hard_limit", f"an integer up to {most_kib}"),
        ("inode_hard_limit", f"an integer up to {most_inodes}"),
    ]
    assert backend.get_quota(device, USER, fresh_id) == quota


def test_a_limit_is_rounded_up_to_what_the_format_keeps(
    backend: KernelBackend, filesystem: RigFilesystem, fresh_id: int
) -> None:
    asked = Limits(5 * KIB - 1, 1025 * KIB)
    kept = {"ext4": Limits(5 * KIB, 1025 * KIB), "xfs": Limits(8 * KIB, 1028 * KIB)}
    quota = backend.set_limits(filesystem.device, USER, fresh_id, block=asked, inode=UNLIMITED)
    assert quota.block.limits == kept[filesystem.fstype]


def test_xfs_ignores_soft_above_hard_without_an_error(
    backend: KernelBackend, xfs: RigFilesystem, fresh_id: int
) -> None:
    syscall.set_quota(xfs.device, USER, (4, 8, 0, 4, 8, 0, 0, 0, fresh_id), syscall.QIF_BLIMITS | syscall.QIF_ILIMITS)
    assert backend.get_quota(xfs.device, USER, fresh_id).block.limits == UNLIMITED
    with pytest.raises(InvalidInputError):
        backend.set_limits(xfs.device, USER, fresh_id, block=Limits(8 * KIB, 4 * KIB), inode=UNLIMITED)


def test_the_limits_of_root_are_not_made_everybodys_on_xfs(backend: KernelBackend, xfs: RigFilesystem) -> None:
    with pytest.raises(NotSupportedError):
        backend.set_limits(xfs.device, USER, 0, block=Limits(None, MIB), inode=UNLIMITED)


def test_xfs_keeps_the_grace_period_in_roots_timer(backend: KernelBackend, xfs: RigFilesystem) -> None:
    backend.set_grace_periods(xfs.device, USER, GracePeriods(4000, 4000))
    root_file = Path(xfs.mount_point, "root")
    root_file.write_bytes(b"q" * MIB)
    xfs.run("sync")
    try:
        xfs.run("setquota", "-u", "0", "8", "0", "0", "0", xfs.mount_point)
        quota = backend.get_quota(xfs.device, USER, 0)
        assert syscall.get_quota(xfs.device, USER, 0)[6] == 4000
        assert quota.block.grace_expires_at is None
        assert quota_status(quota, utc_now()) is QuotaStatus.SOFT_EXCEEDED
    finally:
        xfs.run("setquota", "-u", "0", "0", "0", "0", "0", xfs.mount_point)
        root_file.unlink()


def test_a_process_without_rights_is_told_so(backend: KernelBackend, filesystem: RigFilesystem, fresh_id: int) -> None:
    def read_others() -> None:
        with pytest.raises(BackendForbiddenError):
            list(backend.iter_quotas(filesystem.device, USER))
        with pytest.raises(BackendForbiddenError):
            backend.get_quota(filesystem.device, USER, fresh_id + 1)
        with pytest.raises(BackendForbiddenError):
            backend.set_limits(filesystem.device, USER, fresh_id, block=UNLIMITED, inode=Limits(None, 5))

    assert errno_as(fresh_id, read_others) == 0


def test_a_read_only_filesystem_refuses_a_change(
    backend: KernelBackend, filesystem: RigFilesystem, fresh_id: int
) -> None:
    filesystem.run("mount", "-o", "remount,ro", filesystem.mount_point)
    try:
        with pytest.raises(DeviceUnavailableError):
            backend.set_limits(filesystem.device, USER, fresh_id, block=Limits(None, MIB), inode=UNLIMITED)
    finally:
        filesystem.run("mount", "-o", "remount,rw", filesystem.mount_point)


def test_a_frozen_filesystem_holds_up_the_caller_alone(
    backend: KernelBackend, filesystem: RigFilesystem, fresh_id: int
) -> None:
    def set_limit() -> None:
        backend.set_limits(filesystem.device, USER, fresh_id, block=Limits(None, MIB), inode=UNLIMITED)

    thaw = ["fsfreeze", "-u", filesystem.mount_point]
    filesystem.run("fsfreeze", "-f", filesystem.mount_point)
    rescue = subprocess.Popen(["sh", "-c", 'sleep 20; exec "$@"', "sh", *thaw])
    caller = Thread(target=set_limit)
    caller.start()
    caller.join(0.3)
    waited = caller.is_alive()
    rescue.terminate()
    thawed = subprocess.run(thaw, check=False).returncode == 0
    rescue.wait()
    caller.join()
    assert (waited, thawed) == (True, True)
    assert backend.get_quota(filesystem.device, USER, fresh_id).block.limits == Limits(None, MIB)


def test_the_quota_formats_are_known(backend: KernelBackend, ext4: RigFilesystem, xfs: RigFilesystem) -> None:
    formats = {device.name: device.quota_formats[USER] for device in backend.list_devices()}
    assert (formats[ext4.device], formats[xfs.device]) == ("vfsv1", "xfs")
