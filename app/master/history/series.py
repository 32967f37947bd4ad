"""A series as records: extended by one, cut, read whole."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from app.db.repositories.history import Chunk, Series, SeriesKey
from app.master.history.codec import NOTHING, PLAIN, START, Cursor, Figures, Record, decode, encode, encode_record


def new_series(key: SeriesKey, *records: Record) -> Series:
    """A series that begins with these records."""
    empty = Series(
        host_id=key.host_id,
        device=key.device,
        quota_type=key.quota_type,
        quota_id=key.quota_id,
        last_slot=0,
        **NOTHING._asdict(),
        gone=False,
        recent_since=None,
        recent=PLAIN,
    )
    return extended(empty, *records)


def last_figures(series: Series) -> Figures | None:
    """The figures that stand, None while it is gone."""
    return None if series.gone else _figures(series)


def extended(series: Series, *records: Record) -> Series:
    """The series with more records; each must be later than the one before."""
    if not records:
        return series
    begins = series.recent_since is None
    cursor = START if begins else Cursor(series.last_slot, _figures(series))
    parts = [series.recent]
    for record in records:
        parts.append(encode_record(cursor, record))
        cursor = cursor.after(record)
    return replace(
        series,
        last_slot=cursor.slot,
        gone=records[-1].figures is None,
        recent_since=records[0].slot if begins else series.recent_since,
        recent=b"".join(parts),
        **cursor.figures._asdict(),
    )


def with_recent(series: Series, records: Sequence[Record]) -> Series:
    """The series with only these recent records, the last ones of what it had."""
    if not records:
        return replace(series, recent=PLAIN, recent_since=None)
    cursor = START
    for record in records:
        cursor = cursor.after(record)
    return replace(series, recent=encode(records), recent_since=records[0].slot, **cursor.figures._asdict())


def all_records(series: Series, chunks: Iterable[Chunk]) -> list[Record]:
    """Every record of a series, oldest first."""
    by_slot = {record.slot: record for chunk in chunks for record in decode(chunk.data)}
    by_slot |= {record.slot: record for record in decode(series.recent)}
    return [by_slot[slot] for slot in sorted(by_slot)]


def _figures(series: Series) -> Figures:
    return Figures(series.block_current, series.block_hard_limit, series.inode_current)
