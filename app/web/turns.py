"""Few answers are computed at a time, because threads of one interpreter that compute together hinder each other.

Why and how much: docs/adr/0013-pages-take-turns.md.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock

AT_ONCE = 2
PATIENCE_SECONDS = 0.25


class Turns:
    """Lets so many in at once, in the order in which they came.

    Who has waited for long goes ahead all the same, so that nobody waits for one that is stuck.
    """

    def __init__(self, at_once: int = AT_ONCE, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._free = at_once
        self._patience = patience_seconds
        self._lock = Lock()
        self._waiting: deque[Event] = deque()

    @property
    def free(self) -> int:
        """How many more may go in at once."""
        return self._free

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Held for as long as something is computed, never while anybody else is waited for."""
        has_turn = self._wait()
        try:
            yield
        finally:
            if has_turn:
                self._pass_on()

    def _wait(self) -> bool:
        with self._lock:
            if self._free > 0:
                self._free -= 1
                return True
            mine = Event()
            self._waiting.append(mine)
        if mine.wait(self._patience):
            return True
        with self._lock:
            if mine.is_set():  # it came a moment ago
                return True
            self._waiting.remove(mine)
            return False

    def _pass_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1
