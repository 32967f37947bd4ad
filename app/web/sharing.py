"""What several people ask for at the same time is computed once.

Why and how much: docs/adr/0014-pages-are-shared.md.
"""

from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from threading import Lock
from typing import Generic, TypeVar

from app.quota.errors import QmanError
from app.web.turns import Turns

T = TypeVar("T")

PATIENCE_SECONDS = 10.0


class SharedAnswers(Generic[T]):
    """Answers that are the same for all who may have them.

    Nobody gets an answer that was begun before they asked: whoever has just changed something sees it changed.
    """

    def __init__(self, turns: Turns, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Who waited for so long for what another thread computes, or whose other broke down, does it alone."""
        self._turns = turns
        self._patience = patience_seconds
        self._lock = Lock()
        self._not_begun: dict[Hashable, Future[T]] = {}
        self._joined = 0

    @property
    def joined(self) -> int:
        """How many wait for what another thread computes."""
        return self._joined

    def answer(self, asked: Hashable, compute: Callable[[], T]) -> T:
        """What `compute` gives, or raises: called in a turn, by this thread or by one that asked the same before."""
        with self._lock:
            coming = self._not_begun.get(asked)
            if coming is None:
                mine = self._not_begun[asked] = Future()
            else:
                self._joined += 1
        return self._compute(asked, compute, mine) if coming is None else self._join(coming, compute)

    def _join(self, coming: "Future[T]", compute: Callable[[], T]) -> T:
        try:
            return coming.result(self._patience)
        except (FutureTimeoutError, CancelledError):
            with self._turns.turn():
                return compute()
        finally:
            with self._lock:
                self._joined -= 1

    def _compute(self, asked: Hashable, compute: Callable[[], T], mine: "Future[T]") -> T:
        with self._turns.turn():
            with self._lock:
                del self._not_begun[asked]
            try:
                mine.set_result(compute())
            except QmanError as error:
                mine.set_exception(error)
            finally:
                mine.cancel()
            return mine.result()
