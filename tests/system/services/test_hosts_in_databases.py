"""Hosts that are added in the dashboard, on SQLite and on PostgreSQL."""

from pathlib import Path

import pytest

from app.db.engine import Database
from app.db.inspection import sealed_keys_in
from app.db.migrate import ensure_schema
from app.db.repositories.enrolled_hosts import EnrolledHostRepository
from tests.fakes.enrolling import HostToEnrol, add_host, enrolling_master
from tests.fakes.served_master import ServedApp
from tests.fakes.served_slave import ServedSlave

pytestmark = pytest.mark.services


def test_a_host_is_enrolled_rotated_suspended_and_removed(database: Database, tmp_path: Path) -> None:
    ensure_schema(database)
    master = enrolling_master(tmp_path, database=database)
    boss = master.log_in("charlie", is_admin=True)
    folder = tmp_path / "host"
    with (
        ServedSlave(folder, API_KEYS=None, API_KEYS_FILE=str(folder / "keys.json")) as slave,
        ServedApp(master.master.app) as served,
    ):
        host = HostToEnrol(folder, served.url, master.clock, "host1")
        pair = host.enrolment.exchange(add_host(boss, "host1", slave.url))
        master.collect()
        assert list(host.enrolment.confirmations(pair)) == []
        assert boss.json("/api/rows?host=host1")["total"] > 0
        assert boss.send("POST", "/api/hosts/host1/rotate").status_code == 200
        assert master.master.fleet.get("host1").read_key != pair.read
        assert boss.send("POST", "/api/hosts/host1/suspend").get_json()["state"] == "suspended"
        assert master.master.fleet.get("host1").suspended
        assert boss.send("DELETE", "/api/hosts/host1").status_code == 204
    assert dict(master.master.fleet.entries) == {}
    master.master.client.close()


def test_sealed_keys_are_read_from_outside(database: Database, url: str) -> None:
    assert sealed_keys_in(url) == []
    ensure_schema(database)
    with database.write() as connection:
        hosts = EnrolledHostRepository(connection)
        for host_id in ("waiting", "enrolled"):
            hosts.add(host_id, "", "http://h", None)
        enrolled = hosts.find("enrolled")
        assert enrolled is not None
        assert hosts.put_keys(enrolled, "sealed", None)
    assert sealed_keys_in(url) == ["sealed"]


def test_the_revision_grows_with_each_change(database: Database) -> None:
    ensure_schema(database)
    for expected in (1, 2, 3):
        with database.write() as connection:
            EnrolledHostRepository(connection).bump()
        with database.read() as connection:
            assert EnrolledHostRepository(connection).revision() == expected
