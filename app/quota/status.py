"""What a person wants to know of a quota first: is it all right, and how full is it."""

from datetime import datetime
from enum import StrEnum

from app.quota.values import Quota, ResourceQuota


class QuotaStatus(StrEnum):
    """From good to bad."""

    OK = "ok"
    SOFT_EXCEEDED = "soft_exceeded"
    GRACE_EXPIRED = "grace_expired"
    HARD_REACHED = "hard_reached"


_SEVERITY = {status: rank for rank, status in enumerate(QuotaStatus)}


def resource_status(resource: ResourceQuota, now: datetime) -> QuotaStatus:
    """`hard_reached` at or above the hard limit, else `grace_expired`, else `soft_exceeded` above the soft one."""
    used, (soft, hard), expires_at = resource
    if hard is not None and used >= hard:
        return QuotaStatus.HARD_REACHED
    if soft is None or used <= soft:
        return QuotaStatus.OK
    if expires_at is not None and expires_at <= now:
        return QuotaStatus.GRACE_EXPIRED
    return QuotaStatus.SOFT_EXCEEDED


def quota_status(quota: Quota, now: datetime) -> QuotaStatus:
    """The worse of blocks and inodes."""
    block, inode = resource_status(quota.block, now), resource_status(quota.inode, now)
    if block is inode:  # nearly always; ranks are looked up by an enum's slow hash
        return block
    return block if _SEVERITY[block] >= _SEVERITY[inode] else inode


def resource_percent(resource: ResourceQuota) -> float | None:
    """Usage in percent of the hard limit, else of the soft one, with one decimal; None when unlimited."""
    used, (soft, hard), _ = resource
    limit = hard if hard is not None else soft
    return round(100 * used / limit, 1) if limit else None


def quota_percent(quota: Quota) -> float | None:
    """The greater of blocks and inodes; None when both are unlimited."""
    return max(
        (percent for percent in (resource_percent(quota.block), resource_percent(quota.inode)) if percent is not None),
        default=None,
    )


def is_below_usage(quota: Quota) -> bool:
    """Is a limit lower than what is used already?"""
    return any(
        limit is not None and limit < resource.used
        for resource in (quota.block, quota.inode)
        for limit in resource.limits
    )
