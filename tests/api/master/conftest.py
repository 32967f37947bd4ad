"""A fleet of two hosts, a master that has read it once, and people."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.db.engine import Database
from tests.fakes.fleet_database import new_database
from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.postgres import PostgresServer
from tests.fakes.slaves import FleetOfSlaves


@pytest.fixture
def slaves() -> Iterator[FleetOfSlaves]:
    with FleetOfSlaves(hosts=2, users=30) as fleet:
        yield fleet


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer | None]:
    """A server where the tests of this folder are asked to run on PostgreSQL, see part_services of scripts/test.sh."""
    if os.environ.get("QMAN_TEST_DATABASE") != "postgresql":
        yield None
        return
    with PostgresServer() as server:
        yield server


@pytest.fixture
def database(tmp_path: Path, postgres: PostgresServer | None) -> Database:
    """A new one with all tables."""
    return new_database(tmp_path, postgres.new_schema_url() if postgres else None)


@pytest.fixture
def master(tmp_path: Path, slaves: FleetOfSlaves, database: Database) -> Iterator[MasterWithPeople]:
    master = MasterWithPeople(tmp_path, slaves.entries(), database=database)
    master.collect()
    yield master
    master.close()


@pytest.fixture
def admin(master: MasterWithPeople) -> LoggedIn:
    return master.log_in("charlie", is_admin=True)


@pytest.fixture
def user(master: MasterWithPeople) -> LoggedIn:
    """Somebody whose login name is an account of the fleet."""
    return master.log_in("user1003")
