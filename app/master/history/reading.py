"""History as charts show it: points in a window, at most so many."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from app.db.repositories.history import Chunk, HistoryRepository, Series, SeriesKey
from app.master.history.codec import Figures, Record
from app.master.history.series import all_records
from app.master.history.slots import DAY, DAYS, FINE_FOR, HOUR, HOURS, SLOT_SECONDS, WEEK, first_kept, slot_of

STEPS = (
    1,
    2,
    *(hours * HOUR for hours in (1, 2, 3, 6, 12, 24, 48)),
    *(weeks * WEEK for weeks in (1, 2, 4, 13, 52, 208)),
)
"""Widths that a chart's points may have, in slots. All that is kept is less than two of the widest."""


class Point(NamedTuple):
    """What was known of a quarter hour."""

    slot: int
    figures: Figures


@dataclass(frozen=True, slots=True)
class Window:
    """From `since` to `until`, both with, in steps of so many slots."""

    since: int
    until: int
    step: int

    @property
    def resolution_seconds(self) -> int:
        """The width of a step."""
        return self.step * SLOT_SECONDS


def window_of(since: datetime, until: datetime, now: datetime, points: int) -> Window:
    """The finest steps of which there are at most so many, and no finer than what is kept of that age."""
    first = max(slot_of(since), first_kept(now, DAYS.kept_for))
    last = slot_of(min(until, now + timedelta(days=1)))
    kept = HOUR if first < first_kept(now, FINE_FOR) else 1
    kept = DAY if first < first_kept(now, HOURS.kept_for) else kept
    return Window(first, last, next(step for step in STEPS if step >= kept and last // step - first // step < points))


def points_of(records: Iterable[Record], read_at: Iterable[int], window: Window) -> list[Point]:
    """The last point of each step: those figures that stood when the device was last read in it."""
    last: dict[int, Point] = {}
    following = iter(records)
    ahead = next(following, None)
    stands: Figures | None = None
    for slot in read_at:
        if slot > window.until:
            break
        while ahead is not None and ahead.slot <= slot:
            stands, ahead = ahead.figures, next(following, None)
        if slot < window.since:
            continue
        if stands is None:
            last.pop(slot // window.step, None)
        else:
            last[slot // window.step] = Point(slot, stands)
    return list(last.values())


@dataclass(frozen=True, slots=True)
class Timelines:
    """Reads series with the readings of their devices, on one connection."""

    history: HistoryRepository

    def find(self, key: SeriesKey, window: Window) -> list[Point] | None:
        """A series' points; None when nothing was ever recorded of it."""
        return self.find_many(key.host_id, [key], window).get(key)

    def find_many(self, host_id: str, keys: Sequence[SeriesKey], window: Window) -> dict[SeriesKey, list[Point]]:
        """The points of those series of a host that there are."""
        wanted = {*keys, *(key.of_device() for key in keys)}
        found = self.history.find_many(host_id, wanted)
        chunks: dict[int, list[Chunk]] = {}
        for chunk in self.history.chunks(number for number, _ in found.values()):
            chunks.setdefault(chunk.series_id, []).append(chunk)
        records = {
            key: self._records(series, chunks.get(number, []), window) for key, (number, series) in found.items()
        }
        return {
            key: points_of(records[key], [read.slot for read in records.get(key.of_device(), [])], window)
            for key in keys
            if key in records
        }

    def _records(self, series: Series, chunks: Sequence[Chunk], window: Window) -> list[Record]:
        """Those of the window, with the last one before it: what was recorded then may stand still."""
        later = [chunk for chunk in chunks if chunk.start <= window.until]
        before = [place for place, chunk in enumerate(later) if chunk.start <= window.since]
        return all_records(series, later[max(0, before[-1] - 1) if before else 0 :])
