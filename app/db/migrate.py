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


def ensure_schema(database: Database) -> None:
    """Upgrades to the newest revision; returns at once where that stands already."""
    if _stored_revision(database) == newest_revision():
        return
    from alembic import command  # noqa: PLC0415 - a start with nothing to do goes without Alembic's 15 MB
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent))
    with _alone(database) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _stored_revision(database: Database) -> str | None:
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    if not database.is_sqlite:
        with database.engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _ADVISORY_LOCK})
            yield connection
            connection.commit()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _ADVISORY_LOCK})
        return
    lock = Path(f"{database.url.database}.migrating")
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with database.engine.connect() as connection:
            yield connection
            connection.commit()
