"""Default limits: what an id without limits of its own gets on a device, and what it is shown until it has them.

An id is on defaults when the mechanism has no limit for it, or still has those that were put there as defaults. All
others have limits of their own, which defaults never touch.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from app.quota.values import UNLIMITED, Limits, Quota, QuotaType, ResourceQuota

NOBODY = frozenset({65534, 65535})
"""`nobody` and `nogroup`, and the 16-bit "no id" (systemd.io/UIDS-GIDS): whatever they own is nobody's."""


class LimitSet(NamedTuple):
    """The limits of an id on one device: blocks in bytes, inodes as a count."""

    block: Limits = UNLIMITED
    inode: Limits = UNLIMITED


NO_LIMITS = LimitSet()


class Applied(NamedTuple):
    """Defaults that were put on an id: those wanted, and those that stood when they were read back."""

    wanted: LimitSet
    stands: LimitSet

    @classmethod
    def about_to(cls, before: LimitSet, wanted: LimitSet) -> "Applied":
        """Kept before the limits are set: whichever of both stands afterwards, the id is on defaults."""
        return cls(before, wanted)


def limits_of(quota: Quota) -> LimitSet:
    """The four limits of a quota."""
    return LimitSet(quota.block.limits, quota.inode.limits)


def with_limits(quota: Quota, limits: LimitSet) -> Quota:
    """The quota under these limits. A timer that runs goes on while usage stays above the soft limit; none starts."""
    return quota._replace(
        block=_resource_under(quota.block, limits.block), inode=_resource_under(quota.inode, limits.inode)
    )


def _resource_under(resource: ResourceQuota, limits: Limits) -> ResourceQuota:
    is_above = limits.soft is not None and resource.used > limits.soft
    return ResourceQuota(resource.used, limits, resource.grace_expires_at if is_above else None)


class Shown(NamedTuple):
    """A quota as people see it, under the limits that hold or will, and whether these are the device's defaults."""

    quota: Quota
    is_on_defaults: bool


@dataclass(frozen=True, slots=True)
class Defaults:
    """The defaults of one quota type of a device. `applied` is what was put there, by id."""

    limits: LimitSet
    applied: Mapping[int, Applied]
    from_id: int

    @staticmethod
    def lowest_id(quota_type: QuotaType, from_id: int) -> int:
        """The lowest id that gets defaults: system accounts are below `from_id`, and projects have no system ids."""
        return 1 if quota_type is QuotaType.PROJECT else from_id

    def forgotten(self) -> "Defaults":
        """The same, as if nothing had been put anywhere."""
        return replace(self, applied={})

    def is_on_defaults(self, quota: Quota) -> bool:
        """Has the id no limits of its own? `quota` is as read from the mechanism."""
        if quota.quota_id < self.from_id or quota.quota_id in NOBODY:
            return False
        stands = limits_of(quota)
        return stands == NO_LIMITS or stands in self.applied.get(quota.quota_id, ())

    def is_due(self, quota: Quota) -> bool:
        """Is the id on defaults, and are other limits than these in place?"""
        return self.is_on_defaults(quota) and not self._is_in_place(quota)

    def shown(self, quota: Quota) -> Shown:
        """The quota as people see it: on defaults it shows those of the device, in place already or not."""
        if not self.is_on_defaults(quota):
            return Shown(quota, is_on_defaults=False)
        return Shown(quota if self._is_in_place(quota) else with_limits(quota, self.limits), is_on_defaults=True)

    def shown_all(self, quotas: Iterable[Quota]) -> tuple[list[Quota], set[int]]:
        """As `shown`, for many: the quotas, and the ids that are on defaults. A device has ten thousand of them."""
        result: list[Quota] = []
        on_defaults: set[int] = set()
        applied = self.applied
        for quota in quotas:
            quota_id, block, inode, _, _ = quota
            if (block[1] != UNLIMITED or inode[1] != UNLIMITED) and quota_id not in applied:
                result.append(quota)
                continue
            shown, is_on_defaults = self.shown(quota)
            result.append(shown)
            if is_on_defaults:
                on_defaults.add(quota_id)
        return result, on_defaults

    def _is_in_place(self, quota: Quota) -> bool:
        stands, applied = limits_of(quota), self.applied.get(quota.quota_id)
        if applied is not None and applied.wanted == self.limits and applied.stands == stands:
            return True
        return stands == self.limits
