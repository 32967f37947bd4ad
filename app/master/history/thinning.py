"""Makes history coarser as it ages: quarter hours become hours, hours become days, and what is too old is dropped.

Each piece is one transaction over a few series, and leaves them whole: stopping in between costs nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.db.engine import Database
from app.db.repositories.history import DEVICE, Chunk, HistoryRepository, Series
from app.master.chores import KeepGoing
from app.master.history.codec import Record, decode, pack
from app.master.history.series import with_recent
from app.master.history.slots import DAYS, FINE_FOR, HOURS, Tier, first_kept, last_of_each
from app.quota.clock import Clock


@dataclass(frozen=True, slots=True)
class Thinner:
    """Thins whatever is due, so many series or chunks in one transaction."""

    database: Database
    clock: Clock
    piece: int = 100

    def thin(self, keep_going: KeepGoing) -> int:
        """Works until nothing is due; gives the number of pieces."""
        pieces = 0
        for step in (self._fine_to_hours, self._hours_to_days, self._drop_old):
            while keep_going() and step(self.clock()):
                pieces += 1
        return pieces

    def _fine_to_hours(self, now: datetime) -> bool:
        """Moves complete days of quarter hours into hourly chunks; False when none are due."""
        border = first_kept(now, FINE_FOR)
        with self.database.write() as connection:
            history = HistoryRepository(connection)
            found = history.with_recent_before(border, self.piece)
            chunks = history.chunks(found, HOURS.number)
            new: list[Chunk] = []
            left = []
            for number, series in found.items():
                records = decode(series.recent)
                old = [record for record in records if record.slot < border]
                own = [chunk for chunk in chunks if chunk.series_id == number]
                new += _merged(HOURS, number, own, old)
                left.append((number, series.last_slot, with_recent(series, records[len(old) :])))
            history.replace_chunks([], new)
            history.put(left)
        return bool(found)

    def _hours_to_days(self, now: datetime) -> bool:
        """Moves hourly chunks that are old as a whole into daily ones; False when none are due."""
        border = first_kept(now, HOURS.kept_for) - HOURS.chunk + 1
        with self.database.write() as connection:
            history = HistoryRepository(connection)
            found = history.chunks_before(HOURS.number, border, self.piece)
            records = _by_series(found)
            chunks = history.chunks(records, DAYS.number)
            new: list[Chunk] = []
            for number, old in records.items():
                new += _merged(DAYS, number, [chunk for chunk in chunks if chunk.series_id == number], old)
            history.replace_chunks(found, new)
        return bool(found)

    def _drop_old(self, now: datetime) -> bool:
        """Drops daily chunks that are too old as a whole, and series with nothing younger; False when none are.

        Figures that did not change since are carried on: what an old record says still stands.
        """
        kept_from = first_kept(now, DAYS.kept_for)
        with self.database.write() as connection:
            history = HistoryRepository(connection)
            found = history.chunks_before(DAYS.number, kept_from - DAYS.chunk + 1, self.piece)
            records = _by_series(found)
            series = history.by_number(records)
            dead = [number for number, each in series.items() if _is_over(history, each, kept_from)]
            chunks = history.chunks(records, DAYS.number)
            carried: list[Chunk] = []
            for number in series.keys() - set(dead):
                last = records[number][-1]
                start = last.slot // DAYS.chunk * DAYS.chunk + DAYS.chunk
                own = [chunk for chunk in chunks if chunk.series_id == number and chunk.start == start]
                there = {record.slot for chunk in own for record in decode(chunk.data)}
                if last.figures is not None and start not in there and series[number].quota_type != DEVICE:
                    carried += _merged(DAYS, number, own, [Record(start, last.figures)])
            history.replace_chunks(found, carried)
            history.delete(dead)
        return bool(found)


def _merged(tier: Tier, number: int, chunks: Iterable[Chunk], records: Sequence[Record]) -> list[Chunk]:
    """The chunks that records go into, with those that they had: thinned to the tier's step."""
    by_start: dict[int, list[Record]] = defaultdict(list)
    for record in records:
        by_start[record.slot // tier.chunk * tier.chunk].append(record)
    stored = {chunk.start: decode(chunk.data) for chunk in chunks if chunk.start in by_start}
    return [
        Chunk(number, tier.number, start, pack(last_of_each([*stored.get(start, []), *added], tier.step)))
        for start, added in by_start.items()
    ]


def _by_series(chunks: Iterable[Chunk]) -> dict[int, list[Record]]:
    found: dict[int, list[Record]] = defaultdict(list)
    for chunk in chunks:
        found[chunk.series_id] += decode(chunk.data)
    return found


def _is_over(history: HistoryRepository, series: Series, kept_from: int) -> bool:
    """Is nothing known of it since then? A quota's last change may be old while its device is read every day."""
    if series.last_slot >= kept_from:
        return False
    if series.gone or series.quota_type == DEVICE:
        return True
    device = history.find(series.key.of_device())
    return device is None or device[1].last_slot < kept_from
