"""From the kernel's rows to quotas."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from app.backends.kernel.syscall import QuotaRow
from app.quota.units import KIB
from app.quota.values import UNLIMITED, Limits, Quota, ResourceQuota

_END_OF_TIME = datetime.max.replace(microsecond=0, tzinfo=UTC)


def quota_from_row(row: QuotaRow, fstype: str) -> Quota:
    """One row as a quota."""
    return next(iter_as_quotas((row,), fstype))


def iter_as_quotas(rows: Iterable[QuotaRow], fstype: str) -> Iterator[Quota]:
    """Rows as quotas: limits in bytes, None for 0, and the timer as an instant while it counts.

    A timer counts while usage is above the soft limit. What XFS has in its place for id 0 is the grace period
    (fs/xfs/xfs_qm_syscalls.c, xfs_qm_scall_setqlim), which is no instant.
    """
    timer_of_root_counts = fstype != "xfs"
    for block_hard, block_soft, space, inode_hard, inode_soft, inodes, block_timer, inode_timer, quota_id in rows:
        block_expires_at = inode_expires_at = None
        if (block_timer or inode_timer) and (quota_id or timer_of_root_counts):
            if block_timer and block_soft and space > block_soft * KIB:
                block_expires_at = _instant(block_timer)
            if inode_timer and inode_soft and inodes > inode_soft:
                inode_expires_at = _instant(inode_timer)
        block = Limits(block_soft * KIB or None, block_hard * KIB or None) if block_soft or block_hard else UNLIMITED
        inode = Limits(inode_soft or None, inode_hard or None) if inode_soft or inode_hard else UNLIMITED
        yield Quota(
            quota_id, ResourceQuota(space, block, block_expires_at), ResourceQuota(inodes, inode, inode_expires_at)
        )


def _instant(timer: int) -> datetime:
    """Unix seconds as an instant; what lies beyond the calendar is its end (`setquota -T` sets any number)."""
    try:
        return datetime.fromtimestamp(timer, UTC)
    except (OverflowError, ValueError, OSError):
        return _END_OF_TIME
