"""Reads many hosts at the same time: the one use case behind the embedded collector and the workers' tasks."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from queue import Empty, Queue, SimpleQueue
from time import monotonic, sleep
from typing import NamedTuple, Protocol
from uuid import uuid4

import structlog

from app.db.engine import Database
from app.db.repositories.schedule import CLAIM_DURATION, Claim, ScheduleRepository
from app.master.collector.memory import give_memory_back
from app.master.collector.slave_client import READ_SECONDS, FetchError, Reading
from app.master.collector.snapshot_writer import Snapshot, snapshot_of
from app.master.collector.storing import NOT_STORABLE, Answer, Outcome, Storing
from app.master.fleet import Fleet, HostEntry
from app.quota.clock import Clock

log = structlog.get_logger(__name__)

USUAL_THREADS = 48
"""Enough for a thousand hosts that answer in 50 ms; more would only wait for each other, and each costs memory."""
MAX_THREADS = 128
SLOW_SECONDS = 1.5
"""Who takes longer keeps no place from others: another thread is added for each of these, up to MAX_THREADS."""
LOOK_SECONDS = 0.25
WAITING_PER_THREAD = 4
ENOUGH_WAITING = 2 * USUAL_THREADS
"""While so many wait nobody is claimed: a claim costs two transactions, for few hosts as for many."""
MOST_UNSTORED = 64
"""So many readings wait to be stored; who has another then waits with it, since each is a tenth of a megabyte."""
MAX_HOSTS_TOGETHER = 200
MAX_ROWS_TOGETHER = 5000
LINGER_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 0.04
MANY_ROWS = 5000
"""After storing so many, memory is given back as soon as nothing waits."""
_LATEST_BEGIN = CLAIM_DURATION - timedelta(seconds=READ_SECONDS + 3)
"""So long after a claim was begun its reading may still start: it ends, and is stored, while the claim stands."""


class ReadsHosts(Protocol):
    """Asks slaves."""

    def read(self, host: HostEntry, etag: str | None) -> Reading:
        """What the slave has now; nothing where that is what the ETag stands for. FetchError, within READ_SECONDS."""
        ...


class _Batch:
    """Hosts that were handed over together; `done` is set when the last of them is stored."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._lock = threading.Lock()
        self.done = threading.Event()
        if size == 0:
            self.done.set()

    def one_stored(self) -> None:
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self.done.set()


class _Job(NamedTuple):
    claim: Claim
    etag: str | None
    begun_at: datetime
    batch: _Batch


_Finished = tuple[_Batch, Outcome]


class HostReader:
    """A bounded pool of threads that read, and one that stores. It is a `Dispatch` within one process.

    Nothing here is shared across a fork: make it where it is used.
    """

    def __init__(
        self,
        database: Database,
        fleet: Fleet,
        client: ReadsHosts,
        clock: Clock,
        storing: Storing,
        elapsed: Callable[[], float] = monotonic,
    ) -> None:
        """`elapsed` is in seconds since some moment."""
        self._elapsed = elapsed
        self._database = database
        self._fleet = fleet
        self._client = client
        self._clock = clock
        self._storing = storing
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._busy: set[str] = set()
        self._closed = False
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._outcomes: Queue[_Finished | None] = Queue(MOST_UNSTORED)
        self._ended = False
        self._threads = self._threads_at_work = 0
        self._reading_since: dict[str, float] = {}
        threading.Thread(target=self._store, name="collect-store", daemon=True).start()

    def room(self) -> int:
        """How many more hosts may wait here without their claims growing old; 0 while enough wait for a thread.

        To be asked several times a second.
        """
        with self._lock:
            self._grow()
            if self._closed or self._jobs.qsize() > ENOUGH_WAITING:
                return 0
            return max(0, WAITING_PER_THREAD * MAX_THREADS - len(self._busy))

    @property
    def threads(self) -> int:
        """How many read at once at most."""
        return self._threads

    def busy(self) -> set[str]:
        """The hosts that are being read, stored, or wait for a thread."""
        with self._lock:
            return set(self._busy)

    def read(self, claims: Sequence[Claim]) -> None:
        """Reads these hosts, each under its own deadline, and returns when all are stored.

        A claim that does not stand any more, or that somebody began already, is passed over: nothing is read for it.
        DatabaseUnavailableError, NoSpaceError: nothing was begun.
        """
        batch = self._start(claims)
        while not batch.done.wait(LOOK_SECONDS):
            with self._lock:
                self._grow()

    def dispatch(self, claims: Sequence[Claim]) -> None:
        """The same without waiting."""
        self._start(claims)

    def close(self) -> None:
        """Begins no further reading and gives back the hosts that wait. Those under way end by their deadlines."""
        with self._lock:
            self._closed = True
        waiting = []
        try:
            while (job := self._jobs.get_nowait()) is not None:
                waiting.append(job)
        except Empty:
            pass
        for job in waiting:
            self._outcomes.put((job.batch, Outcome(job.claim, job.begun_at, None)))
        with self._lock:
            for _ in range(self._threads):
                self._jobs.put(None)
            if self._threads == 0:
                self._outcomes.put(None)

    def _start(self, claims: Sequence[Claim]) -> _Batch:
        token, begun_at = uuid4().hex, self._clock()
        with self._database.write() as connection:
            etags = ScheduleRepository(connection).begin(claims, token, begun_at)
        begun = [Claim(host_id, token) for host_id, _ in claims if host_id in etags]
        batch = _Batch(len(begun))
        with self._lock:
            if not self._closed:
                self._busy.update(etags)
                self._grow()
                for claim in begun:
                    self._jobs.put(_Job(claim, etags[claim.host_id], begun_at, batch))
                return batch
        self._storing.store([Outcome(claim, begun_at, None) for claim in begun])
        return _Batch(0)

    def _grow(self) -> None:
        """As many threads as there are hosts to read at once, slow ones not counted; they are kept."""
        slow_before = self._elapsed() - SLOW_SECONDS
        slow = sum(since < slow_before for since in self._reading_since.values())
        while self._threads < min(MAX_THREADS, USUAL_THREADS + slow, len(self._busy)):
            self._threads += 1
            self._threads_at_work += 1
            threading.Thread(target=self._work, name=f"collect-{self._threads}", daemon=True).start()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            entry = self._fleet.entries.get(job.claim.host_id)
            waited = self._clock() - job.begun_at
            if entry is None or entry.suspended or self._closed or waited > _LATEST_BEGIN:
                self._outcomes.put((job.batch, Outcome(job.claim, job.begun_at, None)))
            else:
                self._outcomes.put((job.batch, self._read(entry, job)))
        with self._lock:
            self._threads_at_work -= 1
            if self._threads_at_work == 0:
                self._outcomes.put(None)

    def _read(self, entry: HostEntry, job: _Job) -> Outcome:
        """The per-host guard: nothing here takes others along."""
        begun_at = self._clock()
        try:
            reading = self._ask(entry, job.etag)
            snapshot = None if reading.body is None else self._understood(reading)
        except FetchError as error:
            log.info("host_not_read", host=entry.id, code=error.code, detail=error.detail)
            return Outcome(job.claim, begun_at, error)
        except Exception:
            log.exception("reading_failed", host=entry.id)
            return Outcome(job.claim, begun_at, NOT_STORABLE)
        return Outcome(job.claim, begun_at, Answer(snapshot, reading.etag, reading.version))

    def _ask(self, entry: HostEntry, etag: str | None) -> Reading:
        """While this takes, and only then, a host may turn out to be slow. FetchError."""
        with self._lock:
            self._reading_since[entry.id] = self._elapsed()
        try:
            return self._client.read(entry, etag)
        finally:
            with self._lock:
                self._reading_since.pop(entry.id, None)

    def _understood(self, reading: Reading) -> Snapshot:
        """One at a time, none while SQLite's driver stores: they would only take the interpreter from each other."""
        with self._turn:
            return snapshot_of(reading.devices())

    def _store(self) -> None:
        rows = 0
        while not self._ended and (first := self._outcomes.get()) is not None:
            together = [first, *self._others(first)]
            began = monotonic()
            with self._turn if self._database.is_sqlite else nullcontext():
                self._storing.store([outcome for _, outcome in together])
            with self._lock:
                self._busy.difference_update(outcome.claim.host_id for _, outcome in together)
            for batch, _ in together:
                batch.one_stored()
            rows += sum(map(_rows, together))
            if rows >= MANY_ROWS and self._outcomes.empty():
                give_memory_back()
                rows = 0
            if self._database.is_sqlite:  # it has one writer at a time, and those who wait look now and then
                sleep(min(LONGEST_PAUSE_SECONDS, (monotonic() - began) / 2))

    def _others(self, first: _Finished) -> Iterator[_Finished]:
        """What else came in by now, or comes in a moment, so that it is stored in the same transaction."""
        until, number, rows = monotonic() + LINGER_SECONDS, 1, _rows(first)
        while number < MAX_HOSTS_TOGETHER and rows < MAX_ROWS_TOGETHER and number < len(self._busy):
            try:
                finished = self._outcomes.get(timeout=max(0.0, until - monotonic()))
            except Empty:
                return
            if finished is None:
                self._ended = True
                return
            number, rows = number + 1, rows + _rows(finished)
            yield finished


def _rows(finished: _Finished) -> int:
    result = finished[1].result
    return len(result.snapshot.quotas) if isinstance(result, Answer) and result.snapshot is not None else 0
