"""Backup and restore of a whole database: one consistent state, in a file that fits SQLite and PostgreSQL."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, bindparam, cast, func, insert, inspect, select, text
from sqlalchemy import types as sql

from app import __version__
from app.db.batches import in_batches
from app.db.dumpfile import BackupError, DumpReader, DumpWriter, Head, Part
from app.db.engine import Database
from app.db.migrate import alone, downgrade_inside, revisions, stored_revision, upgrade_inside

Progress = Callable[[str, int, int], None]
"""Told now and then: which table, how many rows of all tables are done, how many there are in all."""

LEFT_OUT = frozenset({"session", "login_attempt", "lease", "signature_nonces"})
"""What is over when a backup is restored: people log in again, and whoever is at work takes the work again."""
_VERSION_TABLE = "alembic_version"
_ROWS_AT_ONCE = 500
_KINDS: Sequence[tuple[type[Any], str]] = (
    (sql.DateTime, "instant"),
    (sql.JSON, "json"),
    (sql.Boolean, "boolean"),
    (sql.LargeBinary, "bytes"),
    (sql.Integer, "integer"),
    (sql.Float, "real"),
    (sql.Numeric, "real"),
    (sql.String, "text"),
)


def back_up(database: Database, path: Path, now: datetime, progress: Progress) -> Mapping[str, int]:
    """Writes the state of this moment; gives the rows by table. Servers may read and write meanwhile.

    BackupError: there is no qman database, or the file is there. NoSpaceError, DatabaseUnavailableError, OSError.
    """
    with database.read() as connection:
        _without_timeout(connection)
        revision = stored_revision(connection)
        if revision is None:
            raise BackupError("There are no tables of qman in this database.")
        tables = [table for table in _reflected(connection).sorted_tables if table.name not in LEFT_OUT]
        counts = {str(table.name): _count(connection, table) for table in tables}
        head = Head(revision, now.astimezone(UTC).isoformat(timespec="seconds"), __version__)
        with DumpWriter(path, head) as writer:
            done, total = 0, sum(counts.values())
            for table in tables:
                writer.begin_table(str(table.name), [(str(column.name), _kind(column)) for column in table.columns])
                for rows in in_batches(_dumped(connection, table), _ROWS_AT_ONCE):
                    writer.write_rows(rows)
                    done += len(rows)
                    progress(table.name, done, total)
    return counts


def restore(database: Database, path: Path, progress: Progress, *, replace: bool) -> Mapping[str, int]:
    """Puts a backup into a database, all or nothing, at the newest schema; gives the rows by table.

    BackupError: the file is no whole backup, or of a newer qman; or there is something in the database, and it is not
    to be replaced. NoSpaceError, DatabaseUnavailableError.
    """
    reader = DumpReader(path)
    try:
        if reader.head.revision not in revisions():
            raise BackupError(
                f"The backup is of a newer qman (schema {reader.head.revision}, version {reader.head.version})."
            )
        with alone(database) as connection, _one_transaction(connection):
            _make_room(connection, replace=replace)
            upgrade_inside(connection, reader.head.revision)
            done = 0
            for part in reader.parts():
                for rows in in_batches(part.rows, _ROWS_AT_ONCE):
                    _load(connection, part, rows)
                    done += len(rows)
                    progress(part.table, done, 0)
            counts = reader.check_end()
            _continue_sequences(connection)
            upgrade_inside(connection, "head")
    finally:
        reader.close()
    return counts


def _make_room(connection: Connection, *, replace: bool) -> None:
    if stored_revision(connection) is None:
        found = [name for name in inspect(connection).get_table_names() if name != _VERSION_TABLE]
        if found:
            raise BackupError(f"There are tables in the database that are not qman's: {', '.join(sorted(found)[:5])}.")
        return
    if not replace:
        filled = [table.name for table in _reflected(connection).sorted_tables if _count(connection, table)]
        if filled:
            raise BackupError(f"There is something in the database already ({', '.join(filled[:5])}).")
    downgrade_inside(connection)


def _reflected(connection: Connection) -> MetaData:
    metadata = MetaData()
    metadata.reflect(connection)
    metadata.remove(metadata.tables[_VERSION_TABLE])
    return metadata


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _kind(column: Column[Any]) -> str:
    for known, kind in _KINDS:
        if isinstance(column.type, known):
            return kind
    raise BackupError(f"{column} is of a type that no backup knows: {column.type!r}.")


def _dumped(connection: Connection, table: Table) -> Iterator[Sequence[Any]]:
    """The rows by primary key, as they stand in the file; a few hundred are in memory at a time."""
    kinds = [_kind(column) for column in table.columns]
    columns = [
        cast(column, sql.Text) if kind == "json" else column for column, kind in zip(table.columns, kinds, strict=True)
    ]
    query = select(*columns).order_by(*table.primary_key).execution_options(yield_per=_ROWS_AT_ONCE)
    for row in connection.execute(query):
        yield [_told(value, kind) for value, kind in zip(row, kinds, strict=True)]


def _told(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "instant":
        aware: datetime = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat()
    return b64encode(value).decode() if kind == "bytes" else value


def _load(connection: Connection, part: Part, rows: Sequence[Sequence[Any]]) -> None:
    """Texts of JSON go in as they came out: null and the JSON value null are two things."""
    table = Table(part.table, MetaData(), autoload_with=connection)
    names = [name for name, _ in part.columns]
    if set(names) - set(table.columns.keys()):
        raise BackupError(f"The table {part.table} of the backup is not that of its schema.")
    values = {
        name: cast(bindparam(name, type_=sql.Text), table.columns[name].type)
        if kind == "json" and connection.dialect.name == "postgresql"
        else bindparam(name, type_=sql.Text if kind == "json" else table.columns[name].type)
        for name, kind in part.columns
    }
    given = [{name: _taken(v, kind) for v, (name, kind) in zip(row, part.columns, strict=True)} for row in rows]
    connection.execute(insert(table).values(values), given)


def _taken(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "instant":
        return datetime.fromisoformat(value)
    return b64decode(value) if kind == "bytes" else value


def _without_timeout(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))


def _continue_sequences(connection: Connection) -> None:
    """Numbers that PostgreSQL gives go on after those that were restored; SQLite's do by themselves."""
    if connection.dialect.name != "postgresql":
        return
    for table in _reflected(connection).sorted_tables:
        for column in table.primary_key:
            name = connection.execute(
                text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
            ).scalar_one()
            if name is not None:
                largest = select(func.max(column)).scalar_subquery()
                connection.execute(select(func.setval(name, func.coalesce(largest, 1), largest.is_not(None))))


@contextmanager
def _one_transaction(connection: Connection) -> Iterator[None]:
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.rollback()
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        yield
        if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
            raise BackupError(f"Rows of the backup refer to rows that are not there: {broken[:5]}.")
        connection.commit()
    finally:
        connection.rollback()
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")
