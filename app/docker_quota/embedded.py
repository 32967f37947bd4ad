"""The job that keeps the ledger: started with every server process, at work in exactly one of them."""

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
from app.docker_quota.ledger import Holder, Ledger
from app.quota.clock import Clock

log = structlog.get_logger(__name__)

LEASE_DURATION = timedelta(seconds=20)
RENEW_EVERY_SECONDS = 4.0
_PATIENCE_SECONDS = 5.0


class Rounds(Protocol):
    """What goes on while the lease is held."""

    def run(self, stopped: threading.Event) -> None:
        """Returns soon after it is told to stop."""


class EmbeddedKeeper:
    """A thread that holds the lease or waits for it; while it is held, another takes the rounds.

    So the lease does not end while a look at a large store takes long, and is another's soon after a process was
    killed. A process that forks (gunicorn with --preload) has no threads in its children: both start again there.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        make_rounds: Callable[[Holder], Rounds],
        renew_every_seconds: float = RENEW_EVERY_SECONDS,
    ) -> None:
        """`make_rounds` is called in the thread, so that nothing of it is shared across a fork."""
        self._renew_every_seconds = renew_every_seconds
        self._database = database
        self._ledger = Ledger(database)
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
        """Ends the threads, after the look at hand if that ends soon, and gives the lease up."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(_PATIENCE_SECONDS + 1)

    def _start_again(self) -> None:
        if not self._stopped.is_set():
            self._start_thread()

    def _start_thread(self) -> None:
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="docker ledger", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self._database.dispose_inherited()
        holder = Holder(f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}", LEASE_DURATION)
        at_work: _AtWork | None = None
        while not self._stopped.is_set():
            try:
                is_held = self._ledger.acquire(holder, self._clock())
            except (NoSpaceError, DatabaseUnavailableError) as error:
                log.warning("docker_ledger_waits", reason=error.code)
                is_held = at_work is not None  # whoever writes asks again
            if is_held and (at_work is None or not at_work.is_alive()):
                log.info("docker_ledger_started", holder=holder.name)
                at_work = _AtWork(self._make_rounds(holder))
            elif not is_held and at_work is not None:
                log.warning("docker_ledger_lost_its_lease", holder=holder.name)
                at_work.end()
                at_work = None
            self._stopped.wait(self._renew_every_seconds)
        if at_work is not None:
            at_work.end()
            try:
                self._ledger.release(holder)
            except (NoSpaceError, DatabaseUnavailableError) as error:
                log.warning("lease_not_released", reason=error.code)


class _AtWork:
    def __init__(self, rounds: Rounds) -> None:
        self._rounds = rounds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="docker rounds", daemon=True)
        self._thread.start()

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def end(self) -> None:
        self._stopped.set()
        self._thread.join(_PATIENCE_SECONDS)

    def _run(self) -> None:
        try:
            self._rounds.run(self._stopped)
        except (NoSpaceError, DatabaseUnavailableError) as error:
            log.warning("docker_ledger_waits", reason=error.code)  # and starts again with the next renewal
