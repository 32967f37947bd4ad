"""When something will be full: a robust fit, with an interval, or the admission that there is not enough to go by.

The growth is the median of the slopes between points far apart (Theil, 1950; Sen, 1968), taken only between points at
the same time of day, or of the week, so that what comes back daily or weekly does not count as growth (as in the
seasonal Kendall test: Hirsch, Slack and Smith, 1982). It rests on what followed the last clean-up. Rules:
docs/history.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import NamedTuple

HOUR_SECONDS = 3600
DAY, WEEK = 24, 7 * 24
"""In hours, as everything here."""

MIN_POINTS = 24
MIN_SPAN = 2 * DAY
MAX_AGE = 2 * DAY
LONGEST_BASIS = 90 * DAY
HORIZON = 5 * 365 * DAY
WEEKLY_FROM = 10 * DAY
"""From this span on, points are compared with those of the same hour of the week, below it of the day."""

MAX_PAIRS = 4000
FEW_PAIRS = 12
LOW, HIGH = 0.1, 0.9
"""Quantiles of the interval."""

GROWS = 0.25
"""It grows where this quantile of the slopes is above zero."""

SMALLEST_MARGIN = 0.02
CLEANUP_SHARE, CLEANUP_NOISE = 0.1, 4.0
"""A clean-up is a lasting drop by this share of the level, and by so many times the usual deviation."""

CANDIDATES = 20
MAD_TO_SIGMA = 1.4826


class Sample(NamedTuple):
    """What was used at an instant (seconds since 1970)."""

    at: int
    used: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """`full_at` None: it does not grow, has no limit, or is not full within the horizon. `latest` None: maybe never."""

    full_at: datetime | None
    earliest: datetime | None
    latest: datetime | None
    basis_points: int
    is_enough: bool


def forecast(samples: Sequence[Sample], limit: int | None, now: datetime) -> Forecast:
    """When `limit` (same unit as the samples) will be reached. Samples in order of time, any distance apart."""
    present = now.timestamp() / HOUR_SECONDS
    basis = _since_last_cleanup(_hourly(samples, present))
    slopes = sorted(_slopes(basis)) if _is_enough(basis, present) else []
    unknown = Forecast(None, None, None, len(basis), is_enough=bool(slopes))
    if limit is None or not slopes:
        return unknown
    hours = _hours_until(limit, _levels(basis, median(slopes), present), slopes)
    if hours is None:
        return unknown
    full_at, earliest, latest = (None if each is None else now + timedelta(hours=each) for each in hours)
    return Forecast(full_at, earliest, latest, len(basis), is_enough=True)


def _hourly(samples: Sequence[Sample], present: float) -> dict[int, int]:
    """The last sample of each hour, of so far back as a basis may reach."""
    return {
        sample.at // HOUR_SECONDS: sample.used
        for sample in samples
        if present - LONGEST_BASIS <= sample.at / HOUR_SECONDS <= present + 1
    }


def _is_enough(basis: Mapping[int, int], present: float) -> bool:
    if len(basis) < MIN_POINTS:
        return False
    return max(basis) - min(basis) >= MIN_SPAN - 1 and present - max(basis) <= MAX_AGE


def _slopes(basis: Mapping[int, int]) -> list[float]:
    """Growth in an hour, between points that are whole days or weeks and a third of the span apart or more."""
    span = max(basis) - min(basis)
    period = WEEK if span >= WEEKLY_FROM else DAY
    least = -(-max(span // 3, 1) // period) * period
    lags = range(least, span + 1, period)
    pairs = [(hour, hour + lag) for lag in lags for hour in basis if hour + lag in basis]
    if len(pairs) < FEW_PAIRS:  # read at odd times: any pair that is far apart will do
        hours = sorted(basis)[:: len(basis) // 90 + 1]
        pairs = [(first, last) for first in hours for last in hours if last - first >= max(span // 3, 1)]
    return [(basis[last] - basis[first]) / (last - first) for first, last in pairs[:: len(pairs) // MAX_PAIRS + 1]]


def _levels(basis: Mapping[int, int], slope: float, present: float) -> list[float]:
    """What the points of the last day or week come to at present, in order of size."""
    newest, span = max(basis), max(basis) - min(basis)
    period = WEEK if span >= WEEKLY_FROM else DAY
    return sorted(used + slope * (present - hour) for hour, used in basis.items() if hour > newest - period)


def _hours_until(
    limit: int, levels: Sequence[float], slopes: Sequence[float]
) -> tuple[float, float, float | None] | None:
    """Hours until it is full, at the earliest, at the latest (None: maybe never); None where no day can be named."""
    level, slope = median(levels), median(slopes)
    if level >= limit:
        return 0.0, 0.0, 0.0
    if _quantile(slopes, GROWS) <= 0 or (limit - level) / slope > HORIZON:
        return None
    expected = (limit - level) / slope
    margin = max(1.0, SMALLEST_MARGIN * expected)
    earliest = max(0.0, limit - _quantile(levels, HIGH)) / _quantile(slopes, HIGH)
    slowest = _quantile(slopes, LOW)
    latest = (limit - _quantile(levels, LOW)) / slowest if slowest > 0 else None
    if latest is not None and latest > HORIZON:
        latest = None
    return (
        expected,
        max(0.0, min(earliest, expected - margin)),
        None if latest is None else max(latest, expected + margin),
    )


def _since_last_cleanup(points: Mapping[int, int]) -> dict[int, int]:
    """The points after the last lasting drop; all of them where there was none."""
    steps = list(pairwise(sorted(points)))
    falls = [(points[before] - points[after], after) for before, after in steps if points[after] < points[before]]
    for after in sorted((after for _, after in sorted(falls)[-CANDIDATES:]), reverse=True):
        if _is_cleanup(points, after):
            return {hour: points[hour] for hour in sorted(points) if hour >= _bottom(points, steps, after)}
    return {hour: points[hour] for hour in sorted(points)}


def _bottom(points: Mapping[int, int], steps: Sequence[tuple[int, int]], after: int) -> int:
    """Where the fall that goes on at `after` ends."""
    for before, following in steps:
        if before == after and points[following] < points[before]:
            after = following
    return after


def _is_cleanup(points: Mapping[int, int], after: int) -> bool:
    """Did it fall here, and is it lower since (for a week, or as long as there is) than if it had gone on as before?

    What comes back every week, or day, does not count: each hour is compared with the same one a week (day) earlier.
    """
    oldest = min(points)
    period = next((each for each in (WEEK, DAY) if after - oldest >= each + DAY // 2), None)
    if period is None:
        old, new = _within(points, after - DAY, after), _within(points, after, after + DAY)
    else:
        old = _changes(points, after - 2 * period, after, period)
        new = _changes(points, after, after + period, period)
    before, behind = _within(points, after - DAY // 2, after), _within(points, after, after + DAY // 2)
    if min(map(len, (old, new, before, behind))) < 3:  # noqa: PLR2004 - fewer may be a disturbance
        return False
    usual, level = median(old), median(before)
    deviation = MAD_TO_SIGMA * median(abs(each - usual) for each in old)
    lower = usual - median(new)
    return lower >= max(CLEANUP_NOISE * deviation, CLEANUP_SHARE * level) and level - median(behind) >= lower / 2


def _within(points: Mapping[int, int], first: int, end: int) -> list[int]:
    return [points[hour] for hour in range(first, end) if hour in points]


def _changes(points: Mapping[int, int], first: int, end: int, period: int) -> list[int]:
    return [
        points[hour] - points[hour - period] for hour in range(first, end) if hour in points and hour - period in points
    ]


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
