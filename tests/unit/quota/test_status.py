"""Status and percent: what a person sees first."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given

from app.quota.status import QuotaStatus, quota_percent, quota_status, resource_percent, resource_status
from app.quota.values import DeviceUsage, Limits, Quota, ResourceQuota
from tests.unit.quota.strategies import instants, quotas, resources

NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
LATER, EARLIER = NOW + timedelta(days=1), NOW - timedelta(days=1)
ORDER = list(QuotaStatus)


@pytest.mark.parametrize(
    ("used", "limits", "expires_at", "status"),
    [
        (5, Limits(), None, QuotaStatus.OK),
        (10, Limits(10, 20), None, QuotaStatus.OK),
        (11, Limits(10, 20), LATER, QuotaStatus.SOFT_EXCEEDED),
        (11, Limits(10, 20), None, QuotaStatus.SOFT_EXCEEDED),
        (11, Limits(10, 20), EARLIER, QuotaStatus.GRACE_EXPIRED),
        (11, Limits(10, 20), NOW, QuotaStatus.GRACE_EXPIRED),
        (20, Limits(10, 20), EARLIER, QuotaStatus.HARD_REACHED),
        (20, Limits(None, 20), None, QuotaStatus.HARD_REACHED),
        (19, Limits(None, 20), None, QuotaStatus.OK),
        (0, Limits(0, 0), None, QuotaStatus.HARD_REACHED),
    ],
)
def test_the_order_of_statuses(used: int, limits: Limits, expires_at: datetime | None, status: QuotaStatus) -> None:
    assert resource_status(ResourceQuota(used, limits, expires_at), NOW) is status


@given(quotas, instants)
def test_the_worse_of_blocks_and_inodes_counts(quota: Quota, now: datetime) -> None:
    both = [resource_status(quota.block, now), resource_status(quota.inode, now)]
    assert quota_status(quota, now) is max(both, key=ORDER.index)


@given(resources, instants, instants)
def test_time_alone_never_makes_a_status_better(resource: ResourceQuota, one: datetime, other: datetime) -> None:
    first, second = sorted((one, other))
    assert ORDER.index(resource_status(resource, first)) <= ORDER.index(resource_status(resource, second))


@pytest.mark.parametrize(
    ("used", "limits", "percent"),
    [
        (50, Limits(20, 100), 50.0),
        (50, Limits(100, None), 50.0),
        (1, Limits(None, 3), 33.3),
        (5, Limits(), None),
        (7, Limits(None, 5), 140.0),
    ],
)
def test_percent_is_of_the_hard_limit_else_of_the_soft_one(used: int, limits: Limits, percent: float | None) -> None:
    assert resource_percent(ResourceQuota(used, limits)) == percent


@given(quotas)
def test_the_percent_of_a_quota_is_the_greater_one(quota: Quota) -> None:
    parts = [p for p in (resource_percent(quota.block), resource_percent(quota.inode)) if p is not None]
    assert quota_percent(quota) == (max(parts) if parts else None)


def test_an_empty_device_is_not_full() -> None:
    assert DeviceUsage(0, 0, 0).percent == 0.0
    assert DeviceUsage(1, 2, 3).percent == 33.3
