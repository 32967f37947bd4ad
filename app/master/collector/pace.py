"""How often each host is read. Written down for people in docs/architecture.md."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

NEAR_LIMIT_PERCENT = 95.0
"""Above it, a host is read at the fast interval."""

FAILURES_BEFORE_BACKING_OFF = 3
LONGEST_BACK_OFF = timedelta(minutes=5)
READING_AND_WAITING = timedelta(seconds=12)
"""A reading's deadline of 10 s, and some for it to begin."""

SPREAD_PER_HOST = timedelta(milliseconds=20)
"""Hosts that were read at the same time are spread so that not more than fifty a second become due."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The rule of due instants. `draw` gives random numbers from 0 to below 1."""

    interval: timedelta
    fast_interval: timedelta
    draw: Callable[[], float]

    @property
    def horizon(self) -> timedelta:
        """No due instant is ever given that lies further ahead."""
        return max(2 * self.interval, self._longest_after_failure())

    def after_success(self, begun_at: datetime, due_at: datetime | None, fullest: float, hosts: int) -> datetime:
        """An interval after it began. One that began late, as the first ones do, gets a share of the spread on top."""
        every = min(self.interval, self.fast_interval) if fullest > NEAR_LIMIT_PERCENT else self.interval
        is_late = due_at is None or begun_at - due_at > every / 2
        spread = min(every, hosts * SPREAD_PER_HOST) * self.draw() if is_late else timedelta()
        return begun_at + every + spread

    def after_failure(self, begun_at: datetime, failures: int) -> datetime:
        """The next round as always; from the third failure in a row on later, but within two rounds."""
        beyond = failures - FAILURES_BEFORE_BACKING_OFF + 1
        if beyond <= 0:
            return begun_at + self.interval
        longer = (self._longest_after_failure() - self.interval) * (1 - 0.5**beyond)
        return begun_at + self.interval + longer * (1 + self.draw()) / 2

    def _longest_after_failure(self) -> timedelta:
        """A host that is back is fresh again within two rounds of the attempt that just missed it."""
        return max(self.interval, min(LONGEST_BACK_OFF, 2 * self.interval - READING_AND_WAITING))
