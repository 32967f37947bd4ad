"""H1 to H4: space for 90 days of 10,000 quotas, a year's chart, the error of forecasts, the cost of recording."""

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from statistics import median

from sqlalchemy import insert
from sqlalchemy.schema import Column, MetaData, Table
from sqlalchemy.types import BigInteger, Integer

from app.db.engine import Database
from app.db.repositories.history import Chunk, HistoryRepository, Series, SeriesKey
from app.db.repositories.schedule import ScheduleRepository, Success
from app.db.repositories.snapshots import SnapshotRepository
from app.master.history.codec import Figures, Record, pack
from app.master.history.forecast import forecast
from app.master.history.recorder import Recorder
from app.master.history.series import extended, new_series
from app.master.history.slots import DAY, DAYS, QUARTER_YEAR, instant_of, slot_of
from app.master.history.thinning import Thinner
from tests.bench.figures import Figure, figure, percentile
from tests.fakes.fleet_database import NOON, HandClock, new_database, sync
from tests.fakes.histories import device, quota
from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.synthetic_usage import GIB, Usage, cleanup, daily, noise, outliers, steps, waves, weekly

HOSTS, USERS, DISKS = 100, 50, ("/dev/sda1", "/dev/sdb1")
OWN = 4
"""So many hosts have a past of their own; the others have the same rows under other names."""

QUOTAS = HOSTS * USERS * len(DISKS)
KEPT_DAYS, PORTION_DAYS = 90, 15
NOW = slot_of(NOON)
FIRST = NOW - KEPT_DAYS * DAY
CHARTS, WARM_CHARTS = 200, 20
MIB = 2**20

Pattern = Callable[[int, random.Random], Sequence[int]]
"""The slots of a day (its first slot is given) in which a quota changes."""


def busy(day: int, chance: random.Random) -> Sequence[int]:
    """Every quarter hour of nine hours."""
    return range(day + 36, day + 72)


def now_and_then(day: int, chance: random.Random) -> Sequence[int]:
    """Five times a day."""
    return sorted(chance.sample(range(day, day + DAY), 5))


def at_rest(day: int, chance: random.Random) -> Sequence[int]:
    """Once in two weeks."""
    return [day + chance.randrange(DAY)] if chance.random() < 1 / 14 else []


def always(day: int, chance: random.Random) -> Sequence[int]:
    """In each quarter hour there is."""
    return range(day, day + DAY)


USUAL = (*((busy,) * 15), *((now_and_then,) * 35), *((at_rest,) * 50))
"""Of a hundred quotas."""


class Past:
    """Fills a database as the recorder would have, and thins it with the product's own thinner."""

    def __init__(self, database: Database, hosts: int, patterns: Sequence[Pattern]) -> None:
        self.database, self.hosts, self.patterns = database, hosts, patterns
        self._chance = random.Random(1)  # noqa: S311 - usage, no secret

    def fill(self) -> None:
        """Ninety days, in portions, thinned after each."""
        for first in range(FIRST, NOW, PORTION_DAYS * DAY):
            for number in range(self.hosts):
                self._host(f"h{number}", first, min(first + PORTION_DAYS * DAY, NOW + 1))
            end = instant_of(min(first + PORTION_DAYS * DAY, NOW))
            Thinner(self.database, lambda end=end: end).thin(lambda: True)  # type: ignore[misc] # mypy takes no default

    def _host(self, host_id: str, first: int, end: int) -> None:
        with self.database.write() as connection:
            history = HistoryRepository(connection)
            known = {series.key: (number, series) for number, series in history.of_host(host_id).items()}
            new, changed = [], []
            for disk, user in product(DISKS, range(-1, USERS)):
                key = SeriesKey(host_id, disk, "user", 1000 + user)
                key = key.of_device() if user < 0 else key
                number, series = known.get(key, (0, None))
                pattern = always if user < 0 else self.patterns[user * len(self.patterns) // USERS]
                records = self._records(pattern, series, first, end)
                if series is None:
                    new.append(new_series(key, *records))
                else:
                    changed.append((number, series.last_slot, extended(series, *records)))
            history.add(new)
            history.put(changed)

    def _records(self, pattern: Pattern, series: Series | None, first: int, end: int) -> Iterator[Record]:
        used, files = (series.block_current, series.inode_current) if series else (2**34, 50_000)
        if series is None:
            yield Record(first, Figures(used, 10 * 2**20, files))
        for day in range(first, end, DAY):
            for slot in pattern(day, self._chance):
                if first < slot < end:
                    used = max(0, used + self._chance.randrange(-8_000, 10_000) * 4096)
                    files = max(0, files + self._chance.randrange(-90, 100))
                    yield Record(slot, Figures(used, 10 * 2**20, files))


def copy_hosts(database: Database, wanted: int, there: int) -> None:
    """Hosts with the same past as those that are there, until there are so many."""
    for number in range(there, wanted):
        with database.write() as connection:
            history = HistoryRepository(connection)
            old, name = history.of_host(f"h{number % there}"), f"h{number}"
            history.add([replace(series, host_id=name) for series in old.values()])
            new = {series.key: its for its, series in history.of_host(name).items()}
            names = {its: new[replace(series.key, host_id=name)] for its, series in old.items()}
            chunks = [replace(each, series_id=names[each.series_id]) for each in history.chunks(old)]
            history.replace_chunks([], chunks)


def size_of(database: Database, folder: Path) -> int:
    """Bytes on disk, with everything in the file itself."""
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return sum(file.stat().st_size for file in folder.iterdir())


def row_a_point_bytes(folder: Path, quotas: int) -> float:
    """The same points of so many quotas as a row each, in bytes for one quota: 2 days of quarter hours, 88 of hours."""
    folder.mkdir()
    database = Database(f"sqlite:///{folder}/rows.sqlite")
    metadata = MetaData()
    keys = [Column(name, Integer, primary_key=True) for name in ("series_id", "slot")]
    columns = [Column(name, BigInteger) for name in ("block_current", "block_hard_limit", "inode_current")]
    table = Table("point", metadata, *keys, *columns)
    metadata.create_all(database.engine)
    slots = [*range(FIRST, NOW - 2 * DAY, 4), *range(NOW - 2 * DAY, NOW)]
    figures = {"block_current": 2**34, "block_hard_limit": 10 * 2**20, "inode_current": 50_000}
    rows = [{"series_id": series, "slot": slot, **figures} for series in range(quotas) for slot in slots]
    with database.write() as connection:
        connection.execute(insert(table), rows)
    return size_of(database, folder) / quotas


def on_disk(folder: Path) -> tuple[Database, list[Figure]]:
    """H1, and the database of 10,000 quotas that it measured."""
    plain = row_a_point_bytes(folder / "rows", 50) * 1000 / MIB
    figures = []
    for name, own, hosts, patterns in (("worst", 1, 1, (always,)), ("usual", OWN, HOSTS, USUAL)):
        (folder / name).mkdir()
        database = new_database(folder / name)
        empty = size_of(database, folder / name)
        Past(database, own, patterns).fill()
        copy_hosts(database, hosts, own)
        quotas = hosts * USERS * len(DISKS)
        mib = (size_of(database, folder / name) - empty) / MIB / quotas * 1000
        what = "all change each quarter hour" if name == "worst" else "15 % busy, 35 % now and then, 50 % at rest"
        text = f"history: 1,000 quotas, {KEPT_DAYS} days ({quotas:,} filled; {what}); beside: a row for each point"
        bound = 40.0 if name == "worst" else 5.0
        figures.append(figure("H1", text, mib, "MiB", at_most=bound, beside=plain))
    return database, figures[::-1]


def add_a_year(database: Database, quotas: Sequence[SeriesKey]) -> None:
    """Days of the nine months before, for these quotas and their devices."""
    days = range((FIRST - 275 * DAY) // DAY * DAY, FIRST // QUARTER_YEAR * QUARTER_YEAR, DAY)
    chunks: dict[int, list[Record]] = defaultdict(list)
    for slot in days:
        chunks[slot // QUARTER_YEAR * QUARTER_YEAR].append(Record(slot + 60, Figures(slot * 8192, 1, slot % 7)))
    with database.write() as connection:
        history = HistoryRepository(connection)
        for key in {*quotas, *(key.of_device() for key in quotas)}:
            number, _ = history.find(key) or (0, None)
            its = [Chunk(number, DAYS.number, start, pack(records)) for start, records in chunks.items()]
            history.replace_chunks([], its)


def charts(database: Database, folder: Path) -> list[Figure]:
    """H2."""
    chance = random.Random(2)  # noqa: S311 - a choice, no secret
    places = [(f"h{chance.randrange(HOSTS)}", chance.choice(DISKS), chance.randrange(USERS)) for _ in range(CHARTS)]
    keys = [SeriesKey(host, disk, "user", 1000 + user) for host, disk, user in places]
    add_a_year(database, keys)
    master = MasterWithPeople(folder, [], database=database)
    admin = master.log_in("charlie", is_admin=True)
    year = [_chart_ms(admin, key, 365) for key in (*keys[:WARM_CHARTS], *keys)][WARM_CHARTS:]
    week = [_chart_ms(admin, key, 7) for key in keys]
    master.close()
    text = f"history: a year's chart of a quota, 300 points, among {QUOTAS:,}, p95; beside: a week's"
    return [figure("H2", text, percentile(year, 0.95), "ms", at_most=50, beside=percentile(week, 0.95))]


def _chart_ms(admin: LoggedIn, key: SeriesKey, days: int) -> float:
    since = (NOON - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    path = f"/api/history?host={key.host_id}&device={key.device}&id={key.quota_id}&since={since}"
    started = time.perf_counter()
    points = admin.json(path)["points"]
    took = (time.perf_counter() - started) * 1000
    assert len(points) >= 150, f"{path}: {len(points)} points"
    return took


SHAPES = {
    "linear": (),
    "noise": (noise(5),),
    "by day": (daily(30),),
    "by week": (weekly(60),),
    "waves": (waves(20), waves(30, 168)),
    "steps": (steps(20, 4),),
    "outliers": (outliers(300, 0.1), noise(2)),
    "all": (noise(3), daily(10), weekly(20), outliers(200, 0.05)),
    "clean-up": (noise(3), cleanup(200, 16)),
}


def forecasts() -> list[Figure]:
    """H3: series of known truth, from two weeks to 90 days, full in a month."""
    errors, naive, covered = [], [], []
    for shapes, days, seed in product(SHAPES.values(), (20, 45, 90), range(5)):
        usage = Usage(days, 400, 5, shapes, missing=0.05, seed=seed)
        limit = round((usage.trend(30) - (200 if shapes is SHAPES["clean-up"] else 0)) * GIB)
        samples = usage.samples()
        found = forecast(samples, limit, NOON)
        first, last = samples[0], samples[-1]
        slope = (last.used - first.used) / (last.at - first.at)
        guess = (limit - last.used) / slope / 86_400 if slope > 0 else 3650.0
        naive.append(abs(guess - 30))
        at = found.full_at
        errors.append(365.0 if at is None else abs((at - NOON).total_seconds() / 86_400 - 30))
        truth = NOON + timedelta(days=30)
        covered.append(at is not None and (found.earliest or at) <= truth <= (found.latest or truth))
    text = f"forecast of 30 days, {len(errors)} synthetic series, error; beside: a line from first to last"
    missed = 100 * (1 - sum(covered) / len(covered))
    return [
        figure("H3", f"{text}, median", median(errors), "days", at_most=1, beside=median(naive)),
        figure("H3", f"{text}, p95", percentile(errors, 0.95), "days", at_most=4.5, beside=percentile(naive, 0.95)),
        figure("H3", "forecast: intervals that do not have the truth", missed, "%", at_most=5),
    ]


def recording(folder: Path) -> list[Figure]:
    """H4: what a quarter hour costs, a tenth of the quotas changed."""
    folder.mkdir()
    database, clock = new_database(folder), HandClock()
    sync(database, [(f"h{number}", "", f"http://h{number}") for number in range(HOSTS)])
    for turn in range(4):
        for number in range(HOSTS):
            quotas = [
                quota(1000 + user, 2**30 + turn * 4096 * (user % 10 == 0))._replace(device=disk)
                for disk, user in product(DISKS, range(USERS))
            ]
            with database.write() as connection:
                disks = [device(clock, 2**39 + turn, name=disk) for disk in DISKS]
                SnapshotRepository(connection).store(f"h{number}", disks, quotas)
                success = Success(f"h{number}", clock.now, clock.now, None, None)
                ScheduleRepository(connection).record_successes([success])
        started, cpu = time.perf_counter(), time.process_time()
        assert Recorder(database).record(lambda: True) == HOSTS
        took, used = time.perf_counter() - started, time.process_time() - cpu
        clock.forward(900)
    database.dispose()
    text = f"history: a quarter hour of {QUOTAS:,} quotas recorded, a tenth changed"
    return [
        figure("H4", text, took, "s", at_most=5),
        figure("H4", f"{text}: CPU of all the time", 100 * used / 900, "%", at_most=0.5),
    ]


def measure(folder: Path, wanted: Callable[[str], bool]) -> list[Figure]:
    """H1 to H4."""
    folder.mkdir()
    figures: list[Figure] = []
    if wanted("H1") or wanted("H2"):
        database, figures = on_disk(folder)
        figures += charts(database, folder) if wanted("H2") else []
        database.dispose()
    figures += forecasts() if wanted("H3") else []
    figures += recording(folder / "recording") if wanted("H4") else []
    return [each for each in figures if wanted(each.id)]
