"""Thinning keeps the last point of each hour and day, whatever happens in between, and bounds what is kept."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from app.db.engine import Database
from app.db.repositories.history import HistoryRepository, SeriesKey
from app.db.tables.history import HistoryChunkRow, HistorySeriesRow
from app.master.history.codec import Figures, Record, decode
from app.master.history.reading import Point, Timelines, window_of
from app.master.history.series import extended, new_series
from app.master.history.slots import DAY, HOUR, WEEK, instant_of, last_of_each
from app.master.history.thinning import Thinner
from tests.fakes.fleet_database import new_database

QUOTA = SeriesKey("h1", "/dev/sda1", "user", 1000)
DISK = QUOTA.of_device()
FIRST = 1_900_000 // DAY * DAY
"""A slot at midnight."""

AS_READ = Figures(1, 1, 0)


class Read(NamedTuple):
    """The device is read in this slot, and the quota is so then; None: there is none."""

    slot: int
    used: int | None


@st.composite
def readings(draw: st.DrawFn) -> list[Read]:
    """Now and then for up to three years, mostly of days in which every quarter hour is read."""
    slot, found, used = FIRST, [], draw(st.integers(0, 5))
    for _ in range(draw(st.integers(1, 12))):
        slot += draw(st.sampled_from([1, 3, HOUR, DAY, 5 * DAY, 3 * WEEK, 30 * WEEK]))
        for _ in range(draw(st.sampled_from([1, 5, 50]))):
            used = draw(st.integers(0, 5)) if draw(st.integers(0, 9)) == 0 else used
            found.append(Read(slot, used or None))
            slot += 1
    return found


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    folder: Path = tmp_path_factory.mktemp("history")
    database = new_database(folder)
    yield database
    database.dispose()


def emptied(database: Database) -> Database:
    with database.write() as connection:
        connection.execute(delete(HistoryChunkRow))
        connection.execute(delete(HistorySeriesRow))
    return database


def add(database: Database, reads: list[Read]) -> None:
    """Records them as the recorder does: the device each time, the quota where it changed."""
    with database.write() as connection:
        history = HistoryRepository(connection)
        quota: int | None = None
        found = {key: history.find(key) for key in (DISK, QUOTA)}
        before = found[QUOTA]
        quota = None if before is None or before[1].gone else before[1].block_current
        records: dict[SeriesKey, list[Record]] = {DISK: [Record(read.slot, AS_READ) for read in reads], QUOTA: []}
        for read in reads:
            if read.used != quota:
                figures = None if read.used is None else Figures(read.used, 0, 0)
                records[QUOTA].append(Record(read.slot, figures))
            quota = read.used
        for key, its in records.items():
            stored = found[key]
            if stored is None and its:
                series = new_series(key, its[0])
                for record in its[1:]:
                    series = extended(series, record)
                history.add([series])
            elif stored is not None:
                series = stored[1]
                for record in its:
                    series = extended(series, record)
                history.put([(stored[0], stored[1].last_slot, series)])


def points(database: Database, now: int, days: int) -> list[Point]:
    present = instant_of(now)
    window = window_of(present - timedelta(days=days), present, present, 1_000_000)
    with database.read() as connection:
        return Timelines(HistoryRepository(connection)).find(QUOTA, window) or []


def expected(reads: list[Read], now: int, days: int, step: int) -> list[Point]:
    """The last reading of each step, where there was a quota then."""
    first = now - days * DAY
    last = {read.slot // step: read for read in reads if first <= read.slot <= now}
    return [Point(read.slot, Figures(read.used, 0, 0)) for read in last.values() if read.used is not None]


def check(database: Database, reads: list[Read], now: int) -> None:
    """`now` is at midnight, so that windows begin where what is kept does."""
    assert points(database, now, 2) == expected(reads, now, 2, 1)
    assert points(database, now, 90) == expected(reads, now, 90, HOUR)
    assert points(database, now, 731) == expected(reads, now, 731, DAY)


def everything(database: Database) -> list[tuple[object, ...]]:
    with database.read() as connection:
        chunks = connection.execute(select(*HistoryChunkRow.__table__.columns.values())).all()
        series = connection.execute(select(*HistorySeriesRow.__table__.columns.values())).all()
    return sorted((tuple(row) for row in (*chunks, *series)), key=repr)


def thinner_at(database: Database, slot: int, piece: int = 100) -> Thinner:
    return Thinner(database, lambda: instant_of(slot), piece)


def killed_after(pieces: int) -> Callable[[], bool]:
    """Goes on for so many pieces; then the process dies."""
    left = iter(range(pieces))

    def keep_going() -> bool:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return True

    return keep_going


@given(readings(), st.integers(1, 4))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_charts_are_the_same_as_of_everything_that_was_read(database: Database, reads: list[Read], parts: int) -> None:
    """Recorded part by part, with thinning in between, often a long time later."""
    emptied(database)
    size = -(-len(reads) // parts)
    for start in range(0, len(reads), size):
        part = reads[start : start + size]
        add(database, part)
        now = (part[-1].slot // DAY + 1) * DAY
        thinner_at(database, now).thin(lambda: True)
        check(database, reads[: start + size], now)


@given(readings(), st.integers(0, 6))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_kill_between_pieces_changes_nothing_in_the_end(database: Database, reads: list[Read], pieces: int) -> None:
    now = (reads[-1].slot // DAY + 200) * DAY
    emptied(database)
    add(database, reads)
    thinner_at(database, now).thin(lambda: True)
    whole = [row[1:] for row in everything(database)]
    emptied(database)
    add(database, reads)
    with pytest.raises(KeyboardInterrupt):
        thinner_at(database, now, piece=1).thin(killed_after(pieces))
    check(database, reads, now)
    thinner_at(database, now, piece=1).thin(lambda: True)
    assert [row[1:] for row in everything(database)] == whole
    assert thinner_at(database, now).thin(lambda: True) == 0


@given(st.lists(st.integers(0, 500), unique=True, max_size=60).map(sorted), st.sampled_from([1, 4, 96]))
def test_the_last_of_each_step_is_kept_and_no_other(slots: list[int], step: int) -> None:
    records = [Record(slot, Figures(slot, 0, 0)) for slot in slots]
    kept = last_of_each(records, step)
    assert kept == last_of_each(kept, step)
    assert len(kept) == len({slot // step for slot in slots})
    assert kept[-1:] == records[-1:]
    for end in {slot // step * step + step - 1 for slot in slots}:
        assert [r for r in kept if r.slot <= end][-1] == [r for r in records if r.slot <= end][-1]


def test_what_is_kept_of_three_busy_years_is_bounded(database: Database) -> None:
    """Every hour of 1,100 days changes something: 2 years of days, 97 days of hours, and the latest as they were."""
    emptied(database)
    days = 1_100
    for first in range(0, days, 100):
        hours = range(FIRST + first * DAY, FIRST + min(first + 100, days) * DAY, HOUR)
        add(database, [Read(slot, 1 + slot % 1000) for slot in hours])
    now = FIRST + days * DAY
    thinner_at(database, now).thin(lambda: True)
    with database.read() as connection:
        number, series = HistoryRepository(connection).find(QUOTA) or (0, None)
        chunks = HistoryRepository(connection).chunks([number])
    assert series is not None
    assert len(decode(series.recent)) == 48
    records = {tier: sum(len(decode(chunk.data)) for chunk in chunks if chunk.tier == tier) for tier in (1, 2)}
    assert 88 * 24 <= records[1] <= 97 * 24
    assert 731 - 97 <= records[2] <= 731 + 91 - 88
    assert len(chunks) <= 14 + 9


def test_a_quota_that_never_changes_is_known_after_years(database: Database) -> None:
    emptied(database)
    for year in range(5):
        first = FIRST + year * 365 * DAY
        add(database, [Read(slot, 7) for slot in range(first, first + 365 * DAY, DAY)])
        thinner_at(database, first + 365 * DAY).thin(lambda: True)
    now = FIRST + 5 * 365 * DAY
    assert [point.figures.block_current for point in points(database, now, 731)] == [7] * 731


def test_a_window_begins_with_what_stood_before_it(database: Database) -> None:
    """Nothing changed for weeks: what stood is found in an older chunk than those of the window."""
    emptied(database)
    reads = [Read(FIRST + day * DAY, 1 if day < 25 else 2) for day in range(40)]
    add(database, reads)
    now = FIRST + 40 * DAY
    thinner_at(database, now).thin(lambda: True)
    for days in range(3, 40):
        assert points(database, now, days) == expected(reads, now, days, HOUR)


def test_what_went_years_ago_is_forgotten(database: Database) -> None:
    emptied(database)
    add(database, [Read(FIRST, 7), Read(FIRST + DAY, None)])
    days = range(FIRST + 2 * DAY, FIRST + 1_000 * DAY, DAY)
    add(database, [Read(slot, None) for slot in days])
    thinner_at(database, FIRST + 1_000 * DAY).thin(lambda: True)
    with database.read() as connection:
        assert HistoryRepository(connection).find(QUOTA) is None
        assert HistoryRepository(connection).find(DISK) is not None
    thinner_at(database, FIRST + 3_000 * DAY).thin(lambda: True)
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(HistorySeriesRow)).scalar_one() == 0
        assert connection.execute(select(func.count()).select_from(HistoryChunkRow)).scalar_one() == 0
