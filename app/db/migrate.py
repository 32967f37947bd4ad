"""Brings a database to the newest schema when a server starts, once however many processes start together."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from app.db.engine import Database

VERSIONS = Path(__file__).resolve().parents[2] / "alembic" / "versions"
_ADVISORY_LOCK = 7_142_036


def newest_revision() -> str:
    """The newest revision there is; migrations are numbered, and their files are named by their numbers."""
    return max(file.name.split("_", 1)[0] for file in VERSIONS.glob("[0-9]*.py"))


def revisions() -> frozenset[str]:
    """All that this program knows."""
    return frozenset(file.name.split("_", 1)[0] for file in VERSIONS.glob("[0-9]*.py"))


def ensure_schema(database: Database) -> None:
    """Upgrades to the newest revision; returns at once where that stands already."""
    with database.read() as connection:
        stands = stored_revision(connection)
    if stands == newest_revision():
        return
    with alone(database) as connection:
        _run("upgrade", connection, "head", inside=False)


def stored_revision(connection: Connection) -> str | None:
    """The revision of the schema; None where there is none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def upgrade_inside(connection: Connection, revision: str) -> None:
    """Upgrades within a transaction that the caller has open, on SQLite with foreign keys off."""
    _run("upgrade", connection, revision, inside=True)


def downgrade_inside(connection: Connection) -> None:
    """Takes all tables away, as `upgrade_inside`."""
    _run("downgrade", connection, "base", inside=True)


def _run(what: str, connection: Connection, revision: str, *, inside: bool) -> None:
    from alembic import command  # noqa: PLC0415 - a start with nothing to do goes without Alembic's 15 MB
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent))
    config.attributes.update(connection=connection, inside=inside)
    (command.upgrade if what == "upgrade" else command.downgrade)(config, revision)


@contextmanager
def alone(database: Database) -> Iterator[Connection]:
    """A connection for whoever changes the schema: one at a time, as long as it takes. Committed at the end."""
    if not database.is_sqlite:
        with database.engine.connect() as connection:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL lock_timeout = '15min'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            yield connection
            connection.commit()
        return
    lock = Path(f"{database.url.database}.migrating")
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with database.engine.connect() as connection:
            yield connection
            connection.commit()
