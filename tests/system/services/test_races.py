"""What is checked and then changed, by two at the same moment, on SQLite and on PostgreSQL."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Connection

from app.auth.guard import Sessions
from app.auth.signatures.nonces import DatabaseNonces
from app.db.engine import Database
from app.db.migrate import ensure_schema
from app.db.repositories.hosts import HostRepository
from app.db.repositories.mappings import MappingRecord, MappingRepository
from app.db.repositories.nonces import NonceRepository
from app.db.repositories.people import PersonRepository
from app.db.repositories.snapshots import SnapshotRepository
from app.master.changes.device import DeviceSettings
from app.master.changes.slave_calls import SlaveCalls
from app.master.changes.stored import put_rows
from app.master.changes.trail import Place, Trail
from app.quota.values import QuotaType
from app.web.quota_rows import UserRowOut
from tests.fakes.fleet import device
from tests.fakes.fleet_database import NOON
from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.slaves import FleetOfSlaves
from tests.system.services.meanwhile import meanwhile
from tests.system.stack.programs import wait_until

pytestmark = pytest.mark.services

SDA = Place("h1", "/dev/sda1", QuotaType.USER)
AT_ONCE = 6


@pytest.fixture
def slaves() -> Iterator[FleetOfSlaves]:
    with FleetOfSlaves(hosts=1, users=5) as fleet:
        yield fleet


@pytest.fixture
def master(database: Database, slaves: FleetOfSlaves, tmp_path: Path) -> Iterator[MasterWithPeople]:
    ensure_schema(database)
    master = MasterWithPeople(tmp_path, slaves.entries(), database=database)
    master.collect()
    yield master
    master.close()


@pytest.fixture
def admin(master: MasterWithPeople) -> LoggedIn:
    return master.log_in("charlie", is_admin=True)


def mapping_of(person_id: str) -> MappingRecord:
    return MappingRecord("m1", person_id, "h1", "user1003", "active", "admin", NOON, None)


def test_an_account_that_is_mapped_meanwhile_is_told_as_taken(master: MasterWithPeople, admin: LoggedIn) -> None:
    def first(connection: Connection) -> None:
        MappingRepository(connection).add(mapping_of(admin.person_id))

    body = {"person": admin.person_id, "host": "h1", "username": "user1003"}
    with meanwhile(master.database, first, lambda: admin.send("POST", "/api/admin/mappings", body)) as second:
        answer = second.result(30)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "mapping_exists")
    assert admin.json("/api/admin/mappings")["total"] == 1
    assert admin.json("/api/admin/audit?action=add_mapping")["total"] == 0


def test_a_mapping_that_is_ended_meanwhile_ends_once(master: MasterWithPeople, admin: LoggedIn) -> None:
    with master.database.write() as connection:
        MappingRepository(connection).add(mapping_of(admin.person_id))

    def first(connection: Connection) -> None:
        MappingRepository(connection).delete("m1")

    with meanwhile(master.database, first, lambda: admin.send("DELETE", "/api/admin/mappings/m1")) as second:
        assert second.result(30).get_json()["code"] == "mapping_not_found"
    assert admin.json("/api/admin/audit?action=delete_mapping")["total"] == 0


def test_servers_that_start_together_know_the_same_hosts(database: Database) -> None:
    ensure_schema(database)
    hosts = [(f"h{number}", "", f"http://host{number}") for number in range(20)]

    def first(connection: Connection) -> None:
        HostRepository(connection).sync(hosts)

    def second() -> None:
        with database.write() as connection:
            HostRepository(connection).sync(hosts[5:])

    with meanwhile(database, first, second) as done:
        done.result(30)
    with database.read() as connection:
        assert {host.id for host in HostRepository(connection).list_all()} == {host[0] for host in hosts[5:]}


def read_back(uid: int, **limits: int) -> UserRowOut:
    known = device("", 1, host_number=1)["user_quotas"][0]
    return UserRowOut.model_validate_json(json.dumps({**known, "uid": uid, **limits}))


def change(connection: Connection, row: UserRowOut) -> None:
    put_rows(SnapshotRepository(connection), HostRepository(connection), SDA, [row], NOON + timedelta(seconds=1))


def stored_limit(database: Database, uid: int) -> int:
    with database.read() as connection:
        quota = SnapshotRepository(connection).find_quota("h1", (SDA.device, "user", uid))
    assert quota is not None
    return quota.block_hard_limit


def test_a_reading_from_before_a_change_is_not_stored_over_it(master: MasterWithPeople, slaves: FleetOfSlaves) -> None:
    slaves._devices["h1"][0]["user_quotas"][3]["block_current"] += 4096
    slaves._bodies.clear()
    slaves.hang("h1")
    new = read_back(1003, block_hard_limit=77)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(master.collect)
        wait_until(lambda: slaves.count("h1") == 2, 30, "the host is being read")
        master.clock.forward(2)

        def answers() -> None:
            slaves.mend("h1")
            reading.result(30)

        with meanwhile(master.database, lambda connection: change(connection, new), answers) as stored:
            stored.result(30)
    assert stored_limit(master.database, 1003) == 77


def test_two_changes_of_an_id_that_had_no_row_both_go_through(master: MasterWithPeople) -> None:
    def second() -> None:
        with master.database.write() as connection:
            change(connection, read_back(4711, block_hard_limit=2))

    row = read_back(4711, block_hard_limit=1)
    with meanwhile(master.database, lambda connection: change(connection, row), second) as done:
        done.result(30)
    assert stored_limit(master.database, 4711) == 2


def test_two_settings_of_one_device_both_stand(master: MasterWithPeople) -> None:
    parts = master.master
    trail = Trail(master.database, master.clock, require_reason=False)
    settings = DeviceSettings(master.database, parts.fleet, SlaveCalls(parts.client), trail, master.clock)

    def first(connection: Connection) -> None:
        HostRepository(connection).lock("h1")
        SnapshotRepository(connection).put_head_member("h1", SDA.device, "user_default_limits", {"block_hard_limit": 7})

    def second() -> None:
        settings._finish("no entry", SDA, "user_quota_info", {"block_grace": 7})

    with meanwhile(master.database, first, second) as done:
        done.result(30)
    with master.database.read() as connection:
        head = SnapshotRepository(connection).devices("h1")["h1"][0].head
    assert (head["user_default_limits"], head["user_quota_info"]) == ({"block_hard_limit": 7}, {"block_grace": 7})


def test_a_host_is_suspended_once(master: MasterWithPeople, admin: LoggedIn) -> None:
    together = Barrier(AT_ONCE)
    windows = [master.log_in(f"admin{number}", is_admin=True) for number in range(AT_ONCE)]

    def suspend(window: LoggedIn) -> int:
        together.wait(30)
        return window.send("POST", "/api/hosts/h1/suspend").status_code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert set(pool.map(suspend, windows)) == {200}
    assert admin.json("/api/admin/audit?action=suspend_host")["total"] == 1


def test_a_nonce_is_taken_by_the_first(database: Database) -> None:
    ensure_schema(database)
    nonces, later = DatabaseNonces(database), NOON + timedelta(minutes=5)

    def first(connection: Connection) -> None:
        assert NonceRepository(connection).insert("key", "n1", later)

    with meanwhile(database, first, lambda: nonces.claim("key", "n1", now=NOON, expires_at=later)) as second:
        assert second.result(30) is False
    assert nonces.claim("key", "n2", now=NOON, expires_at=later)
    assert not nonces.claim("key", "n2", now=NOON, expires_at=later)
    assert nonces.claim("key", "n2", now=later, expires_at=later + timedelta(minutes=5)), "it was cleared away"


def test_clearing_away_does_not_wait_for_another_who_clears_away(master: MasterWithPeople, database: Database) -> None:
    if database.is_sqlite:
        return  # there is one writer at a time
    person_id = master.log_in("charlie").person_id
    sessions = Sessions(database, lambda: NOON + timedelta(days=2), timedelta(hours=12))
    with database.write() as connection:
        person = PersonRepository(connection).find(person_id)
        assert person is not None
        connection.exec_driver_sql("DELETE FROM session")
        assert sessions.begin(person), "the old sessions are being deleted by somebody else already"
