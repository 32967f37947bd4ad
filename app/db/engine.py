"""Connections and transactions, on SQLite and on PostgreSQL."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from app.db.errors import DatabaseUnavailableError, NoSpaceError

BUSY_TIMEOUT_SECONDS = 10


class Database:
    """A database by URL. `read()` sees one consistent state, `write()` commits all or nothing."""

    def __init__(self, url: str, *, echo: bool = False) -> None:
        """Opens nothing yet: the first transaction does. `url` is SQLAlchemy's, `sqlite:///…` or `postgresql://…`."""
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite:
            arguments: dict[str, Any] = {"connect_args": {"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False}}
        else:
            parsed = parsed.set(drivername="postgresql+psycopg")
            arguments = {"pool_pre_ping": True, "connect_args": {"connect_timeout": 5}, "pool_size": 16}
        self.url = parsed
        self._pid = os.getpid()
        self.engine: Engine = create_engine(parsed, echo=echo, **arguments)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read-only transaction."""
        with self._translated(), self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
            yield connection
            connection.rollback()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A writing transaction: committed at the end of the block, rolled back by an exception.

        On SQLite it takes the write lock at once (BEGIN IMMEDIATE), so that check and change are one atomic step.
        """
        with self._translated(), self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

    def dispose_inherited(self) -> None:
        """After a fork: forgets the parent's connections without closing them, they are the parent's."""
        if os.getpid() != self._pid:
            self._pid = os.getpid()
            self.engine.dispose(close=False)

    def check(self) -> None:
        """Asks for an answer. DatabaseUnavailableError."""
        with self.read() as connection:
            connection.exec_driver_sql("SELECT 1")

    def dispose(self) -> None:
        """Closes all connections; the next transaction opens new ones."""
        self.engine.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            if _is_full(error):
                raise NoSpaceError("The disk with qman's database is full. Nothing was changed.") from error
            raise DatabaseUnavailableError("The database does not answer.", retry_after_seconds=5) from error
        except DBAPIError as error:
            if _is_full(error):
                raise NoSpaceError("The disk with qman's database is full. Nothing was changed.") from error
            raise


def _is_full(error: DBAPIError) -> bool:
    """SQLITE_FULL (sqlite.org/rescode.html), or PostgreSQL's class 53100 disk_full."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code == sqlite3.SQLITE_FULL or getattr(error.orig, "sqlstate", None) == "53100"


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """WAL: readers never wait for the writer. The driver's own transaction handling is off, ours is explicit."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "cache_size=-16000"):
        connection.execute(f"PRAGMA {pragma}")
