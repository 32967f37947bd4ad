"""What a master stores of devices that failed: their last good rows, with the age of these."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.db.engine import Database
from app.db.repositories.hosts import HostRepository
from app.db.repositories.rows import FleetRowRepository, RowFilter
from app.db.repositories.schedule import ScheduleRepository
from app.master.collector.snapshot_writer import Snapshot, snapshot_of
from app.master.collector.storing import Answer, Outcome, Storing
from app.master.fleet import Fleet
from app.web.quota_rows import DeviceOut
from tests.fakes.fleet_database import NOON, PACE, new_database, sync

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
HEAD: dict[str, Any] = {
    "name": "/dev/sda1",
    "kind": "block",
    "fstype": "ext4",
    "mount_points": ["/home"],
    "opts": [],
    "capabilities": {
        "quota_types": ["user"],
        "soft_limits": True,
        "inode_limits": True,
        "grace_periods": True,
        "enforced_by_kernel": True,
    },
}
PROBLEM = {"code": "device_timeout", "detail": "It did not answer.", "since": NOON.isoformat()}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = new_database(tmp_path)
    sync(database, [("h1", "h1", "http://127.0.0.1:1")])
    yield database
    database.dispose()


def ok(measured_at: datetime, used: int) -> dict[str, Any]:
    usage = {"free": 1, "used": 1, "total": 2, "percent": 50.0}
    return {**HEAD, "status": "ok", "measured_at": measured_at, "usage": usage, "user_quotas": [row(used)]}


def stuck(measured_at: datetime, used: int) -> dict[str, Any]:
    return {**ok(measured_at, used), "status": "failed", "problem": PROBLEM}


def failed(measured_at: datetime) -> dict[str, Any]:
    return {**HEAD, "status": "failed", "measured_at": measured_at, "problem": {**PROBLEM, "code": "x"}}


def row(used: int) -> dict[str, Any]:
    limits = {f"{kind}_{which}_limit": 0 for kind in ("block", "inode") for which in ("soft", "hard", "time")}
    return {"uid": 1000, "name": "alice", "status": "ok", "block_current": used, "inode_current": 1, **limits}


def read(database: Database, at: datetime, device: dict[str, Any]) -> None:
    store(database, at, snapshot_of([DeviceOut.model_validate(device, strict=False)]))


def store(database: Database, at: datetime, snapshot: Snapshot | None) -> None:
    with database.write() as connection:
        [claim] = ScheduleRepository(connection).claim(["h1"], "t", at)
    Storing(database, Fleet({}), lambda: at, PACE).store([Outcome(claim, at, Answer(snapshot, "e", "1"))])


def shown(database: Database) -> tuple[str, datetime, int]:
    """Status of the device, the instant of its figures, and what alice uses there."""
    with database.read() as connection:
        [found] = FleetRowRepository(connection, same_name=False).page(RowFilter(), [], limit=10)
    return found.device_status, found.device_measured_at, found.block_current


def test_rows_of_a_stuck_device_are_stored_with_their_own_age(database: Database) -> None:
    read(database, NOON + HOUR, stuck(NOON, 7))
    assert shown(database) == ("failed", NOON, 7)


def test_they_replace_older_ones(database: Database) -> None:
    read(database, NOON, ok(NOON, 7))
    read(database, NOON + HOUR, stuck(NOON + MINUTE, 8))
    assert shown(database) == ("failed", NOON + MINUTE, 8)


def test_they_never_take_back_a_change(database: Database) -> None:
    read(database, NOON, ok(NOON, 7))
    with database.write() as connection:
        HostRepository(connection).record_change("h1", NOON + MINUTE)
    read(database, NOON + HOUR, stuck(NOON, 9))
    assert shown(database) == ("failed", NOON, 7)


def test_a_device_that_failed_otherwise_keeps_rows_and_the_instant_at_which_they_were_right(database: Database) -> None:
    read(database, NOON, ok(NOON, 7))
    store(database, NOON + MINUTE, None)
    for minutes in (2, 3):
        read(database, NOON + minutes * MINUTE, failed(NOON + minutes * MINUTE))
        assert shown(database) == ("failed", NOON + MINUTE, 7)
    read(database, NOON + HOUR, ok(NOON + HOUR, 1))
    assert shown(database) == ("ok", NOON + HOUR, 1)
