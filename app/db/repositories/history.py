"""History: series, their recent records and older chunks."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, insert, select, update

from app.db.tables.history import HistoryChunkRow, HistorySeriesRow

DEVICE = "device"
"""The quota type under which a device itself has its series; its id is 0."""


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """What tells a series from others."""

    host_id: str
    device: str
    quota_type: str
    quota_id: int

    def of_device(self) -> "SeriesKey":
        """The series of its device."""
        return SeriesKey(self.host_id, self.device, DEVICE, 0)


@dataclass(frozen=True, slots=True)
class Series:
    """A series as stored; `last_slot`, the figures and `gone` tell where `recent` ends."""

    host_id: str
    device: str
    quota_type: str
    quota_id: int
    last_slot: int
    block_current: int
    block_hard_limit: int
    inode_current: int
    gone: bool
    recent_since: int | None
    recent: bytes

    @property
    def key(self) -> SeriesKey:
        """What tells it from others."""
        return SeriesKey(self.host_id, self.device, self.quota_type, self.quota_id)


@dataclass(frozen=True, slots=True)
class Chunk:
    """An older stretch of a series."""

    series_id: int
    tier: int
    start: int
    data: bytes


_SERIES = [column for column in HistorySeriesRow.__table__.columns if column.name != "id"]
_CHUNK = list(HistoryChunkRow.__table__.columns)


class HistoryRepository:
    """History on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_host(self, host_id: str) -> dict[int, Series]:
        """All series of a host by their numbers."""
        return self._series(HistorySeriesRow.host_id == host_id)

    def find(self, key: SeriesKey) -> tuple[int, Series] | None:
        """One series with its number, or None."""
        return next(iter(self._series(*_is(key)).items()), None)

    def find_many(self, host_id: str, keys: Iterable[SeriesKey]) -> dict[SeriesKey, tuple[int, Series]]:
        """Those of these series of one host that there are."""
        wanted = set(keys)
        ids = sorted({key.quota_id for key in wanted})
        found = self._series(HistorySeriesRow.host_id == host_id, HistorySeriesRow.quota_id.in_(ids))
        return {series.key: (number, series) for number, series in found.items() if series.key in wanted}

    def by_number(self, numbers: Iterable[int]) -> dict[int, Series]:
        """These series."""
        return self._series(HistorySeriesRow.id.in_(sorted(set(numbers))))

    def add(self, series: Sequence[Series]) -> None:
        """New series."""
        if series:
            self._connection.execute(insert(HistorySeriesRow), [asdict(each) for each in series])

    def put(self, series: Iterable[tuple[int, int, Series]]) -> None:
        """Stores series as (number, the last slot when it was read, what stands now).

        One that somebody else extended since it was read is left as they made it.
        """
        values = [
            {"number": number, "seen_slot": seen, **{f"new_{name}": value for name, value in asdict(new).items()}}
            for number, seen, new in series
        ]
        if values:
            self._connection.execute(_PUT, values)

    def with_recent_before(self, slot: int, limit: int) -> dict[int, Series]:
        """Some series whose recent records begin before this slot."""
        return self._series(HistorySeriesRow.recent_since < slot, limit=limit)

    def delete(self, numbers: Sequence[int]) -> None:
        """Forgets series, with their chunks."""
        if numbers:
            self._connection.execute(delete(HistoryChunkRow).where(HistoryChunkRow.series_id.in_(numbers)))
            self._connection.execute(delete(HistorySeriesRow).where(HistorySeriesRow.id.in_(numbers)))

    def chunks(self, numbers: Iterable[int], tier: int | None = None) -> list[Chunk]:
        """The chunks of these series, by series and start."""
        query = select(*_CHUNK).where(HistoryChunkRow.series_id.in_(sorted(set(numbers))))
        if tier is not None:
            query = query.where(HistoryChunkRow.tier == tier)
        query = query.order_by(HistoryChunkRow.series_id, HistoryChunkRow.start)
        return [Chunk(*row) for row in self._connection.execute(query)]

    def chunks_before(self, tier: int, start: int, limit: int) -> list[Chunk]:
        """Some chunks of a tier that start before this slot, the oldest first."""
        query = select(*_CHUNK).where(HistoryChunkRow.tier == tier, HistoryChunkRow.start < start)
        query = query.order_by(HistoryChunkRow.start, HistoryChunkRow.series_id).limit(limit)
        return [Chunk(*row) for row in self._connection.execute(query)]

    def replace_chunks(self, old: Iterable[Chunk], new: Iterable[Chunk]) -> None:
        """Takes chunks away, and stores others in the place of whatever stands there."""
        new = list(new)
        gone = [_place(chunk) for chunk in (*old, *new)]
        if gone:
            self._connection.execute(_DELETE_CHUNK, gone)
        if new:
            self._connection.execute(insert(HistoryChunkRow), [asdict(chunk) for chunk in new])

    def _series(self, *conditions: ColumnElement[bool], limit: int | None = None) -> dict[int, Series]:
        query = select(HistorySeriesRow.id, *_SERIES).where(*conditions).order_by(HistorySeriesRow.id).limit(limit)
        return {row[0]: Series(*row[1:]) for row in self._connection.execute(query)}


_PUT = (
    update(HistorySeriesRow)
    .where(HistorySeriesRow.id == bindparam("number"), HistorySeriesRow.last_slot == bindparam("seen_slot"))
    .values(
        {
            column.name: bindparam(f"new_{column.name}")
            for column in _SERIES
            if column.name not in {"host_id", "device", "quota_type", "quota_id"}
        }
    )
)
_DELETE_CHUNK = delete(HistoryChunkRow).where(
    HistoryChunkRow.series_id == bindparam("number"),
    HistoryChunkRow.tier == bindparam("of_tier"),
    HistoryChunkRow.start == bindparam("from_start"),
)


def _place(chunk: Chunk) -> dict[str, int]:
    return {"number": chunk.series_id, "of_tier": chunk.tier, "from_start": chunk.start}


def _is(key: SeriesKey) -> tuple[Any, ...]:
    return (
        HistorySeriesRow.host_id == key.host_id,
        HistorySeriesRow.device == key.device,
        HistorySeriesRow.quota_type == key.quota_type,
        HistorySeriesRow.quota_id == key.quota_id,
    )
