"""Forecasts of series whose truth is known: the interval has it, and where nothing can be known none is given."""

import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.master.history.forecast import Forecast, Sample, forecast
from tests.fakes.fleet_database import NOON
from tests.fakes.synthetic_usage import (
    GIB,
    Usage,
    cleanup,
    daily,
    noise,
    outliers,
    steps,
    waves,
    weekly,
)

LIMIT = 1000.0


def of(usage: Usage, limit: float | None = LIMIT) -> Forecast:
    return forecast(usage.samples(), None if limit is None else round(limit * GIB), NOON)


def days(found: Forecast) -> tuple[float, float, float]:
    """(earliest, expected, latest) in days from now."""
    assert found.is_enough
    assert found.full_at is not None
    assert found.earliest is not None
    until = [each - NOON if each else timedelta.max for each in (found.earliest, found.full_at, found.latest)]
    return until[0].total_seconds() / 86400, until[1].total_seconds() / 86400, until[2].total_seconds() / 86400


SHAPES = {
    "linear": (),
    "noisy": (noise(5),),
    "by day": (daily(30),),
    "by week": (weekly(60),),
    "waves": (waves(20), waves(30, 168)),
    "steps": (steps(20, 4),),
    "with outliers": (outliers(300, 0.1), noise(2)),
    "all together": (noise(3), daily(10), weekly(20), outliers(200, 0.05)),
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("length", [21.0, 60.0, 120.0])
def test_the_interval_has_the_truth_and_the_day_is_near_it(name: str, length: float) -> None:
    usage = Usage(length, start=700 - 5 * length, growth=5, shapes=SHAPES[name])
    truth = usage.days_until(LIMIT)
    earliest, expected, latest = days(of(usage))
    assert earliest <= truth <= latest
    assert abs(expected - truth) <= 0.15 * truth


@given(
    length=st.floats(2.5, 100),
    growth=st.floats(0.5, 50),
    room=st.floats(0.1, 3),
    width=st.floats(0, 0.2),
    missing=st.floats(0, 0.5),
    seed=st.integers(0, 10_000),
)
@settings(max_examples=60, deadline=None)
def test_the_interval_of_any_noisy_growth_has_the_truth(
    length: float, growth: float, room: float, width: float, missing: float, seed: int
) -> None:
    """Noise of up to a fifth of what grows in the whole time, up to half of the hours missing."""
    grown = growth * length
    usage = Usage(length, 100, growth, (noise(width * grown),), missing, seed)
    limit = 100 + grown * (1 + room)
    found = of(usage, limit)
    if not found.is_enough or found.full_at is None:
        assert missing > 0.1 or width > 0.1
        return
    earliest, _, latest = days(found)
    assert earliest <= usage.days_until(limit) <= latest


@pytest.mark.parametrize(
    "shapes",
    [
        (),
        (noise(5),),
        (daily(100),),
        (weekly(200),),
        (waves(50), weekly(100)),
        (outliers(300, 0.1),),
        (cleanup(200, 20),),
    ],
)
@pytest.mark.parametrize("length", [28.0, 90.0])
def test_what_does_not_grow_is_never_full(shapes: tuple[()], length: float) -> None:
    found = of(Usage(length, start=500, growth=0, shapes=shapes))
    assert (found.full_at, found.earliest, found.latest, found.is_enough) == (None, None, None, True)


def test_noise_is_not_taken_for_growth() -> None:
    named = [seed for seed in range(100) if of(Usage(30, 500, 0, (noise(20),), seed=seed)).full_at is not None]
    assert named == []


def test_what_shrinks_is_never_full() -> None:
    found = of(Usage(30, start=900, growth=-2, shapes=(noise(1),)))
    assert (found.full_at, found.is_enough) == (None, True)


@pytest.mark.parametrize("days_ago", [5.0, 12.0, 20.0])
def test_after_a_cleanup_only_what_followed_counts(days_ago: float) -> None:
    usage = Usage(40, start=100, growth=10, shapes=(cleanup(250, days_ago), noise(1)))
    found = of(usage)
    assert found.basis_points == pytest.approx(days_ago * 24, abs=3)
    truth = usage.days_until(LIMIT + 250)
    earliest, expected, latest = days(found)
    assert earliest <= truth <= latest
    assert abs(expected - truth) <= 0.1 * truth


def test_shortly_after_a_cleanup_there_is_not_enough_to_go_by() -> None:
    found = of(Usage(40, start=100, growth=10, shapes=(cleanup(250, 1), noise(1))))
    assert not found.is_enough
    assert found.full_at is None
    assert found.basis_points == pytest.approx(24, abs=2)


def test_a_bad_hour_is_no_cleanup() -> None:
    samples = Usage(40, start=100, growth=10).samples()
    samples[-30:-28] = [Sample(sample.at, 0) for sample in samples[-30:-28]]
    found = forecast(samples, round(LIMIT * GIB), NOON)
    assert found.basis_points == len(samples)


@pytest.mark.parametrize(
    "usage",
    [
        Usage(1.9, 100, 10),
        Usage(0.5, 100, 10),
        Usage(2.5, 100, 10, missing=0.75),
    ],
)
def test_too_little_is_not_enough(usage: Usage) -> None:
    found = of(usage)
    assert (found.is_enough, found.full_at) == (False, None)


def test_nothing_at_all_is_not_enough() -> None:
    assert forecast([], GIB, NOON) == Forecast(None, None, None, 0, is_enough=False)


def test_what_is_long_past_is_not_enough() -> None:
    old = [Sample(sample.at - 3 * 86400, sample.used) for sample in Usage(30, 100, 10).samples()]
    assert not forecast(old, round(LIMIT * GIB), NOON).is_enough
    yesterday = [Sample(sample.at - 86400, sample.used) for sample in Usage(30, 100, 10).samples()]
    assert forecast(yesterday, round(LIMIT * GIB), NOON).is_enough


def test_two_days_of_a_straight_line_are_enough() -> None:
    _, expected, _ = days(of(Usage(2, 100, 10)))
    assert expected == pytest.approx(88, rel=0.01)


def test_without_a_limit_it_is_never_full() -> None:
    found = of(Usage(30, 100, 10), None)
    assert (found.full_at, found.is_enough) == (None, True)


def test_what_is_full_is_full_now() -> None:
    assert days(of(Usage(30, 900, 10))) == (0, 0, 0)


def test_what_is_years_away_has_no_day() -> None:
    found = of(Usage(30, 100, 0.1))
    assert (found.full_at, found.is_enough) == (None, True)


def test_one_reading_a_day_at_odd_times_is_enough_in_time() -> None:
    chance = random.Random(5)  # noqa: S311 - noise, no secret
    every_day = [
        sample for sample in Usage(60, 100, 10).samples() if sample.at // 3600 % 24 == 0 or chance.random() < 0.01
    ]
    shifted = [Sample(sample.at + 3600 * chance.randrange(20), sample.used) for sample in every_day[:-1]]
    _, expected, _ = days(forecast(sorted(shifted), round(LIMIT * GIB), NOON))
    assert expected == pytest.approx(30, rel=0.1)


@given(
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 2**62)), max_size=80),
    st.one_of(st.none(), st.integers(0, 2**62)),
)
@settings(max_examples=60, deadline=None)
def test_whatever_is_recorded_has_an_answer(read: list[tuple[int, int]], limit: int | None) -> None:
    now = int(NOON.timestamp())
    samples = [Sample(now - hours * 3600, used) for hours, used in sorted(read, reverse=True)]
    found = forecast(samples, limit, NOON)
    if found.full_at is not None:
        assert found.earliest is not None
        assert NOON <= found.earliest <= found.full_at <= (found.latest or found.full_at)
        assert found.is_enough
    else:
        assert (found.earliest, found.latest) == (None, None)
