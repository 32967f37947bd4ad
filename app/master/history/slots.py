"""Time in history is counted in slots: quarter hours since 1970, UTC. What is kept of which age stands here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.master.history.codec import Record

SLOT_SECONDS = 900
HOUR, DAY = 4, 96
"""In slots."""

WEEK = 7 * DAY
QUARTER_YEAR = 13 * WEEK
FINE_FOR = timedelta(days=2)
"""How long every quarter hour is kept."""


@dataclass(frozen=True, slots=True)
class Tier:
    """What is kept of older stretches: the last record of each `step`, in chunks of `chunk` slots, for so long."""

    number: int
    step: int
    chunk: int
    kept_for: timedelta


HOURS = Tier(1, HOUR, WEEK, timedelta(days=90))
DAYS = Tier(2, DAY, QUARTER_YEAR, timedelta(days=731))


def slot_of(at: datetime) -> int:
    """The nearest quarter hour: a reading moments after it still belongs to it."""
    return int((at.timestamp() + SLOT_SECONDS / 2) // SLOT_SECONDS)


def instant_of(slot: int) -> datetime:
    """The quarter hour as an aware UTC instant."""
    return datetime.fromtimestamp(slot * SLOT_SECONDS, UTC)


def first_kept(now: datetime, kept_for: timedelta) -> int:
    """The first slot of the UTC day that began so long ago, or before: nothing older needs to be kept."""
    return int((now - kept_for).timestamp() // SLOT_SECONDS) // DAY * DAY


def last_of_each(records: Iterable[Record], step: int) -> list[Record]:
    """The last record of each `step` slots, in order: what was known at the end of each is still known."""
    last: dict[int, Record] = {}
    for record in records:
        bucket = record.slot // step
        if bucket not in last or record.slot >= last[bucket].slot:
            last[bucket] = record
    return [last[bucket] for bucket in sorted(last)]
