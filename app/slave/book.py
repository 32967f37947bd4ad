"""The book of devices: what all worker processes of this slave know of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import orjson
import structlog

from app.db.engine import Database
from app.db.errors import NoSpaceError
from app.db.repositories.slave_devices import KnownDevice, SlaveDeviceRepository
from app.quota.values import Device
from app.web.quota_rows import device_head

log = structlog.get_logger(__name__)

REMEMBERED = timedelta(hours=24)
"""How long a device that is gone stays listed."""
_SEEN_AGAIN = timedelta(minutes=10)
"""A device that stays is written down again this often."""


class DeviceBook:
    """Devices seen by this run of the server, their generations, and since when they fail.

    A full disk under the database loses what would have been written down, never a reading.
    """

    def __init__(self, database: Database, run_id: str | None) -> None:
        """Without `run_id` it is the book of a process beside the server, which reads devices and sees none for it."""
        self._database = database
        self._run_id = run_id

    def load(self) -> Mapping[str, KnownDevice]:
        """Every device by name, also those of earlier runs: see `is_remembered`. One SELECT."""
        with self._database.read() as connection:
            return {known.name: known for known in SlaveDeviceRepository(connection).all()}

    def is_remembered(self, known: KnownDevice, now: datetime, *, of_any_run: bool = False) -> bool:
        """Was it seen not too long ago, by this run of the server, or by any?"""
        return (of_any_run or known.run_id == self._run_id) and abs(now - known.seen_at) < REMEMBERED

    def see(self, backend: str, devices: Sequence[Device], known: Mapping[str, KnownDevice], now: datetime) -> None:
        """Writes down what is new or different, and the others now and then."""
        if self._run_id is None:
            return
        due = [(device, text) for device in devices if (text := self._due(backend, device, known, now)) is not None]
        if not due:
            return
        try:
            with self._database.write() as connection:
                rows = SlaveDeviceRepository(connection)
                for device, text in sorted(due, key=lambda pair: pair[0].name):  # two workers in one order
                    rows.see(name=device.name, run_id=self._run_id, backend=backend, described=text, now=now)
        except NoSpaceError:
            log.warning("devices_not_remembered", reason="the disk of the database is full")

    def set_failed(self, name: str, since: datetime | None) -> None:
        """Writes down since when the device fails, None when it is well."""
        try:
            with self._database.write() as connection:
                SlaveDeviceRepository(connection).set_failed_since(name, since)
        except NoSpaceError:
            log.warning("failure_not_remembered", device=name, reason="the disk of the database is full")

    def bump(self, name: str) -> None:
        """Outdates every figure of the device that any worker read before now. NoSpaceError."""
        with self._database.write() as connection:
            SlaveDeviceRepository(connection).bump_generation(name)

    def _due(self, backend: str, device: Device, known: Mapping[str, KnownDevice], now: datetime) -> str | None:
        """The description to write down, None when what stands is right and recent."""
        text = orjson.dumps(device_head(device)).decode()
        stands = known.get(device.name)
        if stands is None or (stands.run_id, stands.backend, stands.described) != (self._run_id, backend, text):
            return text
        return text if abs(now - stands.seen_at) > _SEEN_AGAIN else None
