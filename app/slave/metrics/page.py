"""The whole page of metrics."""

import orjson

from app.quota.clock import Clock
from app.slave.inventory import Inventory
from app.slave.metrics.families import DeviceFigures, device_families, process_families, tally_families
from app.slave.metrics.row_lines import RowLines
from app.slave.metrics.tallies import Tallies
from app.slave.reading import Reader
from app.slave.render import DeviceReading, iter_rows
from app.web.prometheus import families_text


class MetricsPage:
    """Writes what the reader knows, and what was counted, in Prometheus' text format."""

    def __init__(self, reader: Reader, inventory: Inventory, tallies: Tallies, clock: Clock) -> None:
        self._reader = reader
        self._inventory = inventory
        self._tallies = tallies
        self._clock = clock

    def pieces(self, in_flight: int) -> tuple[bytes, ...]:
        """The page, in pieces that nobody joins: it may have 10 MB.

        Devices are read as by any request: from memory where that is recent, under deadlines else.
        """
        readings = self._reader.read_all()
        look = self._inventory.look()
        backends = {backend.name: backend.name not in look.failures for backend in self._inventory.backends}
        rows = RowLines()
        devices = [_added(reading, rows) for reading in readings]
        families = [
            *process_families(in_flight, backends),
            *tally_families(self._tallies.totals()),
            *device_families(devices, self._clock()),
        ]
        return (families_text(families), *rows.pieces())


def _added(reading: DeviceReading, lines: RowLines) -> DeviceFigures:
    """Adds the reading's rows to the lines, and gives the rest."""
    head = orjson.loads(b"{%b}" % b"".join(reading.head.pieces))
    for quota_type, part in reading.rows.items():
        for rows in iter_rows(part):
            lines.add(reading.name, quota_type, rows, counts_files=head["capabilities"]["inode_limits"])
    return DeviceFigures(head, reading.measured_at, has_rows=head["status"] == "ok" or bool(reading.rows))
