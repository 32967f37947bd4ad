"""Usage over time whose truth is known: a trend, and what lies on top of it. All by the hour, in bytes."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from app.master.history.forecast import Sample
from tests.fakes.fleet_database import NOON

GIB = 2**30
HOURS_OF_A_DAY, HOURS_OF_A_WEEK = 24, 168

Shape = Callable[[int, random.Random], float]
"""What comes on top of the trend in this hour, in GiB: as much above it as below, all in all."""


@dataclass(frozen=True)
class Usage:
    """So many days until noon, a start and a growth in GiB a day, and shapes on top; now and then hours are missing."""

    days: float
    start: float
    growth: float
    shapes: tuple[Shape, ...] = ()
    missing: float = 0.0
    seed: int = 1

    def samples(self) -> list[Sample]:
        """As history has them."""
        chance, hours = random.Random(self.seed), int(self.days * 24)  # noqa: S311 - noise, no secret
        now = int(NOON.timestamp()) // 3600
        found = []
        for hour in range(-hours, 1):
            used = self.trend(hour / 24) + sum(shape(now + hour, chance) for shape in self.shapes)
            if chance.random() >= self.missing:
                found.append(Sample((now + hour) * 3600, max(0, round(used * GIB))))
        return found

    def trend(self, day: float) -> float:
        """GiB, so many days after now."""
        return self.start + self.growth * (self.days + day)

    def days_until(self, limit: float) -> float:
        """When the trend reaches the limit (GiB), in days from now."""
        return (limit - self.start) / self.growth - self.days


def noise(width: float) -> Shape:
    """Each hour apart from the others."""
    return lambda _, chance: chance.gauss(0, width)


def daily(height: float) -> Shape:
    """Grows by day, cleaned up at night."""
    return lambda hour, _: height * ((hour % HOURS_OF_A_DAY) / HOURS_OF_A_DAY - 0.5)


def weekly(height: float) -> Shape:
    """Grows for a week, cleaned up at its end."""
    return lambda hour, _: height * ((hour % HOURS_OF_A_WEEK) / HOURS_OF_A_WEEK - 0.5)


def waves(height: float, hours: int = HOURS_OF_A_DAY) -> Shape:
    """Up and down."""
    return lambda hour, _: height * math.sin(2 * math.pi * hour / hours)


def steps(height: float, days: float) -> Shape:
    """Grows by nothing, then by a whole step: with the trend's growth times `days` as height, as steep as the trend."""
    hours = days * 24
    return lambda hour, _: -height * ((hour % hours) / hours) + height / 2


def outliers(height: float, share: float) -> Shape:
    """Now and then an hour is far off."""
    return lambda _, chance: height * chance.choice((-1, 1)) if chance.random() < share else 0.0


def cleanup(size: float, days_ago: float) -> Shape:
    """So much went at once, for good."""
    when = int(NOON.timestamp()) // 3600 - days_ago * 24
    return lambda hour, _: 0.0 if hour < when else -size
