"""The timer of a soft limit, as a state machine beside a plain model."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.quota.grace import with_grace
from app.quota.values import Limits, ResourceQuota

PERIOD_SECONDS = 600


class GraceMachine(RuleBasedStateMachine):
    """Usage, soft limit and time change in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 11, 21, 4, tzinfo=UTC)
        self.resource = ResourceQuota(0)
        self.above_since: datetime | None = None

    def _change(self, used: int, soft: int | None) -> None:
        self.resource = with_grace(used, Limits(soft, None), self.resource.grace_expires_at, PERIOD_SECONDS, self.now)
        above = soft is not None and used > soft
        self.above_since = (self.above_since or self.now) if above else None

    @rule(used=st.integers(0, 10))
    def use(self, used: int) -> None:
        self._change(used, self.resource.limits.soft)

    @rule(soft=st.none() | st.integers(1, 10))
    def limit(self, soft: int | None) -> None:
        self._change(self.resource.used, soft)

    @rule(seconds=st.integers(0, 2 * PERIOD_SECONDS))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def the_timer_runs_from_the_moment_that_usage_went_above(self) -> None:
        expected = self.above_since and self.above_since + timedelta(seconds=PERIOD_SECONDS)
        assert self.resource.grace_expires_at == expected


TestGrace = GraceMachine.TestCase
