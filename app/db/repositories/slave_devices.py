"""Devices that a slave has seen, shared by its worker processes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.db.tables.slave import SlaveDeviceRow


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A device as it was last seen. `described` is its JSON."""

    name: str
    run_id: str
    backend: str
    described: str
    seen_at: datetime
    generation: int
    failed_since: datetime | None


_COLUMNS = [getattr(SlaveDeviceRow, name) for name in KnownDevice.__slots__]


class SlaveDeviceRepository:
    """Devices on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> Sequence[KnownDevice]:
        """Every device of every run, sorted by name."""
        rows = self._connection.execute(select(*_COLUMNS).order_by(SlaveDeviceRow.name))
        return [KnownDevice(*row) for row in rows]

    def see(self, *, name: str, run_id: str, backend: str, described: str, now: datetime) -> None:
        """Keeps that the device is there now, seen by this run. Its generation and failure stay as they are."""
        seen = {"run_id": run_id, "backend": backend, "described": described, "seen_at": now}
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(SlaveDeviceRow).values(name=name, generation=0, **seen)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=seen))

    def set_failed_since(self, name: str, since: datetime | None) -> None:
        """Keeps since when the device fails; None: it does not."""
        self._connection.execute(update(SlaveDeviceRow).where(SlaveDeviceRow.name == name).values(failed_since=since))

    def bump_generation(self, name: str) -> None:
        """Makes every figure of the device that was read before now outdated."""
        self._connection.execute(
            update(SlaveDeviceRow).where(SlaveDeviceRow.name == name).values(generation=SlaveDeviceRow.generation + 1)
        )
