"""People who log in for the first time at the same moment, on SQLite and on PostgreSQL."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.auth.people import Identity, sign_in
from app.db.engine import Database
from app.db.migrate import ensure_schema
from app.db.repositories.people import Person, PersonRepository
from tests.fakes.fleet_database import NOON
from tests.fakes.postgres import PostgresServer

pytestmark = pytest.mark.services

AT_ONCE = 8


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, postgres: PostgresServer) -> Iterator[Database]:
    url = postgres.new_url() if request.param == "postgresql" else f"sqlite:///{tmp_path}/qman.sqlite"
    database = Database(url)
    ensure_schema(database)
    yield database
    database.dispose()


def all_at_once(database: Database, identities: list[Identity]) -> list[Person]:
    together = threading.Barrier(len(identities))

    def log_in(identity: Identity) -> Person:
        together.wait()
        with database.write() as connection:
            return sign_in(PersonRepository(connection), identity, NOON)

    with ThreadPoolExecutor(len(identities)) as pool:
        return list(pool.map(log_in, identities))


def test_one_person_in_many_windows_is_one_person(database: Database) -> None:
    alice = Identity("https://provider", "s-1", "alice", None, is_admin=False)
    people = all_at_once(database, [alice] * AT_ONCE)
    assert len({person.id for person in people}) == 1
    assert {person.matched_name for person in people} == {"alice"}


def test_of_namesakes_exactly_one_has_the_login_name(database: Database) -> None:
    namesakes = [Identity("https://provider", f"s-{n}", "alice", None, is_admin=False) for n in range(AT_ONCE)]
    people = all_at_once(database, namesakes)
    assert len({person.id for person in people}) == AT_ONCE
    assert sorted(person.matched_name or "" for person in people) == [""] * (AT_ONCE - 1) + ["alice"]
