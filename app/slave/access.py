"""What every change of a device goes through: found, in its lane, under its lock, and older readings outdated."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import structlog

from app.db.errors import DatabaseUnavailableError, NoSpaceError
from app.quota.errors import NotSupportedError
from app.quota.values import QuotaType
from app.slave.book import DeviceBook
from app.slave.default_book import DefaultsBook
from app.slave.inventory import Inventory, Listed
from app.slave.lanes import Lane, Lanes
from app.slave.locks import DeviceLocks

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DeviceAccess:
    """The way to the devices that all changes share, in whichever process of this slave they are made."""

    inventory: Inventory
    book: DeviceBook
    defaults: DefaultsBook
    locks: DeviceLocks
    lanes: Lanes

    def find(self, device: str, quota_type: QuotaType) -> Listed:
        """The device. DeviceNotFoundError; BackendError: it is gone; NotSupportedError: it has no such quotas."""
        listed = self.inventory.look(device).get(device)
        if quota_type not in listed.device.capabilities.quota_types:
            raise NotSupportedError(f"{device} has no {quota_type} quotas.")
        return listed

    def lane(self, device: str) -> Lane:
        """Where whatever may hang on the device runs."""
        return self.lanes.lane(device)

    def alone(self, device: str) -> AbstractContextManager[None]:
        """Nobody else changes the device meanwhile. DeviceTimeoutError: somebody does, for too long."""
        return self.locks.hold(device)

    @contextmanager
    def outdating(self, device: str) -> Iterator[None]:
        """Outdates what any worker of the server read of the device before the block, or during it.

        NoSpaceError, DatabaseUnavailableError before the block; after it they are logged alone: the change was made.
        """
        self.book.bump(device)
        try:
            yield
        finally:
            try:
                self.book.bump(device)
            except (NoSpaceError, DatabaseUnavailableError) as error:
                log.warning("change_shown_late", device=device, reason=error.code)
