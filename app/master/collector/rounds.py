"""The schedule: which host is read when, never two readings of one host at a time."""

import threading
from datetime import datetime, timedelta
from queue import SimpleQueue

import structlog

from app.db.engine import Database
from app.db.errors import DatabaseUnavailableError, NoSpaceError
from app.db.repositories.hosts import HostRepository
from app.master.collector.slave_client import FetchError, SlaveClient
from app.master.collector.snapshot_writer import store_failure, store_reading
from app.master.fleet import Fleet
from app.quota.clock import Clock

log = structlog.get_logger(__name__)

MAX_THREADS = 64


class Rounds:
    """Reads the hosts that are due. One instance collects for the whole installation (see `service`)."""

    def __init__(
        self, database: Database, fleet: Fleet, client: SlaveClient, clock: Clock, interval: timedelta
    ) -> None:
        """`interval` is the time between two readings of a host."""
        self._database = database
        self._fleet = fleet
        self._client = client
        self._clock = clock
        self._interval = interval
        self._lock = threading.Lock()
        self._due: dict[str, datetime] = {}
        self._under_way: set[str] = set()
        self._waiting: SimpleQueue[str | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"collect-{number}", daemon=True)
            for number in range(min(MAX_THREADS, max(4, len(fleet.entries))))
        ]
        for thread in self._threads:
            thread.start()

    @property
    def busy(self) -> set[str]:
        """The hosts that are being read, or wait for a thread to read them."""
        with self._lock:
            return set(self._under_way)

    def start_due(self) -> int:
        """Starts a reading of every host that is due and not being read; gives how many it started."""
        now = self._clock()
        with self._database.read() as connection:
            asked = HostRepository(connection).refresh_requests()
        with self._lock:
            due = [
                host_id
                for host_id, entry in self._fleet.entries.items()
                if not entry.suspended
                and host_id not in self._under_way
                and (self._is_due(host_id, now) or host_id in asked)
            ]
            self._under_way.update(due)
            for host_id in due:
                self._due[host_id] = now + self._interval
        for host_id in due:
            self._waiting.put(host_id)
        return len(due)

    def _is_due(self, host_id: str, now: datetime) -> bool:
        """More than an interval ahead is due too: the clock was set back since."""
        ahead = self._due.get(host_id, now) - now
        return not timedelta() < ahead <= self._interval

    def sweep(self) -> None:
        """Cuts off the readings that are past their deadline."""
        self._client.watchdog.sweep()

    def read_host(self, host_id: str) -> None:
        """One reading of one host, stored whatever its outcome. The per-host guard: nothing here takes others along."""
        try:
            self._read(host_id)
        except (NoSpaceError, DatabaseUnavailableError) as error:
            log.warning("reading_not_stored", host=host_id, reason=error.code)
        except Exception:
            log.exception("reading_failed", host=host_id)
        finally:
            with self._lock:
                self._under_way.discard(host_id)

    def _read(self, host_id: str) -> None:
        entry = self._fleet.entries.get(host_id)
        if entry is None:
            return  # removed since the round began
        with self._database.read() as connection:
            host = HostRepository(connection).find(host_id)
        etag = host.etag if host is not None else None
        begun_at = self._clock()
        try:
            reading = self._client.read(entry, etag)
        except FetchError as error:
            log.info("host_not_read", host=host_id, code=error.code, detail=error.detail)
            store_failure(self._database, host_id, error, begun_at)
            return
        if not store_reading(self._database, host_id, reading, begun_at):
            with self._lock:
                self._due[host_id] = self._clock()

    def close(self) -> None:
        """Starts no further reading. Those under way end by their deadlines; no process waits for them."""
        for _ in self._threads:
            self._waiting.put(None)

    def _work(self) -> None:
        while (host_id := self._waiting.get()) is not None:
            self.read_host(host_id)
