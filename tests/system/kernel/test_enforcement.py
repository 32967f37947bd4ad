"""What is set is what the kernel enforces and what repquota reports."""

import errno

from app.backends.kernel.backend import KernelBackend
from app.quota.clock import utc_now
from app.quota.rules import MAX_ID
from app.quota.status import QuotaStatus, quota_status
from app.quota.units import KIB, MIB
from app.quota.values import UNLIMITED, GracePeriods, Limits, QuotaType
from tests.system.kernel.reported import rows_of_quotas, rows_of_repquota
from tests.system.kernel.rig import RigFilesystem

USER = QuotaType.USER


def test_a_writer_is_stopped_at_the_hard_limit(
    backend: KernelBackend, filesystem: RigFilesystem, fresh_id: int
) -> None:
    backend.set_limits(filesystem.device, USER, fresh_id, block=Limits(None, MIB), inode=UNLIMITED)
    assert filesystem.write_as(fresh_id, 2 * MIB) == errno.EDQUOT
    quota = backend.get_quota(filesystem.device, USER, fresh_id)
    assert MIB - 128 * KIB <= quota.block.used <= MIB


def test_a_writer_is_stopped_at_the_inode_limit(
    backend: KernelBackend, filesystem: RigFilesystem, fresh_id: int
) -> None:
    backend.set_limits(filesystem.device, USER, fresh_id, block=UNLIMITED, inode=Limits(None, 2))
    assert [filesystem.write_as(fresh_id, 1) for _ in range(3)] == [0, 0, errno.EDQUOT]
    quota = backend.get_quota(filesystem.device, USER, fresh_id)
    assert quota.inode == (2, Limits(None, 2), None)
    assert quota_status(quota, utc_now()) is QuotaStatus.HARD_REACHED


def test_the_largest_uid_is_stopped_too(backend: KernelBackend, filesystem: RigFilesystem) -> None:
    backend.set_limits(filesystem.device, USER, MAX_ID, block=Limits(None, MIB), inode=UNLIMITED)
    assert filesystem.write_as(MAX_ID, 2 * MIB) == errno.EDQUOT


def test_the_grace_expiry_is_the_kernels(backend: KernelBackend, filesystem: RigFilesystem, fresh_id: int) -> None:
    backend.set_grace_periods(filesystem.device, USER, GracePeriods(5000, 6000))
    backend.set_limits(filesystem.device, USER, fresh_id, block=Limits(MIB, 4 * MIB), inode=Limits(1, 9))
    assert [filesystem.write_as(fresh_id, MIB) for _ in range(2)] == [0, 0]
    filesystem.run("sync")
    quota, reported = backend.get_quota(filesystem.device, USER, fresh_id), filesystem.report()[fresh_id]
    assert quota.block.grace_expires_at is not None
    assert quota.inode.grace_expires_at is not None
    assert quota.block.grace_expires_at.timestamp() == int(reported["BlockGrace"])
    assert quota.inode.grace_expires_at.timestamp() == int(reported["FileGrace"])
    assert quota_status(quota, utc_now()) is QuotaStatus.SOFT_EXCEEDED


def test_setting_what_stands_already_does_not_restart_the_timer(
    backend: KernelBackend, filesystem: RigFilesystem, fresh_id: int
) -> None:
    backend.set_limits(filesystem.device, USER, fresh_id, block=Limits(MIB, 4 * MIB), inode=UNLIMITED)
    assert filesystem.write_as(fresh_id, 2 * MIB) == 0
    filesystem.run("setquota", "-T", "-u", str(fresh_id), "90000", "unset", filesystem.mount_point)
    before = backend.get_quota(filesystem.device, USER, fresh_id)
    after = backend.set_limits(filesystem.device, USER, fresh_id, block=before.block.limits, inode=Limits(100, 200))
    assert after.block == before.block
    assert after.inode.limits == Limits(100, 200)


def test_repquota_agrees_on_every_id(backend: KernelBackend, filesystem: RigFilesystem, fresh_id: int) -> None:
    for quota_id in (*range(1_000_000, 1_000_010), 2**31 - 2, 2**31 - 1, 2**31, 2**31 + 1, MAX_ID - 1, MAX_ID):
        backend.set_limits(
            filesystem.device, USER, quota_id, block=Limits(4 * MIB, 8 * MIB), inode=Limits(1000, quota_id)
        )
    assert filesystem.write_as(fresh_id, MIB) == 0
    read = rows_of_quotas(backend.iter_quotas(filesystem.device, USER))
    assert read == rows_of_repquota(filesystem, USER)
    assert MAX_ID in read


def test_a_limit_set_by_hand_is_read(backend: KernelBackend, filesystem: RigFilesystem, fresh_id: int) -> None:
    filesystem.run("setquota", "-u", str(fresh_id), "400", "800", "10", "20", filesystem.mount_point)
    quota = backend.get_quota(filesystem.device, USER, fresh_id)
    assert quota.block.limits == Limits(400 * KIB, 800 * KIB)
    assert quota.inode.limits == Limits(10, 20)


def test_group_quotas_are_kept_apart(backend: KernelBackend, filesystem: RigFilesystem, fresh_id: int) -> None:
    stands = backend.set_limits(filesystem.device, QuotaType.GROUP, fresh_id, block=Limits(None, MIB), inode=UNLIMITED)
    assert stands.block.limits == Limits(None, MIB)
    assert backend.get_quota(filesystem.device, USER, fresh_id).block.limits == UNLIMITED
    assert fresh_id in {quota.quota_id for quota in backend.iter_quotas(filesystem.device, QuotaType.GROUP)}


def test_a_writer_is_stopped_by_the_limit_of_group_and_project(
    backend: KernelBackend, filesystem: RigFilesystem, fresh_id: int
) -> None:
    """XFS answers ENOSPC for a project, as if the disk were full (fs/xfs/xfs_trans_dquot.c)."""
    stopped = {
        QuotaType.GROUP: errno.EDQUOT,
        QuotaType.PROJECT: errno.ENOSPC if filesystem.fstype == "xfs" else errno.EDQUOT,
    }
    for quota_type, expected in stopped.items():
        backend.set_limits(filesystem.device, quota_type, fresh_id, block=Limits(None, MIB), inode=UNLIMITED)
        assert filesystem.write_as(fresh_id, 2 * MIB, quota_type) == expected
        quota = backend.get_quota(filesystem.device, quota_type, fresh_id)
        assert MIB - 128 * KIB <= quota.block.used <= MIB
