"""Default limits of devices: what they are, and putting them on those who have no limits of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from app.quota.defaults import NO_LIMITS, Applied, Defaults, LimitSet, limits_of
from app.quota.errors import BackendError
from app.quota.rules import check_limits, check_supported
from app.quota.values import Quota, QuotaType
from app.slave.access import DeviceAccess
from app.slave.failures import as_problem
from app.slave.inventory import Listed
from app.web.quota_rows import LimitsIn

log = structlog.get_logger(__name__)


class DefaultLimits:
    """The defaults of the host's devices. DeviceNotFoundError, NotSupportedError (quota type), BackendError (gone)."""

    def __init__(self, access: DeviceAccess) -> None:
        self._access = access

    def get_limits(self, device: str, quota_type: QuotaType) -> LimitSet:
        """The defaults; unlimited where none were set."""
        self._access.find(device, quota_type)
        return self._access.defaults.load(device, quota_type).limits

    def set_limits(self, device: str, quota_type: QuotaType, limits: LimitsIn) -> LimitSet:
        """The defaults as they stand now; a missing one stays as it is. Shown at once, put in place by the worker.

        InvalidInputError, NotSupportedError: not what the device can hold; nothing was changed then. NoSpaceError.
        """
        listed = self._access.find(device, quota_type)
        with self._access.alone(device):
            stands = self._access.defaults.load(device, quota_type).limits
            if not limits.model_fields_set:
                return stands
            wanted = LimitSet(*limits.applied_to(*stands))
            check_limits(*wanted)
            check_supported(listed.device.capabilities, *wanted)
            with self._access.outdating(device):
                self._access.defaults.put(device, quota_type, wanted)
        log.info("defaults_set", device=device, quota_type=quota_type.value)
        return wanted


@dataclass(frozen=True, slots=True)
class Round:
    """One round over all devices: ids on which defaults were put, those that failed, and devices that were skipped."""

    applied: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Round") -> "Round":
        return Round(self.applied + other.applied, self.failed + other.failed, self.skipped + other.skipped)


class DefaultsApplier:
    """Puts defaults on ids that are on defaults, where others are in place.

    A device counts only as it was read just now, whole: what cannot be read is never taken for "no limits". Each id
    is read once more under the device's lock before it is changed, so that nobody's change is written over.
    """

    def __init__(self, access: DeviceAccess) -> None:
        self._access = access

    def apply(self) -> Round:
        """One round. A device that fails is skipped, with a line in the log, and tried again with the next."""
        look, total = self._access.inventory.look(), Round()
        for backend, error in look.failures.items():
            log.warning("defaults_skipped", backend=backend, code=error.code, detail=error.detail)
            total += Round(skipped=1)
        for listed in look.listed.values():
            for quota_type in listed.device.capabilities.quota_types:
                total += self._apply_to(listed, quota_type)
        log.info("defaults_round", applied=total.applied, failed=total.failed, skipped=total.skipped)
        return total

    def _apply_to(self, listed: Listed, quota_type: QuotaType) -> Round:
        device = listed.device.name
        defaults = self._access.defaults.load(device, quota_type)
        if defaults.limits == NO_LIMITS and not defaults.applied:
            return Round()
        lane = self._access.lane(device)
        future = lane.submit(lambda: list(listed.backend.iter_quotas(device, quota_type)))
        error = lane.settle(future)
        if error is not None:
            problem = as_problem(error, device)
            log.warning("defaults_skipped", device=device, code=problem.code, detail=problem.detail)
            return Round(skipped=1)
        quotas = future.result()
        self._forget_strangers(device, quota_type, defaults, quotas)
        due = [quota.quota_id for quota in quotas if defaults.is_due(quota)]
        if not due:
            return Round()
        with self._access.outdating(device):
            return self._apply_each(listed, quota_type, due)

    def _apply_each(self, listed: Listed, quota_type: QuotaType, due: Sequence[int]) -> Round:
        device, total = listed.device.name, Round()
        lane = self._access.lane(device)
        for quota_id in due:
            future = lane.submit(partial(self._apply_one, listed, quota_type, quota_id))
            error = lane.settle(future)
            if error is None:
                total += Round(applied=int(future.result()))
                continue
            problem = as_problem(error, device)
            log.warning("defaults_not_applied", device=device, id=quota_id, code=problem.code, detail=problem.detail)
            total += Round(failed=1)
            if isinstance(problem, BackendError):
                return total + Round(skipped=1)
        return total

    def _apply_one(self, listed: Listed, quota_type: QuotaType, quota_id: int) -> bool:
        """False when it is not due any more."""
        device, backend = listed.device, listed.backend
        with self._access.alone(device.name):
            defaults = self._access.defaults.load(device.name, quota_type, quota_id)
            quota = backend.get_quota(device.name, quota_type, quota_id)
            if not defaults.is_due(quota):
                return False
            wanted = defaults.limits
            self._access.defaults.remember(
                device.name, quota_type, quota_id, Applied.about_to(limits_of(quota), wanted)
            )
            changed = backend.set_limits(device.name, quota_type, quota_id, block=wanted.block, inode=wanted.inode)
            if wanted == NO_LIMITS:
                self._access.defaults.forget(device.name, quota_type, [quota_id])
            else:
                self._access.defaults.remember(device.name, quota_type, quota_id, Applied(wanted, limits_of(changed)))
        log.info("defaults_applied", device=device.name, quota_type=quota_type.value, id=quota_id)
        return True

    def _forget_strangers(
        self, device: str, quota_type: QuotaType, defaults: Defaults, quotas: Sequence[Quota]
    ) -> None:
        """Somebody else has set limits there, not through qman: they are the id's own, whatever they will be."""
        strangers = [
            quota.quota_id
            for quota in quotas
            if quota.quota_id in defaults.applied and not defaults.is_on_defaults(quota)
        ]
        self._access.defaults.forget(device, quota_type, strangers)
