"""Work that comes back at fixed times, beside the readings: started with every server process, done in one of them."""

import atexit
import os
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import structlog

from app.db.engine import Database
from app.db.errors import DatabaseUnavailableError, NoSpaceError
from app.db.repositories.leases import LeaseRepository
from app.quota.clock import Clock

log = structlog.get_logger(__name__)

LEASE = "chores"
LEASE_DURATION = timedelta(seconds=60)
RENEW_EVERY = timedelta(seconds=15)
TICK_SECONDS = 1.0
SETTLING = timedelta(seconds=30)
"""From the moment the lease is held to the first run: hosts are read for the first time then."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

KeepGoing = Callable[[], bool]
"""Asked between pieces of work: False when the process ends, or somebody else does the work now."""


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to do at every multiple of `every` since 1970, UTC: quarter hours are those of the clock on the wall.

    `run` works in pieces of a few seconds at most, each whole in itself, and asks between them whether to go on. What
    is left undone waits for the next time.
    """

    name: str
    every: timedelta
    run: Callable[[KeepGoing], object]


def run_chore(chore: Chore, keep_going: KeepGoing) -> None:
    """Runs it now. What goes wrong is in the log."""
    try:
        chore.run(keep_going)
    except (NoSpaceError, DatabaseUnavailableError) as error:
        log.warning("chore_not_done", chore=chore.name, reason=error.code)
    except Exception:
        log.exception("chore_failed", chore=chore.name)


class ChoreRounds:
    """Who holds the lease runs the chores that are due. One that fails is logged, and tried again at its next time."""

    def __init__(self, database: Database, clock: Clock, chores: Sequence[Chore]) -> None:
        self._database = database
        self._clock = clock
        self._chores = chores
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self._stopped = threading.Event()
        self._asked_at: datetime | None = None
        self._holds = False
        self._due: dict[str, datetime] = {}

    def turn(self) -> list[str]:
        """Runs what is due now, if the lease is ours; gives the names of what it ran."""
        ran = []
        for chore in self._chores:
            if self._keep_going() and self._take_turn(chore):
                ran.append(chore.name)
                run_chore(chore, self._keep_going)
        return ran

    def stop(self) -> None:
        """A chore under way ends after its piece; nothing else begins."""
        self._stopped.set()

    def release(self) -> None:
        """Gives the lease up, so that another process need not wait for its end."""
        self._holds, self._asked_at = False, None
        try:
            with self._database.write() as connection:
                LeaseRepository(connection).release(LEASE, self._holder)
        except (NoSpaceError, DatabaseUnavailableError) as error:
            log.warning("lease_not_released", reason=error.code)

    def _take_turn(self, chore: Chore) -> bool:
        """Is it due? Then its next time is set. A time further ahead than can be was set by a clock that was wrong."""
        now = self._clock()
        due = self._due.get(chore.name, now)
        if now < due <= now + max(chore.every, SETTLING):
            return False
        self._due[chore.name] = now + chore.every - (now - _EPOCH) % chore.every
        return True

    def _keep_going(self) -> bool:
        """Is the lease still ours? It is renewed when that is due."""
        if self._stopped.is_set():
            return False
        now = self._clock()
        if self._asked_at is None or not timedelta() <= now - self._asked_at < RENEW_EVERY:
            self._ask(now)
        return self._holds

    def _ask(self, now: datetime) -> None:
        held, self._holds = self._holds, False
        self._asked_at = now
        with self._database.write() as connection:
            self._holds = LeaseRepository(connection).acquire(LEASE, self._holder, now, LEASE_DURATION)
        if self._holds and not held:
            log.info("chores_started", holder=self._holder)
            self._due = {chore.name: now + SETTLING for chore in self._chores}


class EmbeddedChores:
    """A thread that takes turns. A process that forks has no threads in its children: it starts again there."""

    def __init__(self, database: Database, make_rounds: Callable[[], ChoreRounds]) -> None:
        """`make_rounds` is called in the thread, so that nothing of it is shared across a fork."""
        self._database = database
        self._make_rounds = make_rounds
        self._stopped = threading.Event()
        self._rounds: ChoreRounds | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Starts the thread, here and in every process forked from here. A process that ends gives its lease up."""
        os.register_at_fork(after_in_child=self._start_again)
        atexit.register(self.stop)
        self._start_thread()

    def stop(self) -> None:
        """Ends the thread after the piece of work at hand, and gives the lease up."""
        self._stopped.set()
        if self._rounds is not None:
            self._rounds.stop()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _start_again(self) -> None:
        if not self._stopped.is_set():
            self._start_thread()

    def _start_thread(self) -> None:
        self._stopped = threading.Event()
        self._rounds = None
        self._thread = threading.Thread(target=self._run, name="chores", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self._database.dispose_inherited()
        self._rounds = rounds = self._make_rounds()
        while not self._stopped.wait(TICK_SECONDS):
            try:
                rounds.turn()
            except (NoSpaceError, DatabaseUnavailableError) as error:
                log.warning("chores_wait", reason=error.code)
        rounds.release()
