"""Connections and transactions, on SQLite and on PostgreSQL."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.db.asking import UNICODE_LOWER
from app.db.errors import DatabaseUnavailableError, NoSpaceError
from app.quota.errors import QmanError

BUSY_TIMEOUT_SECONDS = 10
STATEMENT_TIMEOUT_SECONDS = 30
_BUSY_PAUSE_SECONDS = 0.02
_ALIVE = {"keepalives_idle": 20, "keepalives_interval": 5, "keepalives_count": 3}
_IN_SESSION = {
    "statement_timeout": f"{STATEMENT_TIMEOUT_SECONDS}s",
    "lock_timeout": f"{BUSY_TIMEOUT_SECONDS}s",
    "idle_in_transaction_session_timeout": "5min",
    **{f"tcp_{name}": str(value) for name, value in _ALIVE.items()},
}
"""So that nothing waits for ever: not for a lock, and neither side for a machine that has lost its power."""
_DISK_FULL = "53100"
_SQLITE_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE}
"""The second where a database is opened on a disk that is full: there is no room for the index of its log."""
_ENDED = {"FATAL", "PANIC"}
"""With these severities PostgreSQL ends the connection; where its log cannot be written, all of itself."""
_BUSY = {"40001": "serialization_failure", "40P01": "deadlock_detected", "55P03": "lock_not_available"}
_READ_ONLY = "25006"
"""A standby after a failover, or a server that was told so."""


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
            arguments = _of_server(parsed)
        self.url = parsed
        self._pid = os.getpid()
        self.engine: Engine = create_engine(parsed, echo=echo, json_deserializer=orjson.loads, **arguments)
        self._reader = self.engine
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
        else:
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read-only transaction. DatabaseUnavailableError."""
        with _translated(), self._reader.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
            yield connection
            connection.rollback()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A writing transaction: committed at the end of the block, rolled back by an exception.

        On SQLite it takes the write lock at once (BEGIN IMMEDIATE), so that check and change are one atomic step. On
        PostgreSQL others write at the same time (READ COMMITTED): whoever checks before a change locks the row that the
        check is about, or lets the change itself be the check. NoSpaceError, DatabaseUnavailableError: nothing was
        written, or the connection was lost at the very end.
        """
        with _translated(), self.engine.connect() as connection:
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


def _of_server(url: URL) -> dict[str, Any]:
    """How to reach PostgreSQL; what the URL itself says goes before it."""
    options = " ".join(
        [*(f"-c {name}={value}" for name, value in _IN_SESSION.items()), *url.normalized_query.get("options", ())]
    )
    connecting = {"connect_timeout": 5, "tcp_user_timeout": 20_000, **_ALIVE}
    told = {name: value for name, value in connecting.items() if name not in url.query}
    return {
        "connect_args": told | {"options": options},
        "pool_pre_ping": True,
        "pool_size": 5,
        "max_overflow": 11,
        "pool_timeout": BUSY_TIMEOUT_SECONDS,
    }


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except PoolTimeoutError as error:
        raise DatabaseUnavailableError("The database has too much to do.", retry_after_seconds=5) from error
    except DBAPIError as error:
        told = _told(error)
        if told is None:
            raise
        raise told from error


def _told(error: DBAPIError) -> QmanError | None:
    """The same in our words; None where it is no fault of the database, but of what it was asked."""
    state = getattr(error.orig, "sqlstate", None)
    if state == _DISK_FULL and _has_ended(error):
        return DatabaseUnavailableError(
            "The database has stopped: the disk of its log is full.", retry_after_seconds=30
        )
    if state == _DISK_FULL or getattr(error.orig, "sqlite_errorcode", None) in _SQLITE_FULL:
        return NoSpaceError("The disk with qman's database is full. Nothing was changed.")
    if state in _BUSY:
        return DatabaseUnavailableError(
            "The database is busy with other changes. Nothing was changed.", retry_after_seconds=1
        )
    is_lost = isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
    if is_lost or state == _READ_ONLY:
        return DatabaseUnavailableError("The database does not answer.", retry_after_seconds=5)
    return None


def _has_ended(error: DBAPIError) -> bool:
    told = getattr(error.orig, "diag", None)
    return getattr(told, "severity_nonlocalized", None) in _ENDED


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """WAL: readers never wait for the writer. The driver's own transaction handling is off, ours is explicit.

    A connection keeps 2 MB of pages, SQLite's own figure: there are many, and the system has the file in memory anyway.
    """
    connection.isolation_level = None
    use_wal(connection)
    for pragma in ("synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.create_function(UNICODE_LOWER, 1, _lower, deterministic=True)


def use_wal(connection: sqlite3.Connection, patience_seconds: float = BUSY_TIMEOUT_SECONDS) -> None:
    """Waits for who is at work on a file that is new: SQLite's own time-out does not hold for a change of journal.

    Raises sqlite3.OperationalError when that takes longer.
    """
    until = monotonic() + patience_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > until:
                raise
            sleep(_BUSY_PAUSE_SECONDS)
        else:
            return


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()
