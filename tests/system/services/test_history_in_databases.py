"""History on both databases: recorded, thinned, read as charts and forecasts, and on PostgreSQL by two at a time."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.db.engine import Database
from app.db.migrate import ensure_schema
from app.db.repositories.history import HistoryRepository
from app.db.tables.history import HistoryChunkRow, HistorySeriesRow
from app.master.history.recorder import Recorder
from tests.fakes.fleet_database import sync
from tests.fakes.histories import DISK, RecordedHost
from tests.fakes.people import MasterWithPeople

pytestmark = pytest.mark.services

GIB = 2**30


def test_history_is_recorded_thinned_and_read(database: Database, tmp_path: Path) -> None:
    ensure_schema(database)
    master = MasterWithPeople(tmp_path, [], database=database)
    host = RecordedHost(database, master.clock)
    for hour in range(5 * 24):
        used = hour * GIB // 24
        host.read({1003: used, 1004: GIB, 1005 + hour % 2: 2**63 - 1}, used=950 * GIB + used)
        host.record()
        host.clock.forward(3600)
        if hour % 24 == 0:
            host.thin()
            host.chores["renew_outlook"].run(lambda: True)
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(HistoryChunkRow)).scalar_one() > 0
    user, admin = master.log_in("user1003"), master.log_in("charlie", is_admin=True)
    points = user.json(f"/api/history?host=h1&device={DISK}&id=1003&points=2000")["points"]
    assert [point["block_current"] for point in points] == [hour * GIB // 24 for hour in range(5 * 24)]
    assert user.json(f"/api/forecast?host=h1&device={DISK}&id=1003")["full_at"][:10] == "2026-12-01"
    assert user.get(f"/api/history?host=h1&device={DISK}&id=1004").status_code == 404
    assert len(admin.json(f"/api/history?host=h1&device={DISK}&id=1005&points=2000")["points"]) == 60
    (in_need,) = admin.json("/api/attention")["devices"]
    assert in_need["full_at"][:7] == "2027-02"
    assert len(admin.json("/api/overview")["trend"]) == 5
    sync(database, [])
    assert len(admin.json(f"/api/history?host=h1&device={DISK}&id=1003&points=2000")["points"]) == 5 * 24
    host.clock.now += timedelta(days=3_000)
    host.thin()
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(HistorySeriesRow)).scalar_one() == 0


def test_a_second_recorder_with_an_older_look_changes_nothing(database: Database, tmp_path: Path) -> None:
    """Two processes may believe for a moment that the work is theirs: what one appended, the other does not undo."""
    ensure_schema(database)
    host = RecordedHost(database, MasterWithPeople(tmp_path, [], database=database).clock)
    host.read({1000: 1})
    host.record()
    with database.read() as connection:
        old = HistoryRepository(connection).of_host("h1")
    host.next_quarter()
    host.read({1000: 2})
    host.record()
    with database.write() as connection:
        HistoryRepository(connection).put((number, series.last_slot, series) for number, series in old.items())
    assert [used for _, used, _ in host.points(days=1)] == [1, 2]
    assert Recorder(database).record(lambda: True) == 0
