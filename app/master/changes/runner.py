"""Carries out change sets in the background: started in every server process, at work in exactly one of them."""

import atexit
import os
import socket
import threading
from datetime import timedelta
from uuid import uuid4

import structlog

from app.db.engine import Database
from app.db.errors import DatabaseUnavailableError, NoSpaceError
from app.db.repositories.change_sets import ChangeSet, ChangeSetRepository
from app.db.repositories.leases import LeaseRepository
from app.master.changes.carrying import Carrier, LeaseLostError
from app.quota.clock import Clock

log = structlog.get_logger(__name__)

LEASE = "change-sets"
LEASE_DURATION = timedelta(seconds=8)
MOST_HOSTS = 16
"""So many hosts are changed beside each other; those that hang hold a place for 12 s."""
TICK_SECONDS = 0.5


class ChangeRunner:
    """Holds the lease while a change set runs. What a process that ended had sent is sent again, and marked so."""

    def __init__(self, database: Database, carrier: Carrier, clock: Clock) -> None:
        self._database = database
        self._carrier = carrier
        self._clock = clock
        self._holder = _new_holder()
        self._held = False
        self._lock = threading.Lock()
        self._under_way: set[str] = set()
        self._stopped = threading.Event()
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Starts the thread, here and in every process forked from here."""
        os.register_at_fork(after_in_child=self._start_again)
        atexit.register(self.stop)
        self._start_thread()

    def stop(self) -> None:
        """Starts nothing more. What is under way ends by its own deadline, or is sent again by the next process."""
        self._stopped.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def wake(self) -> None:
        """There is something to do."""
        self._wanted.set()

    def wait(self, seconds: float) -> None:
        """Until something may have to be done, at most so long."""
        self._wanted.wait(seconds)
        self._wanted.clear()

    def tick(self) -> bool:
        """One look at what is to be done; False when nothing is. Never raises."""
        try:
            return self._look()
        except (NoSpaceError, DatabaseUnavailableError) as error:
            log.warning("change_sets_wait", reason=error.code)
            self._held = False
            return True

    def _start_again(self) -> None:
        if not self._stopped.is_set():
            self._start_thread()

    def _start_thread(self) -> None:
        self._stopped, self._wanted = threading.Event(), threading.Event()
        self._lock, self._under_way, self._held = threading.Lock(), set(), False
        self._holder = _new_holder()
        self._thread = threading.Thread(target=self._run, name="change-sets", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self._database.dispose_inherited()
        while not self._stopped.is_set():
            self.tick()
            self.wait(TICK_SECONDS)

    def _look(self) -> bool:
        with self._database.read() as connection:
            running = ChangeSetRepository(connection).running()
        if not running:
            self._give_lease_back()
            return False
        if not self._have_lease(running):
            return True
        with self._database.read() as connection:
            waiting = ChangeSetRepository(connection).hosts_waiting([each.id for each in running])
        for host_id in waiting:
            self._start_host(host_id, running)
        self._end_those_done(running)
        return True

    def _have_lease(self, running: list[ChangeSet]) -> bool:
        """Takes or renews the lease. Taken anew, lines wait again that were being sent when a process ended."""
        with self._lock:
            is_busy = bool(self._under_way)
        if not self._held and is_busy:
            return False  # what this process has sent must end first
        with self._database.write() as connection:
            leases = LeaseRepository(connection)
            is_mine = leases.acquire(LEASE, self._holder, self._clock(), LEASE_DURATION)
            if is_mine and not self._held:
                again = ChangeSetRepository(connection).wait_again([each.id for each in running])
                log.info("change_sets_taken", holder=self._holder, sent_before=again)
        self._held = is_mine
        return is_mine

    def _give_lease_back(self) -> None:
        if self._held:
            self._held = False
            with self._database.write() as connection:
                LeaseRepository(connection).release(LEASE, self._holder)

    def _start_host(self, host_id: str, running: list[ChangeSet]) -> None:
        with self._lock:
            if host_id in self._under_way or len(self._under_way) >= MOST_HOSTS or self._stopped.is_set():
                return
            self._under_way.add(host_id)
        threading.Thread(target=self._work, args=(host_id, running), name=f"change-{host_id}", daemon=True).start()

    def _work(self, host_id: str, running: list[ChangeSet]) -> None:
        try:
            for change_set in running:
                while self._held and not self._stopped.is_set():
                    if not self._carrier.carry_out_some(change_set, host_id, self._check):
                        break
        except LeaseLostError:
            self._held = False
        except (NoSpaceError, DatabaseUnavailableError) as error:
            log.warning("change_set_interrupted", host=host_id, reason=error.code)
            self._held = False
        finally:
            with self._lock:
                self._under_way.discard(host_id)
            self._wanted.set()

    def _check(self, leases: LeaseRepository) -> None:
        if not leases.acquire(LEASE, self._holder, self._clock(), LEASE_DURATION):
            raise LeaseLostError

    def _end_those_done(self, running: list[ChangeSet]) -> None:
        with self._database.write() as connection:
            sets = ChangeSetRepository(connection)
            counts = sets.counts(each.id for each in running)
            for each in running:
                open_ones = counts.get(each.id, {})
                if not open_ones.get("waiting") and not open_ones.get("sent"):
                    sets.end(each.id, self._clock(), "done")


def _new_holder() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
