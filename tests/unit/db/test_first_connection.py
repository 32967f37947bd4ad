"""The first to open a new SQLite file may find another at work on it."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from app.db import engine
from app.db.engine import Database
from app.db.errors import DatabaseUnavailableError

LONG_ENOUGH_TO_FAIL_SECONDS = 0.3


def open_one(url: str, failures: list[Exception]) -> None:
    database = Database(url)
    try:
        with database.read() as connection:
            connection.exec_driver_sql("SELECT 1")
    except DatabaseUnavailableError as error:
        failures.append(error)
    finally:
        database.dispose()


def test_who_opens_it_waits_for_who_prepares_it(tmp_path: Path) -> None:
    """SQLite itself does not wait there: who wants another journal finds it locked at once."""
    file, failures = tmp_path / "new.sqlite", list[Exception]()
    with closing(sqlite3.connect(file, isolation_level=None)) as first:
        first.execute("CREATE TABLE host (id)")
        first.execute("BEGIN IMMEDIATE")
        thread = threading.Thread(target=open_one, args=(f"sqlite:///{file}", failures))
        thread.start()
        thread.join(LONG_ENOUGH_TO_FAIL_SECONDS)
        first.execute("COMMIT")
        thread.join(30)
    assert (failures, thread.is_alive()) == ([], False)


def test_it_does_not_wait_for_ever(tmp_path: Path) -> None:
    file = tmp_path / "new.sqlite"
    with closing(sqlite3.connect(file, isolation_level=None)) as first, closing(sqlite3.connect(file)) as other:
        first.execute("CREATE TABLE host (id)")
        first.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            engine.use_wal(other, patience_seconds=0.05)
