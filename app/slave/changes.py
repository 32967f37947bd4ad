"""Setting limits: given ones over those that stand, one change of a device at a time, read back."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import structlog

from app.db.errors import NoSpaceError
from app.quota.clock import Clock
from app.quota.errors import NotSupportedError, StaleUpdateError
from app.quota.rules import check_limits, check_supported
from app.quota.values import Quota, QuotaType
from app.slave.book import DeviceBook
from app.slave.inventory import Inventory, Listed
from app.slave.lanes import Lanes
from app.slave.locks import DeviceLocks
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


class LimitChanger:
    """Changes limits through the backends. Every worker's readings of the device are outdated by it at once."""

    def __init__(
        self,
        *,
        inventory: Inventory,
        reader: Reader,
        book: DeviceBook,
        locks: DeviceLocks,
        lanes: Lanes,
        names: NameBook,
        clock: Clock,
    ) -> None:
        self._inventory = inventory
        self._reader = reader
        self._book = book
        self._locks = locks
        self._lanes = lanes
        self._names = names
        self._clock = clock

    def set_limits(
        self, device: str, quota_type: QuotaType, quota_id: int, limits: LimitsIn, expected: Expectation | None = None
    ) -> ChangedRow:
        """The row as read back.

        DeviceNotFoundError, NotSupportedError, InvalidInputError, StaleUpdateError: nothing was changed. BackendError:
        it cannot be done now; DeviceTimeoutError: it may still happen. NoSpaceError: nothing was changed.
        """
        listed = self._inventory.look().get(device)
        if quota_type not in listed.device.capabilities.quota_types:
            raise NotSupportedError(f"{device} has no {quota_type} quotas.")
        quota = self._lanes.lane(device).run(lambda: self._change(listed, quota_type, quota_id, limits, expected))
        names = self._names.names_of(quota_type, [] if quota.name else [quota_id])
        row = quota_row(quota, ID_FIELD[quota_type], names.by_id.get(quota_id), self._clock())
        return ChangedRow(row, limits_etag(quota))

    def _change(
        self, listed: Listed, quota_type: QuotaType, quota_id: int, limits: LimitsIn, expected: Expectation | None
    ) -> Quota:
        device, backend = listed.device, listed.backend
        with self._locks.hold(device.name):
            stands = backend.get_quota(device.name, quota_type, quota_id)
            if expected is not None and not expected(limits_etag(stands)):
                reading = self._reader.measure_one(listed, quota_type, quota_id)
                if not expected(list_etag([reading])):
                    raise StaleUpdateError("The limits were changed since they were read. Nothing was changed now.")
            if not limits.model_fields_set:
                return stands
            block, inode = limits.applied_to(stands.block.limits, stands.inode.limits)
            check_limits(block, inode)
            check_supported(device.capabilities, block, inode)
            self._book.bump(device.name)
            try:
                changed = backend.set_limits(device.name, quota_type, quota_id, block=block, inode=inode)
            finally:
                self._outdate(device.name)
        log.info("limits_set", device=device.name, quota_type=quota_type.value, id=quota_id)
        return changed

    def _outdate(self, device: str) -> None:
        """After the change, for those who read between the first bump and it."""
        try:
            self._book.bump(device)
        except NoSpaceError:
            log.warning("change_shown_late", device=device, reason="the disk of the database is full")
