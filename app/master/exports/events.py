"""The log of Docker's enforcement as files, a page at a time: as many events as may be, few in memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from app.db.engine import Database
from app.db.repositories.slave_events import EventFilter, SlaveEventRepository
from app.master.exports.files import csv_cell, csv_lines
from app.master.slave_events import docker_event_out
from app.master.wire.slave_events import DockerEventOut
from app.web.wire import iso_utc

AT_ONCE = 500

_COLUMNS: Final[dict[str, Callable[[DockerEventOut], Any]]] = {
    "id": lambda event: event.id,
    "host": lambda event: event.host,
    "type": lambda event: event.type,
    "occurred_at_utc": lambda event: iso_utc(event.occurred_at),
    "received_at_utc": lambda event: iso_utc(event.received_at),
    "device": lambda event: event.device,
    "uid": lambda event: event.uid,
    "user": lambda event: event.user,
    "container_id": lambda event: event.container.id if event.container else "",
    "container": lambda event: event.container.name if event.container else "",
    "used_bytes": lambda event: event.used_bytes,
    "hard_limit_bytes": lambda event: event.limit_bytes,
    "explanation": lambda event: event.explanation,
}


@dataclass(frozen=True, slots=True)
class EventExport:
    """Reads events, the newest first. Each page is a reading transaction of its own, so that nobody is held up."""

    database: Database
    at_once: int = AT_ONCE

    def pages(self, wanted: EventFilter) -> Iterator[list[DockerEventOut]]:
        """The events in pages; no page where there are none."""
        last = None
        while True:
            with self.database.read() as connection:
                found = SlaveEventRepository(connection).after(wanted, last, limit=self.at_once)
            if found:
                yield [docker_event_out(event) for event in found]
            if len(found) < self.at_once:
                return
            last = found[-1]


def event_csv_pieces(pages: Iterator[list[DockerEventOut]]) -> Iterator[bytes]:
    """RFC 4180, with a head that names the units; a hard limit of 0 is none."""
    yield csv_lines([list(_COLUMNS)])
    for page in pages:
        yield csv_lines([[csv_cell(read(event)) for read in _COLUMNS.values()] for event in page])
