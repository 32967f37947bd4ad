"""Whoever counts readings is told of those that were made, and of those that failed."""

from app.backends.mock.backend import MockBackend
from app.backends.mock.hosts import MOCK_HOSTS
from app.db.engine import Database
from tests.fakes.backends import DownBackend
from tests.fakes.observers import RecordingObserver
from tests.fakes.slave_app import start_slave

HOST2 = MOCK_HOSTS["host2"]


def test_a_reading_is_told_once_and_what_is_served_from_memory_is_not(database: Database) -> None:
    observer = RecordingObserver()
    slave = start_slave(database, host="host2", observer=observer)
    for _ in range(3):
        slave.get("/remote-api/quotas")
    assert (sorted(observer.done), observer.failed) == (["/dev/vdb1", "tank/home"], [])
    slave.clock.advance(60)
    slave.get("/remote-api/quotas?device=tank/home")
    assert observer.done[2:] == ["tank/home"]


def test_a_failure_is_told_with_its_code(database: Database) -> None:
    observer = RecordingObserver()
    down = DownBackend(MockBackend(HOST2), "kernel")
    start_slave(database, backends=[down], observer=observer).get("/remote-api/quotas?device=/dev/vdb1")
    assert (observer.done, observer.failed) == ([], [("/dev/vdb1", "device_unavailable")])
