"""The journal in a database."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from sqlalchemy import text
from structlog.testing import capture_logs

from app.db.engine import Database
from app.db.repositories.docker_journal import JournalEntry
from app.docker_quota.proxy.journal import DatabaseJournal
from app.docker_quota.proxy.names import UserNames
from tests.fakes.dockerd import FakeDockerd
from tests.unit.docker_proxy.proxied import Proxied, with_proxy

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
ENTRY = JournalEntry(
    kind="container",
    object_id="ab" * 32,
    uid=2**32 - 2,
    user="alice",
    peer_uid=0,
    login_uid=2**32 - 2,
    pid=7,
    container_id=None,
    began_at=AT,
    at=AT,
)


def database_in(folder: Path) -> Database:
    return Database(f"sqlite:///{folder}/slave.sqlite")


def patient_journal(folder: Path) -> DatabaseJournal:
    """A slow machine may need more than a moment for the schema, which comes first."""
    return DatabaseJournal(database_in(folder), patience_seconds=30)


def rows_of(database: Database) -> list[tuple[object, ...]]:
    with database.read() as connection:
        query = "SELECT kind, object_id, uid, user, login_uid FROM docker_journal ORDER BY id"
        return [tuple(row) for row in connection.execute(text(query))]


def test_an_entry_is_there_when_it_is_recorded(tmp_path: Path) -> None:
    journal = patient_journal(tmp_path)
    journal.record([ENTRY, replace(ENTRY, kind="volume", object_id="data", uid=None, user=None)])
    assert rows_of(database_in(tmp_path)) == [
        ("container", "ab" * 32, 2**32 - 2, "alice", 2**32 - 2),
        ("volume", "data", None, None, 2**32 - 2),
    ]


def test_many_at_once_are_all_there(tmp_path: Path) -> None:
    journal = patient_journal(tmp_path)
    entries = [replace(ENTRY, object_id=f"{number:064x}") for number in range(200)]
    with ThreadPoolExecutor(max_workers=50) as pool:
        list(pool.map(lambda entry: journal.record([entry]), entries))
    assert {row[1] for row in rows_of(database_in(tmp_path))} == {entry.object_id for entry in entries}


def test_the_owner_is_that_of_the_latest_creation(tmp_path: Path) -> None:
    journal = patient_journal(tmp_path)
    assert journal.find_owner(ENTRY.object_id) is None
    journal.record([ENTRY, replace(ENTRY, uid=1001), replace(ENTRY, kind="volume", uid=5)])
    assert journal.find_owner(ENTRY.object_id) == 1001
    assert journal.find_owner("cd" * 32) is None


def test_without_a_journal_the_request_passes_and_it_is_logged(dockerd: FakeDockerd, tmp_path: Path) -> None:
    (tmp_path / "slave.sqlite").mkdir()
    proxied = with_proxy(dockerd)
    proxied.session._journal = patient_journal(tmp_path)
    with capture_logs() as logs:
        assert proxied.create(b"{}").startswith(b"HTTP/1.1 201")
    told = [each["entries"] for each in logs if each["event"] == "docker_journal_unwritable" and each["entries"]]
    assert [entry["kind"] for entries in told for entry in entries] == ["container"]


def test_a_journal_that_comes_back_is_used(dockerd: FakeDockerd, tmp_path: Path) -> None:
    (tmp_path / "slave.sqlite").mkdir()
    journal = patient_journal(tmp_path)
    journal.record([ENTRY])
    (tmp_path / "slave.sqlite").rmdir()
    journal.record([replace(ENTRY, object_id="later")])
    assert [row[1] for row in rows_of(database_in(tmp_path))] == ["later"]


def test_a_name_is_looked_up_once() -> None:
    asked: list[int] = []

    def find(uid: int) -> str | None:
        asked.append(uid)
        return None if uid == 5 else "alice"

    names = UserNames(find)
    assert [names.name_of(uid) for uid in (1, 1, 5, 5)] == ["alice", "alice", None, None]
    assert asked == [1, 5]


def test_a_directory_that_hangs_costs_the_name(proxied: Proxied) -> None:
    go_on = Event()
    names = UserNames(lambda _: "alice" if go_on.wait(20) else None, patience_seconds=0.05)
    proxied.session._name_of = names.name_of
    assert proxied.create(b"{}").startswith(b"HTTP/1.1 201")
    go_on.set()
    [entry] = proxied.journal.entries
    assert proxied.dockerd.creations[0].json["Labels"] == {"qman.user": str(entry.uid)}
    assert entry.user is None
