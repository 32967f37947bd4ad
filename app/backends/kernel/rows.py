"""From the kernel's rows to quotas."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from app.backends.kernel.syscall import QuotaRow
from app.quota.units import KIB
from app.quota.values import NO_PARTS, UNLIMITED, Limits, Quota, ResourceQuota

_END_OF_TIME = datetime.max.replace(microsecond=0, tzinfo=UTC)


def quota_from_row(row: QuotaRow, fstype: str) -> Quota:
    """One row as a quota."""
    return next(iter_as_quotas((row,), fstype))


def iter_as_quotas(rows: Iterable[QuotaRow], fstype: str) -> Iterator[Quota]:
    """Rows as quotas: limits in bytes, None for 0, and the timer as an instant while it counts.

    A timer counts while usage is above the soft limit. What XFS has in its place for id 0 is the grace period
    (fs/xfs/xfs_qm_syscalls.c, xfs_qm_scall_setqlim), which is no instant.
    """
    # Named tuples are made without their own __new__, and a neighbour's equal limits again: half the time of a row.
    new = tuple.__new__
    block = inode = UNLIMITED
    last_block = last_inode = (0, 0)
    timer_of_root_counts = fstype != "xfs"
    for block_hard, block_soft, space, inode_hard, inode_soft, inodes, block_timer, inode_timer, quota_id in rows:
        pair = (block_soft, block_hard)
        if pair != last_block:
            last_block, block = pair, new(Limits, (block_soft * KIB or None, block_hard * KIB or None))
        pair = (inode_soft, inode_hard)
        if pair != last_inode:
            last_inode, inode = pair, new(Limits, (inode_soft or None, inode_hard or None))
        block_expires_at = inode_expires_at = None
        if (block_timer or inode_timer) and (quota_id or timer_of_root_counts):
            block_expires_at = _expiry(block_timer, space, block)
            inode_expires_at = _expiry(inode_timer, inodes, inode)
        in_blocks = new(ResourceQuota, (space, block, block_expires_at))
        in_inodes = new(ResourceQuota, (inodes, inode, inode_expires_at))
        yield new(Quota, (quota_id, in_blocks, in_inodes, None, NO_PARTS))


def _expiry(timer: int, used: int, limits: Limits) -> datetime | None:
    return _instant(timer) if timer and limits.soft is not None and used > limits.soft else None


def _instant(timer: int) -> datetime:
    """Unix seconds as an instant; what lies beyond the calendar is its end (`setquota -T` sets any number)."""
    try:
        return datetime.fromtimestamp(timer, UTC)
    except (OverflowError, ValueError, OSError):
        return _END_OF_TIME
