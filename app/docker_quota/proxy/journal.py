"""The journal: one thread writes, so that creations at once are one transaction, and none waits long for a database."""

from collections.abc import Sequence
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Protocol

import structlog

from app.db.engine import Database
from app.db.migrate import ensure_schema
from app.db.repositories.docker_journal import DockerJournalRepository, JournalEntry
from app.quota.errors import QmanError

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 2.0
"""How long a creation waits for its entry to be written before it passes without."""
_AT_ONCE = 500

_Item = tuple[JournalEntry, Event]


class Journal(Protocol):
    """Where the proxy writes who created what."""

    def record(self, entries: Sequence[JournalEntry]) -> None:
        """Keeps these, if that can be done soon; else they are logged. Raises nothing."""

    def find_owner(self, container_id: str) -> int | None:
        """The uid for whom the container counts; None where that is not known."""


class DatabaseJournal:
    """The journal in the slave's database, which is brought to the newest schema first."""

    def __init__(self, database: Database, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._database = database
        self._patience_seconds = patience_seconds
        self._queue: SimpleQueue[_Item] = SimpleQueue()
        self._is_prepared = False
        self._writer = Thread(target=self._write_on, name="journal", daemon=True)
        self._writer.start()

    def record(self, entries: Sequence[JournalEntry]) -> None:
        """See `Journal`."""
        items = [(entry, Event()) for entry in entries]
        for item in items:
            self._queue.put(item)
        if not all(written.wait(self._patience_seconds) for _, written in items):
            log.warning("docker_journal_is_slow", entries=[_told(entry) for entry in entries])

    def find_owner(self, container_id: str) -> int | None:
        """See `Journal`."""
        try:
            with self._database.read() as connection:
                return DockerJournalRepository(connection).find_owner("container", container_id)
        except QmanError as error:
            log.warning("docker_journal_unreadable", problem=error.detail, container=container_id)
            return None

    def _write_on(self) -> None:
        self._write([])  # brings the schema up to date before somebody waits for it
        while True:
            items = [self._queue.get()]
            try:
                while len(items) < _AT_ONCE:
                    items.append(self._queue.get_nowait())
            except Empty:
                pass
            self._write([entry for entry, _ in items])
            for _, written in items:
                written.set()

    def _write(self, entries: Sequence[JournalEntry]) -> None:
        try:
            if not self._is_prepared:
                ensure_schema(self._database)
                self._is_prepared = True
            if entries:
                with self._database.write() as connection:
                    DockerJournalRepository(connection).append(entries)
        except QmanError as error:
            log.warning("docker_journal_unwritable", problem=error.detail, entries=[_told(entry) for entry in entries])


def _told(entry: JournalEntry) -> dict[str, object]:
    return {"kind": entry.kind, "id": entry.object_id, "uid": entry.uid}
