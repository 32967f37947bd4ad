"""PostgreSQL goes away, is busy, or hangs up: told as it is, nothing half done, and all goes on by itself."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Connection, text

from app.db.engine import Database
from app.db.errors import DatabaseUnavailableError
from app.db.migrate import ensure_schema
from app.db.repositories.hosts import HostRepository
from tests.fakes.people import MasterWithPeople
from tests.fakes.postgres import PostgresServer
from tests.fakes.slaves import FleetOfSlaves

pytestmark = pytest.mark.services

IMPATIENT = "-clock_timeout=1000ms%20-cstatement_timeout=3000ms%20-cdeadlock_timeout=50ms"


@pytest.fixture
def schema(postgres: PostgresServer) -> str:
    return postgres.new_schema_url()


@pytest.fixture
def impatient(schema: str) -> Iterator[Database]:
    patient = Database(schema)
    ensure_schema(patient)
    with patient.write() as connection:
        HostRepository(connection).sync([("h1", "", "http://h1"), ("h2", "", "http://h2")])
    patient.dispose()
    database = Database(f"{schema}%20{IMPATIENT}")
    yield database
    database.dispose()


def touch(connection: Connection, host_id: str) -> None:
    connection.execute(text("UPDATE host SET revision = revision + 1 WHERE id = :id"), {"id": host_id})


def revisions(database: Database) -> dict[str, int]:
    with database.read() as connection:
        return {host.id: host.revision for host in HostRepository(connection).list_all()}


def test_who_waits_for_a_lock_is_told_in_time(impatient: Database) -> None:
    def second() -> None:
        with impatient.write() as connection:
            touch(connection, "h2")
            touch(connection, "h1")

    with impatient.write() as first:
        touch(first, "h1")
        with pytest.raises(DatabaseUnavailableError, match="busy") as told:
            second()
    assert told.value.retry_after_seconds == 1
    assert revisions(impatient) == {"h1": 1, "h2": 0}


def test_of_two_that_wait_for_each_other_one_goes_on(impatient: Database) -> None:
    together = Barrier(2)

    def both(first: str, second: str) -> bool:
        try:
            with impatient.write() as connection:
                touch(connection, first)
                together.wait(30)
                touch(connection, second)
        except DatabaseUnavailableError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(both, ("h1", "h2"), ("h2", "h1")))
    assert sorted(done) == [False, True]
    assert revisions(impatient) == {"h1": 1, "h2": 1}


def test_a_statement_that_takes_too_long_ends(impatient: Database) -> None:
    with pytest.raises(DatabaseUnavailableError), impatient.read() as connection:
        connection.execute(text("SELECT pg_sleep(60)"))


def test_a_connection_that_is_cut_in_the_middle_leaves_nothing(impatient: Database) -> None:
    def cut() -> None:
        with impatient.write() as connection:
            touch(connection, "h1")
            pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with impatient.write() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            touch(connection, "h2")

    with pytest.raises(DatabaseUnavailableError):
        cut()
    assert revisions(impatient) == {"h1": 0, "h2": 0}


def test_a_server_that_only_reads_takes_no_change(impatient: Database) -> None:
    with pytest.raises(DatabaseUnavailableError), impatient.read() as connection:
        touch(connection, "h1")
    assert revisions(impatient) == {"h1": 0, "h2": 0}


def test_more_at_once_than_there_are_connections_are_told_to_come_again(impatient: Database) -> None:
    pool = impatient.engine.pool
    pool._timeout = 0.1  # type: ignore[attr-defined]  # seconds that nobody wants to wait here
    held = [impatient.engine.connect() for _ in range(16)]
    try:
        with pytest.raises(DatabaseUnavailableError, match="too much to do"):
            impatient.check()
    finally:
        for connection in held:
            connection.close()
    impatient.check()


def test_one_reading_sees_one_state(impatient: Database) -> None:
    with impatient.read() as connection:
        before = [host.revision for host in HostRepository(connection).list_all()]
        with impatient.write() as other:
            touch(other, "h1")
        assert [host.revision for host in HostRepository(connection).list_all()] == before
    assert revisions(impatient)["h1"] == 1


def test_a_server_that_is_away_is_told_and_comes_back_unnoticed(tmp_path: Path) -> None:
    with PostgresServer() as server, FleetOfSlaves(hosts=1, users=3) as slaves:
        database = Database(server.new_url())
        ensure_schema(database)
        master = MasterWithPeople(tmp_path, slaves.entries(), database=database)
        master.collect()
        admin = master.log_in("charlie", is_admin=True)
        server.stop()
        server.start()
        assert admin.json("/api/rows")["total"] == 6, "idle connections were lost, and nobody saw it"
        server.stop()
        for path in ("/readyz", "/api/rows"):
            answer = admin.get(path)
            assert (answer.status_code, answer.get_json()["code"]) == (503, "database_unavailable")
            assert int(answer.headers["Retry-After"]) > 0
        assert admin.get("/api/health").status_code == 200
        body = {"block_hard_limit": 77, "reason": "while it is away"}
        path = "/api/quotas/h1/users/1002?device=/dev/sda1"
        assert admin.send("PUT", path, body).status_code == 503
        assert slaves.calls["h1", "PUT", "/quotas/users/1002"] == 0, "nothing was sent"
        server.start()
        assert admin.send("PUT", path, body).status_code == 200
        assert admin.json("/api/admin/audit")["total"] == 1
        master.collect()
        master.close()
