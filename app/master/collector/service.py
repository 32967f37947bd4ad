"""The embedded collector: started with every server process, at work in exactly one of them."""

import atexit
import os
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol
from uuid import uuid4

import structlog

from app.db.engine import Database
from app.db.errors import DatabaseUnavailableError, NoSpaceError
from app.db.repositories.leases import LeaseRepository
from app.quota.clock import Clock

log = structlog.get_logger(__name__)

LEASE = "collector"
LEASE_DURATION = timedelta(seconds=8)
RENEW_EVERY = timedelta(seconds=2)
TICK_SECONDS = 0.25


class Planning(Protocol):
    """What goes on while the lease is held."""

    def start_due(self) -> int:
        """Starts the readings that are due; gives how many."""
        ...

    def close(self) -> None:
        """Starts no further reading."""
        ...


class EmbeddedCollector:
    """A thread that holds the lease or waits for it, and starts the readings that are due while it holds it.

    A process that forks (gunicorn with --preload) has no threads in its children: the collector starts again there.
    """

    def __init__(self, database: Database, clock: Clock, make_rounds: Callable[[], Planning]) -> None:
        """`make_rounds` is called in the thread, so that nothing of it is shared across a fork."""
        self._database = database
        self._clock = clock
        self._make_rounds = make_rounds
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Starts the thread, here and in every process forked from here. A process that ends gives its lease up."""
        os.register_at_fork(after_in_child=self._start_again)
        atexit.register(self.stop)
        self._start_thread()

    def stop(self) -> None:
        """Ends the thread and gives the lease up."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _start_again(self) -> None:
        if not self._stopped.is_set():
            self._start_thread()

    def _start_thread(self) -> None:
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="collector", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self._database.dispose_inherited()
        holder = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        rounds: Planning | None = None
        renewed_at = self._clock() - RENEW_EVERY
        while not self._stopped.wait(TICK_SECONDS):
            try:
                now = self._clock()
                if not timedelta() <= now - renewed_at < RENEW_EVERY:
                    rounds = self._with_lease(holder, rounds)
                    renewed_at = now
                if rounds is not None:
                    rounds.start_due()
            except (NoSpaceError, DatabaseUnavailableError) as error:
                log.warning("collector_waits", reason=error.code)
        if rounds is not None:
            rounds.close()
            self._release(holder)

    def _with_lease(self, holder: str, rounds: Planning | None) -> Planning | None:
        with self._database.write() as connection:
            held = LeaseRepository(connection).acquire(LEASE, holder, self._clock(), LEASE_DURATION)
        if held and rounds is None:
            log.info("collector_started", holder=holder)
            return self._make_rounds()
        if not held and rounds is not None:
            log.warning("collector_lost_its_lease", holder=holder)
            rounds.close()
            return None
        return rounds

    def _release(self, holder: str) -> None:
        try:
            with self._database.write() as connection:
                LeaseRepository(connection).release(LEASE, holder)
        except (NoSpaceError, DatabaseUnavailableError) as error:
            log.warning("lease_not_released", reason=error.code)
