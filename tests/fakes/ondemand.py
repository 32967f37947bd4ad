"""The part of Open OnDemand's dashboard that reads quota files: `Quota.find`, written after its quota.rb.

Same defaults, same conversions, same order: what it would show of a file, a test can look at.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ShownQuota:
    """One warning-to-be; usage and limit in files, or in blocks of 1 KiB. A limit of 0 is none."""

    type: str
    path: str
    resource_type: str
    user_usage: int
    total_usage: int
    limit: int
    updated_at: int


def shown_to(user: str, file: Any) -> list[ShownQuota]:
    """What the dashboard finds for somebody; KeyError and TypeError where it would log an error and show nothing."""
    if not isinstance(file, dict) or not isinstance(file["quotas"], list):
        raise TypeError("Quota file expected to be a JSON object with quotas array section")
    found: list[ShownQuota] = []
    for quota in file["quotas"]:
        if quota["user"] == user:
            at = quota.get("timestamp", file["timestamp"])
            found += [_quota(quota, "file", at), _quota(quota, "block", at)]
    return found


def _quota(quota: dict[str, Any], resource: str, updated_at: int) -> ShownQuota:
    total = int(quota[f"total_{resource}_usage"])
    return ShownQuota(
        type=quota.get("type", "user"),
        path=quota["path"],
        resource_type=resource,
        user_usage=int(quota.get(f"{resource}_usage", total)),
        total_usage=total,
        limit=int(quota[f"{resource}_limit"]),
        updated_at=updated_at,
    )
