"""Setting limits: given ones over those that stand, one change of a device at a time, read back."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import structlog

from app.quota.clock import Clock
from app.quota.defaults import LimitSet, Shown
from app.quota.errors import StaleUpdateError
from app.quota.rules import check_limits, check_supported
from app.quota.status import is_below_usage
from app.quota.values import Device, Quota, QuotaType
from app.slave.access import DeviceAccess
from app.slave.inventory import Listed
from app.slave.names import NameBook
from app.slave.reading import Reader
from app.slave.render import list_etag
from app.web.quota_rows import ID_FIELD, LimitsIn, quota_row

log = structlog.get_logger(__name__)

Expectation = Callable[[str], bool]
"""Says whether this ETag is one that the caller has read."""


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row as it stands after a change, and the ETag of its limits."""

    row: dict[str, Any]
    etag: str


def limits_etag(quota: Quota) -> str:
    """The ETag of a row's limits: usage may move on, it is stale only when somebody else has set them."""
    text = repr((quota.quota_id, tuple(quota.block.limits), tuple(quota.inode.limits)))
    return blake2b(text.encode(), digest_size=16).hexdigest()


def limits_wanted(device: Device, stands: Quota, limits: LimitsIn) -> LimitSet:
    """The limits that would stand. InvalidInputError, NotSupportedError: they cannot."""
    wanted = LimitSet(*limits.applied_to(stands.block.limits, stands.inode.limits))
    check_limits(*wanted)
    check_supported(device.capabilities, *wanted)
    return wanted


def changed_row(shown: Shown, quota_type: QuotaType, name: str | None, clock: Clock) -> dict[str, Any]:
    """The row after a change, with `warnings` where a limit is below usage."""
    row = quota_row(shown.quota, ID_FIELD[quota_type], name, clock(), is_on_defaults=shown.is_on_defaults)
    return {**row, "warnings": ["below_usage"]} if is_below_usage(shown.quota) else row


class LimitChanger:
    """Changes one id's limits through the backends. Every worker's readings are outdated by it at once."""

    def __init__(self, access: DeviceAccess, reader: Reader, names: NameBook, clock: Clock) -> None:
        self._access = access
        self._reader = reader
        self._names = names
        self._clock = clock

    def set_limits(
        self, device: str, quota_type: QuotaType, quota_id: int, limits: LimitsIn, expected: Expectation | None = None
    ) -> ChangedRow:
        """The row as read back. An id on defaults keeps those that are not given, as limits of its own.

        DeviceNotFoundError, NotSupportedError, InvalidInputError, StaleUpdateError: nothing was changed. BackendError:
        it cannot be done now; DeviceTimeoutError: it may still happen. NoSpaceError: nothing was changed.
        """
        listed = self._access.find(device, quota_type)
        shown = self._access.lane(device).run(lambda: self._change(listed, quota_type, quota_id, limits, expected))
        names = self._names.names_of(quota_type, [] if shown.quota.name else [quota_id])
        row = changed_row(shown, quota_type, names.by_id.get(quota_id), self._clock)
        return ChangedRow(row, limits_etag(shown.quota))

    def _change(
        self, listed: Listed, quota_type: QuotaType, quota_id: int, limits: LimitsIn, expected: Expectation | None
    ) -> Shown:
        device, backend = listed.device, listed.backend
        with self._access.alone(device.name):
            defaults = self._access.defaults.load(device.name, quota_type, quota_id)
            stands = defaults.shown(backend.get_quota(device.name, quota_type, quota_id))
            if expected is not None and not expected(limits_etag(stands.quota)):
                reading = self._reader.measure_one(listed, quota_type, quota_id)
                if not expected(list_etag([reading])):
                    raise StaleUpdateError("The limits were changed since they were read. Nothing was changed now.")
            if not limits.model_fields_set:
                return stands
            wanted = limits_wanted(device, stands.quota, limits)
            with self._access.outdating(device.name):
                changed = backend.set_limits(device.name, quota_type, quota_id, block=wanted.block, inode=wanted.inode)
                self._access.defaults.forget(device.name, quota_type, [quota_id] if defaults.applied else [])
        log.info("limits_set", device=device.name, quota_type=quota_type.value, id=quota_id)
        return defaults.forgotten().shown(changed)
