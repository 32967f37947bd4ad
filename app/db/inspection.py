"""Looks at a database without changing anything of it: not even the files that a reader of SQLite leaves beside it."""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from app.db.engine import Database
from app.db.errors import DatabaseUnavailableError
from app.db.migrate import newest_revision

_BUSY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Inspected:
    """A database as it was found.

    `folder` is that of an SQLite file, None for a server; `free_bytes` and `total_bytes` are of its disk. `unwritable`
    names what this process may not write. `revision` is None where there are no tables yet; `problem` says why it could
    not be read.
    """

    name: str
    folder: Path | None
    has_folder: bool = True
    unwritable: Path | None = None
    free_bytes: int = 0
    total_bytes: int = 0
    revision: str | None = None
    problem: str | None = None
    newest: str = ""


def inspect_database(url: str) -> Inspected:
    """The database that this URL names. Never raises for the database's sake."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _of_file(Path(parsed.database or "").absolute())
    name = parsed.render_as_string(hide_password=True)
    database = Database(url)
    try:
        with database.read() as connection:
            has_table = connection.execute(text("SELECT to_regclass('alembic_version')")).scalar_one() is not None
            revision = _revision_in(str(connection.execute(_REVISION).scalar_one_or_none())) if has_table else None
    except (DatabaseUnavailableError, SQLAlchemyError) as error:
        return Inspected(name, None, problem=str(error).splitlines()[0], newest=newest_revision())
    finally:
        database.dispose()
    return Inspected(name, None, revision=revision, newest=newest_revision())


_REVISION = text("SELECT version_num FROM alembic_version")


def _of_file(file: Path) -> Inspected:
    folder = file.parent
    if not folder.is_dir():
        return Inspected(str(file), folder, has_folder=False, newest=newest_revision())
    beside = [Path(f"{file}{suffix}") for suffix in ("", "-wal", "-shm")]
    wanted = [folder, *(each for each in beside if each.exists())]
    unwritable = next((path for path in wanted if not os.access(path, os.W_OK, effective_ids=True)), None)
    disk = os.statvfs(folder)
    revision, problem = _stored_in(file) if file.exists() else (None, None)
    return Inspected(
        str(file),
        folder,
        unwritable=unwritable,
        free_bytes=disk.f_bavail * disk.f_frsize,
        total_bytes=disk.f_blocks * disk.f_frsize,
        revision=revision,
        problem=problem,
        newest=newest_revision(),
    )


def _stored_in(file: Path) -> tuple[str | None, str | None]:
    """Revision and problem. Without a log beside it the file is complete, and is read as if it could not change."""
    try:
        with closing(_opened(file)) as connection:
            names = connection.execute("SELECT name FROM sqlite_master WHERE name = 'alembic_version'").fetchall()
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if names else None
    except sqlite3.Error as error:
        return None, str(error)
    return (_revision_in(row[0]) if row else None), None


def _opened(file: Path) -> sqlite3.Connection:
    how = "mode=ro" if Path(f"{file}-wal").exists() else "mode=ro&immutable=1"
    return sqlite3.connect(f"file:{quote(str(file))}?{how}", uri=True, timeout=_BUSY_SECONDS)


def sealed_keys_in(url: str) -> Sequence[str]:
    """The sealed keys of each enrolled host; none where the database or its tables are not there yet.

    DatabaseUnavailableError: it cannot be read.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        file = Path(parsed.database or "").absolute()
        return _sealed_in(file) if file.exists() else []
    database = Database(url)
    try:
        with database.read() as connection:
            if connection.execute(text("SELECT to_regclass('enrolled_host')")).scalar_one() is None:
                return []
            return list(connection.execute(text(_SEALED)).scalars())
    finally:
        database.dispose()


_SEALED = "SELECT sealed_keys FROM enrolled_host WHERE sealed_keys IS NOT NULL"


def _sealed_in(file: Path) -> Sequence[str]:
    try:
        with closing(_opened(file)) as connection:
            names = connection.execute("SELECT name FROM sqlite_master WHERE name = 'enrolled_host'").fetchall()
            return [row[0] for row in connection.execute(_SEALED)] if names else []
    except sqlite3.Error as error:
        raise DatabaseUnavailableError(f"{file}: {error}") from error


def _revision_in(stored: str) -> str:
    return stored.split("_", 1)[0]
