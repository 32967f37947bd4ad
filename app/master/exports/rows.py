"""Every quota of the fleet, a page at a time: as many rows as may be, few in memory."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.db.repositories.hosts import HostRepository
from app.db.repositories.rows import FleetRowRepository, RowFilter
from app.master.pages.rows import RowPages
from app.master.wire.rows import RowOut

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class RowExport:
    """Reads rows by host, device, type and id.

    Each page is a reading transaction of its own, so that somebody who fetches slowly holds up nobody: rows that change
    meanwhile are as they were when their page was read.
    """

    rows: RowPages
    at_once: int = AT_ONCE

    def pages(self, wanted: RowFilter) -> Iterator[list[RowOut]]:
        """The rows in pages; no page where there are none."""
        last = None
        while True:
            with self.rows.database.read() as connection:
                fleet = FleetRowRepository(connection, same_name=self.rows.same_name)
                found = fleet.after(wanted, last, limit=self.at_once)
                readings = HostRepository(connection).last_readings(row.host_id for row in found)
            if found:
                yield [RowOut.model_validate(row, strict=False) for row in self.rows.items(found, readings)]
            if len(found) < self.at_once:
                return
            last = found[-1].key
