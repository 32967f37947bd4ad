"""Nonces in the database: once, in whichever worker; and while its disk is full."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from app.auth.signatures import DatabaseNonces
from app.db.engine import Database
from app.db.errors import NoSpaceError
from app.db.tables.slave import NonceRow
from tests.fakes.slave_app import NOON, empty_database

MINUTE = timedelta(minutes=1)


class FullDatabase(Database):
    """Can be read and, while `full`, not written."""

    full = True

    @contextmanager
    def write(self) -> Iterator[Connection]:
        if self.full:
            raise NoSpaceError("The disk is full.")
        with super().write() as connection:
            yield connection


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return empty_database(tmp_path)


def claim(nonces: DatabaseNonces, nonce: str, *, key_id: str = "k", now: datetime = NOON) -> bool:
    return nonces.claim(key_id, nonce, now=now, expires_at=now + 2 * MINUTE)


def test_each_nonce_of_a_key_counts_once(database: Database) -> None:
    nonces = DatabaseNonces(database)
    assert [claim(nonces, "a"), claim(nonces, "a"), claim(nonces, "b"), claim(nonces, "a", key_id="other")] == [
        True,
        False,
        True,
        True,
    ]


def test_workers_share_them(database: Database) -> None:
    workers = [DatabaseNonces(database), DatabaseNonces(Database(database.url.render_as_string(hide_password=False)))]
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda number: claim(workers[number % 2], f"n{number // 16}"), range(64)))
    assert sum(claims) == 4


def test_expired_ones_are_forgotten(database: Database) -> None:
    nonces = DatabaseNonces(database)
    for minute in range(10):
        assert claim(nonces, f"n{minute}", now=NOON + minute * MINUTE)
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(NonceRow)).scalar_one() <= 3


def test_while_the_disk_is_full_they_are_kept_in_memory(database: Database) -> None:
    full = FullDatabase(database.url.render_as_string(hide_password=False))
    assert claim(DatabaseNonces(database), "before")
    nonces = DatabaseNonces(full)
    assert [claim(nonces, "before"), claim(nonces, "during"), claim(nonces, "during")] == [False, True, False]
    full.full = False
    assert [claim(nonces, "during"), claim(nonces, "after"), claim(nonces, "after")] == [False, True, False]
