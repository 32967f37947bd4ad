"""Readings are counted when they are made, and failures when somebody asks."""

from app.backends.mock.backend import MockBackend
from app.backends.mock.hosts import MOCK_HOSTS
from app.db.engine import Database
from app.slave.metrics.tallies import Tallies
from tests.fakes.backends import DownBackend
from tests.fakes.slave_app import start_slave

HOST2 = MOCK_HOSTS["host2"]


def readings(tallies: Tallies) -> dict[str, int]:
    return {device: sum(seen.counts) for device, seen in tallies.totals().durations.items()}


def test_a_reading_counts_once_and_what_is_served_from_memory_does_not(database: Database) -> None:
    tallies = Tallies()
    slave = start_slave(database, host="host2", tallies=tallies)
    for _ in range(3):
        slave.get("/remote-api/quotas")
    assert readings(tallies) == {"/dev/vdb1": 1, "tank/home": 1}
    slave.clock.advance(60)
    slave.get("/remote-api/quotas?device=tank/home")
    assert readings(tallies) == {"/dev/vdb1": 1, "tank/home": 2}
    assert tallies.totals().failures == {}


def test_a_failure_counts_by_its_code(database: Database) -> None:
    tallies = Tallies()
    slave = start_slave(database, backends=[DownBackend(MockBackend(HOST2), "kernel")], tallies=tallies)
    for _ in range(2):
        slave.get("/remote-api/quotas?device=/dev/vdb1")
    assert (readings(tallies), tallies.totals().failures) == ({}, {"/dev/vdb1": {"device_unavailable": 2}})
