"""Lanes: whatever may hang runs in a lane of its own, one thread at a time, and nobody waits longer than a deadline."""

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Lock, Thread
from typing import Any, TypeVar

from app.quota.errors import DeviceTimeoutError

T = TypeVar("T")

RETRY_AFTER_SECONDS = 30


class Lane:
    """Runs jobs in order, in one thread that lives while there are some.

    A job that is under way for longer than the deadline makes the lane stuck: whoever comes then is refused at once,
    and the lane is free again when that job comes back.
    """

    def __init__(self, name: str, timeout_seconds: float) -> None:
        self.name = name
        self.timeout_seconds = timeout_seconds
        self._lock = Lock()
        self._jobs: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._is_running = False
        self._started_at: float | None = None

    @property
    def is_stuck(self) -> bool:
        """Is a job under way for longer than the deadline?"""
        return time.monotonic() > self._stuck_at()

    def submit(self, job: Callable[[], T]) -> "Future[T]":
        """Puts the job in line. On a stuck lane the future has failed already, with DeviceTimeoutError."""
        future: Future[T] = Future()
        if self.is_stuck:
            future.set_exception(self._timeout())
            return future
        with self._lock:
            self._jobs.append((future, job))
            if not self._is_running:
                self._is_running = True
                Thread(target=self._work, name=f"lane {self.name}", daemon=True).start()
        return future

    def wait(self, future: "Future[T]", until: float) -> bool:
        """Waits for the job, at most until this instant (monotonic) or until the lane is stuck. Is the job done?"""
        while not future.done() and (seconds := min(until, self._stuck_at()) - time.monotonic()) > 0:
            wait([future], seconds)
        return future.done()

    def settle(self, future: "Future[T]", *, until: float | None = None) -> BaseException | None:
        """Waits for the job, at most until this instant (monotonic), for the deadline, or until the lane is stuck.

        Gives its error, or None. A job that has not begun by then never will.
        """
        self.wait(future, time.monotonic() + self.timeout_seconds if until is None else until)
        if future.done() or (not future.cancel() and future.done()):
            return future.exception()
        return self._timeout()

    def run(self, job: Callable[[], T]) -> T:
        """The job's result, or its error. DeviceTimeoutError when it is not there by the deadline."""
        future = self.submit(job)
        error = self.settle(future)
        if error is not None:
            raise error
        return future.result()

    def _stuck_at(self) -> float:
        """When the lane is stuck unless its job ends (monotonic)."""
        started_at = self._started_at
        return float("inf") if started_at is None else started_at + self.timeout_seconds

    def _timeout(self) -> DeviceTimeoutError:
        detail = f"{self.name} did not answer within {self.timeout_seconds:g} seconds."
        return DeviceTimeoutError(detail, retry_after_seconds=RETRY_AFTER_SECONDS)

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._jobs:
                    self._is_running, self._started_at = False, None
                    return
                future, job = self._jobs.popleft()
                self._started_at = time.monotonic()
            if future.set_running_or_notify_cancel():
                with _Outcome(future):
                    future.set_result(job())


class _Outcome:
    """Whatever ends the block without a result becomes the future's error: for whoever waits, as in a thread pool."""

    def __init__(self, future: "Future[Any]") -> None:
        self._future = future

    def __enter__(self) -> "Future[Any]":
        return self._future

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if error is not None:
            self._future.set_exception(error)
        return True


class Lanes:
    """The lanes of this process by name, made when first asked for."""

    def __init__(self, timeout_seconds: float) -> None:
        self.timeout_seconds = timeout_seconds
        self._lock = Lock()
        self._lanes: dict[str, Lane] = {}

    def lane(self, name: str) -> Lane:
        """The lane of this name."""
        with self._lock:
            return self._lanes.setdefault(name, Lane(name, self.timeout_seconds))
