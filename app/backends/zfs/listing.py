"""Asking a pool for its datasets without waiting for one that hangs."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from threading import Lock, Thread

from app.backends.zfs.parsing import Dataset
from app.quota.errors import BackendError, QmanError

Answer = Sequence[Dataset]


class PoolListing:
    """One pool's list of datasets, asked for in a thread of its own, of which there is one at most."""

    def __init__(self, pool: str, ask: Callable[[], Answer]) -> None:
        """`ask` may hang."""
        self.pool = pool
        self._ask = ask
        self._lock = Lock()
        self._under_way: Future[Answer] | None = None
        self._began_at = 0.0

    def begin(self) -> "Future[Answer]":
        """The answer to come: of the question under way, or of a new one."""
        with self._lock:
            if self._under_way is None or self._under_way.done():
                self._under_way, self._began_at = Future(), time.monotonic()
                Thread(target=self._work, args=(self._under_way,), name=f"zfs list {self.pool}", daemon=True).start()
            return self._under_way

    def get(self, answer: "Future[Answer]", patience_seconds: float) -> Answer:
        """The datasets. BackendError: they cannot be had, or not within so many seconds since they were asked for."""
        try:
            return answer.result(max(0.0, self._began_at + patience_seconds - time.monotonic()))
        except (FutureTimeoutError, CancelledError) as error:
            raise BackendError(f"The pool {self.pool} does not tell its datasets.") from error

    def _work(self, answer: "Future[Answer]") -> None:
        try:
            answer.set_result(self._ask())
        except QmanError as error:
            answer.set_exception(error)
        finally:
            answer.cancel()  # of effect only when neither was reached
