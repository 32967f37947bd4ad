"""Asking a host again that is busy for a moment, where nobody waits for the answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import structlog

from app.master.errors import SlaveRefusedError

log = structlog.get_logger(__name__)

T = TypeVar("T")

PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds before each further attempt."""
_BUSY = frozenset({"overloaded", "database_unavailable", "too_many_requests"})
"""With these codes a slave says that it did nothing, and will take the same soon."""


@dataclass(frozen=True, slots=True)
class Patience:
    """`check` is called before each further attempt, and raises where there must be none."""

    pauses: Sequence[float]
    pause: Callable[[float], None]
    check: Callable[[], None]

    def ask(self, ask: Callable[[], T]) -> T:
        """The answer. SlaveRefusedError of the last attempt, or of the first one that no patience helps."""
        for seconds in self.pauses:
            try:
                return ask()
            except SlaveRefusedError as error:
                if error.code not in _BUSY:
                    raise
                log.info("host_is_busy", code=error.code, seconds=seconds)
            self.pause(seconds)
            self.check()
        return ask()


IMPATIENT = Patience((), lambda _: None, lambda: None)
"""Asks once: somebody waits."""
