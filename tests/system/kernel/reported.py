"""The backend's quotas and repquota's rows in the same shape, so that they can be compared.

Rows without usage and limits are left out on both sides: ext4 forgets such an id when the last who looked at it is done
(fs/quota/quota_v2.c, v2_release_dquot), so that who looks next does not see it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from app.quota.backend import QuotaBackend
from app.quota.units import KIB, kib_from_bytes
from app.quota.values import Quota, QuotaType
from tests.system.kernel.rig import RigFilesystem


class ReportedRow(NamedTuple):
    """One line of repquota: KiB and counts, 0 is unlimited; expiries as Unix seconds, 0 without a timer that counts."""

    block_soft: int
    block_hard: int
    block_used: int
    block_expiry: int
    inode_soft: int
    inode_hard: int
    inode_used: int
    inode_expiry: int


_COLUMNS = tuple(
    f"{resource}{column}" for resource in ("Block", "File") for column in ("SoftLimit", "HardLimit", "Used", "Grace")
)


def rows_of_repquota(filesystem: RigFilesystem, quota_type: QuotaType) -> dict[int, ReportedRow]:
    """What repquota prints, by id."""
    report = filesystem.report(quota_type)
    return _telling({each: ReportedRow(*(int(row[it] or 0) for it in _COLUMNS)) for each, row in report.items()})


def rows_of_quotas(quotas: Iterable[Quota]) -> dict[int, ReportedRow]:
    """The same of quotas."""
    return _telling({quota.quota_id: _row(quota) for quota in quotas})


def assert_repquota_agrees(backend: QuotaBackend, filesystem: RigFilesystem, *types: QuotaType) -> None:
    """Every id, limit, usage and timer of these quota types, or of all, as repquota has it."""
    for quota_type in types or QuotaType:
        read = rows_of_quotas(backend.iter_quotas(filesystem.device, quota_type))
        told = rows_of_repquota(filesystem, quota_type)
        apart = {each: (read.get(each), told.get(each)) for each in read | told if read.get(each) != told.get(each)}
        assert apart == {}, f"{quota_type} quotas of {filesystem.fstype}, as read and as repquota tells"


def _telling(rows: dict[int, ReportedRow]) -> dict[int, ReportedRow]:
    return {quota_id: row for quota_id, row in rows.items() if any(row)}


def _row(quota: Quota) -> ReportedRow:
    block, inode = quota.block, quota.inode
    return ReportedRow(
        kib_from_bytes(block.limits.soft),
        kib_from_bytes(block.limits.hard),
        -(-block.used // KIB),
        _seconds(block.grace_expires_at),
        inode.limits.soft or 0,
        inode.limits.hard or 0,
        inode.used,
        _seconds(inode.grace_expires_at),
    )


def _seconds(instant: datetime | None) -> int:
    return 0 if instant is None else int(instant.timestamp())
