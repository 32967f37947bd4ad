"""When a host is read next: the rule, whatever the settings, the chance and the number of failures."""

from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.master.collector.pace import LONGEST_BACK_OFF, READING_AND_WAITING, Pace
from tests.fakes.fleet_database import NOON

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
INTERVALS = st.integers(1, 86_400).map(lambda seconds: timedelta(seconds=seconds))
CHANCES = st.floats(0, 1, exclude_max=True)


def pace(draw: float = 0.0, interval: timedelta = MINUTE, fast: timedelta = 10 * SECOND) -> Pace:
    return Pace(interval, fast, lambda: draw)


def after_success(rule: Pace, fullest: float = 50.0, hosts: int = 1000, late: timedelta | None = timedelta()) -> float:
    due_at = None if late is None else NOON - late
    return (rule.after_success(NOON, due_at, fullest, hosts) - NOON).total_seconds()


def after_failure(rule: Pace, failures: int) -> float:
    return (rule.after_failure(NOON, failures) - NOON).total_seconds()


def test_a_host_is_due_an_interval_after_its_reading_began() -> None:
    assert after_success(pace(0.9)) == 60
    assert after_success(pace(0.9), late=29 * SECOND) == 60


@pytest.mark.parametrize(("fullest", "seconds"), [(-1.0, 60), (95.0, 60), (95.1, 10), (240.0, 10)])
def test_a_host_where_somebody_is_near_a_limit_is_due_sooner(fullest: float, seconds: int) -> None:
    assert after_success(pace(), fullest) == seconds


def test_the_fast_interval_is_never_the_slower_one() -> None:
    assert after_success(pace(interval=5 * SECOND), 99.0) == 5


def test_hosts_that_are_read_at_once_are_spread() -> None:
    """A thousand hosts over 20 s, ten over a fifth of a second; never over more than an interval."""
    assert after_success(pace(0.5), late=None) == 60 + 10
    assert after_success(pace(0.5), late=31 * SECOND) == 60 + 10
    assert after_success(pace(0.5), hosts=10, late=None) == 60 + 0.1
    assert after_success(pace(0.5), hosts=100_000, late=None) == 60 + 30


def test_a_host_that_fails_again_and_again_is_tried_less_often() -> None:
    assert [after_failure(pace(0.999_999), failures) for failures in (1, 2)] == [60, 60]
    later = [after_failure(pace(0.999_999), failures) for failures in range(3, 12)]
    assert later == sorted(later)
    assert later[0] == pytest.approx(84, abs=0.1)
    assert later[-1] == pytest.approx(108, abs=0.1)
    assert after_failure(pace(0.0), 3) == pytest.approx(72)


@given(INTERVALS, CHANCES, st.integers(1, 10_000))
def test_a_host_that_is_back_is_fresh_within_two_rounds(interval: timedelta, chance: float, failures: int) -> None:
    """It came back a moment after an attempt began: the next one begins, and ends, before two intervals are over."""
    waits = pace(chance, interval).after_failure(NOON, failures) - NOON
    assert waits >= interval
    assert waits == interval or waits + READING_AND_WAITING <= 2 * interval
    assert waits <= max(interval, LONGEST_BACK_OFF)


@given(INTERVALS, INTERVALS, CHANCES, st.integers(1, 10_000), st.integers(0, 10_000))
def test_no_instant_lies_beyond_the_horizon(
    interval: timedelta, fast: timedelta, chance: float, failures: int, hosts: int
) -> None:
    rule = pace(chance, interval, fast)
    given_instants = [rule.after_failure(NOON, failures), rule.after_success(NOON, None, 50.0, hosts)]
    assert max(given_instants) <= NOON + rule.horizon


@given(INTERVALS, CHANCES, st.integers(0, 10_000), st.floats(-1, 200))
def test_no_host_is_due_twice_in_a_round(interval: timedelta, chance: float, hosts: int, fullest: float) -> None:
    assume(fullest <= 95)
    assert after_success(pace(chance, interval), fullest, hosts, late=None) >= interval.total_seconds()
