"""The same on SQLite and on PostgreSQL: schema up and down, readings, lists, changes, leases."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from app.db.base import Base
from app.db.engine import Database
from app.db.migrate import VERSIONS, ensure_schema, newest_revision
from app.db.repositories.leases import LeaseRepository
from app.db.repositories.rows import RowFilter
from app.db.tables import all_tables
from app.master.exports.rows import RowExport
from app.master.freshness import Freshness
from app.master.pages.rows import RowPages
from tests.fakes.fleet_database import NOON
from tests.fakes.people import MasterWithPeople
from tests.fakes.scripts import script_of
from tests.fakes.slaves import FleetOfSlaves

assert all_tables

pytestmark = pytest.mark.services


def migrate(database: Database, change: Callable[[Config], None]) -> None:
    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent))
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        change(config)
        connection.commit()


def test_the_schema_goes_up_and_down_and_is_what_the_tables_say(database: Database) -> None:
    migrate(database, lambda config: command.upgrade(config, "head"))
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    migrate(database, lambda config: command.downgrade(config, "base"))
    with database.engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]


def test_servers_that_start_together_migrate_once(database: Database, url: str) -> None:
    others = [Database(url) for _ in range(4)]
    failures: list[BaseException] = []

    def start(other: Database) -> None:
        try:
            ensure_schema(other)
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=start, args=(other,)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for other in others:
        other.dispose()
    assert failures == []
    with database.engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == newest_revision()


def test_a_fleet_is_read_listed_and_changed(database: Database, tmp_path: Path) -> None:
    ensure_schema(database)
    with FleetOfSlaves(hosts=2, users=30) as slaves:
        master = MasterWithPeople(tmp_path, slaves.entries(), database=database)
        master.collect()
        admin, user = master.log_in("charlie", is_admin=True), master.log_in("user1003")
        rows = admin.json("/api/rows?page_size=500&sort=-percent")
        percents = [row["percent"] for row in rows["items"]]
        assert (rows["total"], percents) == (120, sorted(percents, reverse=True))
        assert admin.json("/api/rows?q=USER1003")["total"] == 4
        assert user.json("/api/me/quotas")["total"] == 4
        assert admin.json(f"/api/rows?person={user.person_id}")["total"] == 4
        assert sum(admin.json("/api/overview")["rows"].values()) == 120
        pages = RowPages(database, Freshness(timedelta(seconds=60)), master.clock, same_name=True)
        exported = [row for page in RowExport(pages, at_once=7).pages(RowFilter(quota_type="user")) for row in page]
        assert len(exported) == len({(row.host, row.device, row.id) for row in exported}) == 120
        assert [row["name"] for row in admin.json(f"/api/people/{user.person_id}")["rows"]] == ["user1003"] * 4
        assert len(admin.json("/api/attention")["rows"]) > 0
        body = {"block_hard_limit": 50_000_000, "inode_hard_limit": 2**63, "reason": "it is large"}
        changed = admin.send("PUT", "/api/quotas/h1/users/1003?device=/dev/sda1", body)
        assert changed.status_code == 200
        (entry,) = admin.json("/api/admin/audit?q=large&since=2026-01-01T00:00:00Z")["items"]
        assert (entry["outcome"], entry["after"]["block_hard_limit"]) == ("applied", 50_000_000)
        mapping = {"person": user.person_id, "host": "h2", "username": "user1007"}
        assert admin.send("POST", "/api/admin/mappings", mapping).status_code == 201
        assert user.json("/api/me/quotas")["total"] == 6
        tokens = [script_of(master, owner, "read") for owner in (admin, user)]
        assert tokens[1].get("/api/me/quotas").get_json()["total"] == 6
        newest = [item["id"] for item in admin.json("/api/admin/tokens?sort=-last_used_at")["items"]]
        assert newest == [tokens[1].token_id, tokens[0].token_id]
        master.clock.forward(1)
        master.collect()
        assert admin.json("/api/hosts/h1")["state"] == "ok"


def test_a_lease_has_one_holder_and_passes_on_when_it_expires(database: Database) -> None:
    ensure_schema(database)

    def acquire(holder: str, seconds: int) -> bool:
        with database.write() as connection:
            leases = LeaseRepository(connection)
            return leases.acquire("work", holder, NOON + timedelta(seconds=seconds), timedelta(seconds=10))

    assert acquire("a", 0)
    assert not acquire("b", 5)
    assert acquire("a", 8)
    assert not acquire("b", 17)
    assert acquire("b", 18)
    assert not acquire("a", 19)
    with database.write() as connection:
        LeaseRepository(connection).release("work", "b")
    assert acquire("a", 20)


def test_a_lease_taken_at_the_same_time_has_one_holder(database: Database, url: str) -> None:
    ensure_schema(database)
    others, taken, failures = [Database(url) for _ in range(6)], [], []
    ready = threading.Barrier(len(others))

    def take(number: int, other: Database) -> None:
        ready.wait(30)
        try:
            with other.write() as connection:
                if LeaseRepository(connection).acquire("work", str(number), NOON, timedelta(seconds=10)):
                    taken.append(number)
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=take, args=pair) for pair in enumerate(others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for other in others:
        other.dispose()
    assert len(taken) == 1
    assert failures == []
