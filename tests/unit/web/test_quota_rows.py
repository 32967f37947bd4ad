"""Rows on the wire are what the core's own functions say, however fast they are made."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.quota.status import quota_status
from app.quota.units import kib_from_bytes
from app.quota.values import Limits, Quota, ResourceQuota
from app.web.quota_rows import UserRowOut, quota_row, quota_rows

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
COUNTS = st.integers(0, 2**63)
LIMITS = st.one_of(st.none(), st.integers(1, 2**53), st.integers(1, 3000))
EXPIRIES = st.one_of(st.none(), st.integers(-(10**6), 10**6).map(lambda seconds: NOW + timedelta(seconds=seconds)))
RESOURCES = st.builds(
    ResourceQuota, st.one_of(COUNTS, st.integers(0, 3000)), st.builds(Limits, LIMITS, LIMITS), EXPIRIES
)
QUOTAS = st.builds(Quota, st.integers(0, 2**32 - 2), RESOURCES, RESOURCES, st.none(), st.just({}))


def seconds(instant: datetime | None) -> int:
    return int(instant.timestamp()) if instant else 0


@settings(deadline=None)  # a busy machine is no failure
@given(QUOTAS)
def test_a_row_is_what_the_core_says(quota: Quota) -> None:
    row = quota_row(quota, "uid", None, NOW)
    assert row == {
        "uid": quota.quota_id,
        "name": f"#{quota.quota_id}",
        "status": quota_status(quota, NOW).value,
        "block_current": quota.block.used,
        "block_soft_limit": kib_from_bytes(quota.block.limits.soft),
        "block_hard_limit": kib_from_bytes(quota.block.limits.hard),
        "block_time_limit": seconds(quota.block.grace_expires_at),
        "inode_current": quota.inode.used,
        "inode_soft_limit": quota.inode.limits.soft or 0,
        "inode_hard_limit": quota.inode.limits.hard or 0,
        "inode_time_limit": seconds(quota.inode.grace_expires_at),
        "limits_source": "own",
    }


def test_names_and_parts() -> None:
    nothing = ResourceQuota(0)
    quotas = [Quota(1, nothing, nothing), Quota(2, nothing, nothing, "own", {"volume": 3}), Quota(4, nothing, nothing)]
    rows = quota_rows(quotas, "uid", {1: "alice", 2: "other"}, NOW)
    assert [row["name"] for row in rows] == ["alice", "own", "#4"]
    assert rows[1]["docker_volume_bytes"] == 3
    assert [UserRowOut.model_validate(row, strict=False).uid for row in rows] == [1, 2, 4]
