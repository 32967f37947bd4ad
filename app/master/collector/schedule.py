"""Who is to be read now: decided from the database alone, so that any process can take over at any time."""

from collections.abc import Collection, Sequence
from typing import Protocol
from uuid import uuid4

from app.db.engine import Database
from app.db.repositories.schedule import Claim, ScheduleRepository
from app.master.collector.pace import Pace
from app.master.fleet import Fleet
from app.quota.clock import Clock


class Dispatch(Protocol):
    """Has claimed hosts read: by threads of this process, or by workers elsewhere."""

    def room(self) -> int:
        """How many more hosts it takes now."""
        ...

    def busy(self) -> Collection[str]:
        """Hosts that it knows to be under way."""
        ...

    def dispatch(self, claims: Sequence[Claim]) -> None:
        """Has these hosts read, soon, and returns at once. A claim that nobody begins expires by itself."""
        ...

    def close(self) -> None:
        """Begins no further reading."""
        ...


class Scheduler:
    """Claims the hosts that are due and has them read. One is at work in an installation (see `service`).

    Were there two, no host would be read twice: a host belongs to whoever claimed it.
    """

    def __init__(self, database: Database, fleet: Fleet, clock: Clock, pace: Pace, dispatch: Dispatch) -> None:
        self._database = database
        self._fleet = fleet
        self._clock = clock
        self._pace = pace
        self._dispatch = dispatch

    def start_due(self) -> int:
        """Has every host read that is due and not being read, as many as there is room for; gives how many."""
        if claims := self.claim_due(self._dispatch.room()):
            self._dispatch.dispatch(claims)
        return len(claims)

    def claim_due(self, limit: int) -> list[Claim]:
        """Claims up to so many hosts that are due: those that answered last first, the longest overdue of them first.

        Asking costs one reading transaction; only where somebody is due is anything written.
        """
        now, busy = self._clock(), self._dispatch.busy()
        with self._database.read() as connection:
            due = ScheduleRepository(connection).due(now, self._pace.horizon)
        entries = self._fleet.entries
        wanted = [each for each in due if each not in busy and each in entries and not entries[each].suspended][:limit]
        if not wanted:
            return []
        with self._database.write() as connection:
            claims = ScheduleRepository(connection).claim(wanted, uuid4().hex, now, self._pace.horizon)
        place = {host_id: number for number, host_id in enumerate(wanted)}
        return sorted(claims, key=lambda claim: place[claim.host_id])

    def close(self) -> None:
        """Has no further host read."""
        self._dispatch.close()
