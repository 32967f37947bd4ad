"""When the ledger is brought up to date: when events, admins or enforcement say so, and every 5 minutes in any case."""

from collections.abc import Callable
from threading import Event
from time import monotonic

from app.docker_quota.keeping import LedgerKeeper
from app.docker_quota.ledger import OK, Change
from app.docker_quota.objects import Engine, EngineDown, EventFeed, EventNote

FULL_SECONDS = 300.0
"""Events are a hint: so often everything is looked at, whatever they say."""
DOWN_SECONDS = 5.0
"""So often an engine is asked that does not answer."""
GAP_SECONDS = 2.0
"""From one look to the next, at least; a burst of events is one look."""
GAP_LOOKS = 5
"""And so many times what the last look took: the job has a sixth of a core at most, however large the store is.

The wait for an engine that has just been started is no part of that."""
TICK_SECONDS = 0.5
TIDY_SECONDS = 3600.0
_KINDS = frozenset({"container", "image", "volume", "builder"})
_CHANGE_NOTHING = ("exec_", "attach", "detach", "resize", "top", "health_status")

Monotonic = Callable[[], float]


class LedgerRounds:
    """Subscribes first and lists then, so that nothing is between them; again after each loss of the subscription."""

    def __init__(self, engine: Engine, keeper: LedgerKeeper, now: Monotonic = monotonic) -> None:
        self._engine = engine
        self._keeper = keeper
        self._now = now
        self._feed: EventFeed | None = None
        self._is_due = True
        self._change: Change | None = None
        self._next_at = 0.0
        self._full_at = 0.0
        self._tidy_at = 0.0

    def run(self, stopped: Event) -> None:
        """Takes turns until it is told to stop."""
        try:
            while not stopped.is_set():
                if self.turn(TICK_SECONDS) is None and self._feed is None:
                    stopped.wait(TICK_SECONDS)
        finally:
            self._give_up()

    def turn(self, wait_seconds: float) -> str | None:
        """Hears what events and words of admins there are, and looks if it is time to.

        Gives how that went, None where it was not.
        """
        if self._feed is not None:
            self._is_due |= any(map(changes_something, self._feed.take(wait_seconds)))
            if self._feed.ended:
                self._give_up()
        change = self._keeper.ledger.newest_change()
        self._is_due |= change != self._change
        now = self._now()
        if now < self._next_at or not (self._is_due or now >= self._full_at):
            return None
        self._subscribe()
        self._is_due, self._change = False, change
        began_at = self._now()
        outcome = self._keeper.look()
        ended_at = self._now()
        if outcome != OK or self._feed is None:
            self._is_due, self._next_at = True, ended_at + DOWN_SECONDS
        else:
            self._next_at = ended_at + max(GAP_SECONDS, GAP_LOOKS * (ended_at - began_at))
        self._full_at = ended_at + FULL_SECONDS
        if outcome == OK and ended_at >= self._tidy_at:
            self._keeper.tidy()
            self._tidy_at = ended_at + TIDY_SECONDS
        return outcome

    def _subscribe(self) -> None:
        if self._feed is None:
            feed = self._engine.events()
            self._feed = None if isinstance(feed, EngineDown) else feed

    def _give_up(self) -> None:
        """Whatever the events were after this, only a full look tells."""
        if self._feed is not None:
            self._feed.close()
            self._feed, self._is_due = None, True


def changes_something(note: EventNote) -> bool:
    """May it have changed what there is, or what it takes?"""
    return note.kind in _KINDS and not note.action.startswith(_CHANGE_NOTHING)
