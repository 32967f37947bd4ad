"""A backup is one state of the database, and comes back whole or not at all, to either database."""

import gzip
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from app.db.backup import LEFT_OUT, back_up, restore
from app.db.dumpfile import BackupError
from app.db.engine import Database
from app.db.migrate import ensure_schema, newest_revision
from app.db.repositories.hosts import HostRepository
from app.db.tables.audit import AuditRow
from app.db.tables.fleet import HostRow
from app.db.tables.history import HistorySeriesRow
from tests.fakes.fleet_database import NOON
from tests.fakes.postgres import PostgresServer
from tests.fakes.sample_rows import Row, contents, fill

pytestmark = pytest.mark.services


def quiet(_table: str, _done: int, _total: int) -> None: ...


def kept(database: Database) -> Mapping[str, Sequence[Row]]:
    """What a backup is to bring back, with instants as both databases have them."""
    with database.read() as connection:
        found = contents(connection)
    return {name: [without_zone(row) for row in rows] for name, rows in found.items() if name not in LEFT_OUT}


def without_zone(row: Row) -> Row:
    return {name: value.replace(tzinfo=None) if hasattr(value, "tzinfo") else value for name, value in row.items()}


@pytest.fixture
def filled(database: Database) -> Database:
    ensure_schema(database)
    with database.write() as connection:
        fill(connection)
    return database


@pytest.fixture(params=["to sqlite", "to postgresql"])
def other(request: pytest.FixtureRequest, tmp_path: Path, postgres: PostgresServer) -> Database:
    return Database(
        postgres.new_schema_url() if request.param == "to postgresql" else f"sqlite:///{tmp_path}/other.sqlite"
    )


def test_every_row_comes_back_in_either_database(filled: Database, other: Database, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    counts = back_up(filled, file, NOON, quiet)
    assert set(counts.values()) == {3}
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.glob(".backup*")] == []
    assert restore(other, file, quiet, replace=False) == counts
    assert kept(other) == kept(filled)
    with other.read() as connection:
        assert all(not contents(connection)[name] for name in LEFT_OUT)
    with other.write() as connection:  # numbers that the database gives go on
        row = {"host_id": "new", "device": "d", "quota_type": "user", "quota_id": 1, "last_slot": 1, "gone": False}
        figures = dict.fromkeys(("block_current", "block_hard_limit", "inode_current"), 0)
        connection.execute(insert(HistorySeriesRow).values(**row, **figures, recent=b""))
    with pytest.raises(IntegrityError), other.write() as connection:  # foreign keys hold again
        connection.exec_driver_sql("UPDATE device SET host_id = 'nowhere'")
    other.dispose()


def test_a_backup_while_somebody_writes_is_one_state(database: Database, other: Database, tmp_path: Path) -> None:
    ensure_schema(database)
    with database.write() as connection:
        HostRepository(connection).add("h1", "", "http://h1")
    stop, written = threading.Event(), threading.Event()

    def write() -> None:
        """Each transaction adds an entry and counts it, in tables that a backup reads one after the other."""
        number = 0
        while not stop.is_set():
            with database.write() as connection:
                connection.execute(insert(AuditRow).values(entry(number)))
                counted = update(HostRow).values(revision=HostRow.revision + 1)
                connection.execute(counted)
            number += 1
            if number == 50:
                written.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert written.wait(60)
        for number in range(3):
            back_up(database, tmp_path / str(number), NOON, quiet)
    finally:
        stop.set()
        writer.join(30)
    totals = []
    for number in range(3):
        restore(other, tmp_path / str(number), quiet, replace=number > 0)
        rows = kept(other)
        assert len(rows["audit"]) == rows["host"][0]["revision"]
        totals.append(len(rows["audit"]))
    assert 50 <= totals[0] <= totals[1] <= totals[2]
    other.dispose()


def entry(number: int) -> dict[str, Any]:
    texts = ("actor_id", "actor_name", "via", "action", "reason", "origin")
    return {"id": str(number), "at": NOON, "outcome": "applied", **dict.fromkeys(texts, "x")}


def broken_copies(whole: bytes) -> Mapping[str, bytes]:
    """Backups that must not be taken for whole."""
    lines = gzip.decompress(whole).splitlines(keepends=True)
    return {
        "cut off": whole[: len(whole) // 2],
        "no end": gzip.compress(b"".join(lines[:-1])),
        "a row less": gzip.compress(b"".join(line for line in lines if line != lines[2])),
        "another value": gzip.compress(b"".join(lines).replace(b"vfs", b"vfx").replace(b'"0', b'"1', 3)),
        "no backup": b"hello",
        "nothing": b"",
        "other JSON": gzip.compress(b"[]\n"),
    }


def test_a_broken_backup_changes_nothing(filled: Database, tmp_path: Path) -> None:
    file, before = tmp_path / "backup", kept(filled)
    back_up(filled, file, NOON, quiet)
    for what, content in broken_copies(file.read_bytes()).items():
        broken = tmp_path / "broken"
        broken.write_bytes(content)
        with pytest.raises(BackupError):
            restore(filled, broken, quiet, replace=True)
        assert kept(filled) == before, what
    restore(filled, file, quiet, replace=True)
    assert kept(filled) == before


def test_what_is_in_the_database_is_not_overwritten_unasked(filled: Database, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    back_up(filled, file, NOON, quiet)
    with pytest.raises(BackupError, match="something in the database already"):
        restore(filled, file, quiet, replace=False)
    with pytest.raises(BackupError, match="exists already"):
        back_up(filled, file, NOON, quiet)


def test_a_backup_of_a_newer_program_is_refused(filled: Database, other: Database, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    back_up(filled, file, NOON, quiet)
    head = f'"revision":"{newest_revision()}"'.encode()
    file.write_bytes(gzip.compress(gzip.decompress(file.read_bytes()).replace(head, b'"revision":"9999"')))
    with pytest.raises(BackupError, match="newer"):
        restore(other, file, quiet, replace=False)
    with pytest.raises(BackupError, match="no tables of qman"):
        back_up(other, tmp_path / "empty", NOON, quiet)
    other.dispose()
