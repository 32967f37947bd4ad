"""A row of the wire in the table's shape says what the core says of the quota."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.db.repositories.snapshots import MAX_STORED_COUNT
from app.master.collector.snapshot_writer import NEARLY_FULL_PERCENT, stored_quota
from app.quota.status import QuotaStatus, quota_percent
from app.quota.units import bytes_from_kib, count_from_wire
from app.quota.values import Limits, Quota, QuotaType, ResourceQuota
from app.web.quota_rows import UserRowOut

KIB_LIMITS = st.just(0) | st.integers(1, 2**43)
COUNT_LIMITS = st.just(0) | st.integers(1, 2**63)
USED = st.integers(0, 2**63 - 1)


@given(USED, KIB_LIMITS, KIB_LIMITS, USED, COUNT_LIMITS, COUNT_LIMITS, st.sampled_from(list(QuotaStatus)))
def test_fullness_is_the_percent_of_the_core(
    used: int, soft: int, hard: int, inodes: int, inode_soft: int, inode_hard: int, status: QuotaStatus
) -> None:
    limits: dict[str, Any] = {"block_soft_limit": soft, "block_hard_limit": hard}
    limits |= {"inode_soft_limit": inode_soft, "inode_hard_limit": inode_hard}
    times: dict[str, Any] = {"block_time_limit": 0, "inode_time_limit": 0}
    row = UserRowOut.model_construct(
        uid=1000, name="alice", status=status, block_current=used, inode_current=inodes, **limits, **times
    )
    block = ResourceQuota(used, Limits(bytes_from_kib(soft), bytes_from_kib(hard)))
    inode = ResourceQuota(inodes, Limits(count_from_wire(inode_soft), count_from_wire(inode_hard)))
    percent = quota_percent(Quota(1000, block, inode))
    stored = stored_quota("/dev/sda1", QuotaType.USER, row)
    assert stored.fullness == (-1.0 if percent is None else percent)
    assert stored.attention == int(status is not QuotaStatus.OK or (percent or 0) >= NEARLY_FULL_PERCENT)
    assert (stored.status, stored.severity) == (status.value, list(QuotaStatus).index(status))
    assert (stored.block_soft_limit, stored.block_hard_limit) == (soft, hard)
    assert (stored.inode_soft_limit, stored.inode_hard_limit) == (
        min(inode_soft, MAX_STORED_COUNT),
        min(inode_hard, MAX_STORED_COUNT),
    )
    assert (stored.limits_source, stored.parts) == ("own", {})
