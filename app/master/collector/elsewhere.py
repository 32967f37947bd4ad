"""Has hosts read by workers elsewhere: what is claimed here goes through a queue."""

from collections.abc import Callable, Collection, Sequence
from time import monotonic
from typing import Protocol

import structlog

from app.db.engine import Database
from app.db.repositories.schedule import Claim, ScheduleRepository

log = structlog.get_logger(__name__)

HOSTS_TOGETHER = 20
"""In one message: they are read at the same time, by one worker."""

MOST_AT_ONCE = 2000
PAUSE_SECONDS = 2.0
"""So long nothing is claimed after the queue took nothing."""


class NotSentError(Exception):
    """The queue took nothing, or did not say so; the text tells why."""


class Queue(Protocol):
    """Where claims go, and workers take them from."""

    def send(self, claims: Sequence[Claim]) -> None:
        """Puts the claims there as one message, within a few seconds. NotSentError."""
        ...

    def close(self) -> None:
        """Ends the connection."""
        ...


class QueueDispatch:
    """A `Dispatch` through a queue. What the queue does not take is given back, and tried again a little later.

    It remembers nothing: a message that is lost, late or delivered twice does no harm, since the claims in it expire
    and are taken up once.
    """

    def __init__(self, database: Database, queue: Queue, seconds: Callable[[], float] = monotonic) -> None:
        """`seconds` is a clock that only goes forward."""
        self._database = database
        self._queue = queue
        self._seconds = seconds
        self._paused_until = 0.0

    def room(self) -> int:
        """None while the queue takes nothing."""
        return MOST_AT_ONCE if self._seconds() >= self._paused_until else 0

    def busy(self) -> Collection[str]:
        """Nobody: the claims in the database tell."""
        return ()

    def dispatch(self, claims: Sequence[Claim]) -> None:
        """Sends them, some in each message."""
        for start in range(0, len(claims), HOSTS_TOGETHER):
            try:
                self._queue.send(claims[start : start + HOSTS_TOGETHER])
            except NotSentError as error:
                self._paused_until = self._seconds() + PAUSE_SECONDS
                log.warning("readings_not_sent", hosts=len(claims) - start, reason=str(error))
                with self._database.write() as connection:
                    ScheduleRepository(connection).give_back(claims[start:])
                return

    def close(self) -> None:
        """Sends nothing more."""
        self._queue.close()
