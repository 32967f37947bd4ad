"""Brings a database to the newest schema when a server starts, once however many processes start together."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from alembic import command
from app.db.engine import Database

ROOT = Path(__file__).resolve().parents[2]
_ADVISORY_LOCK = 7_142_036


def alembic_config(url: str) -> Config:
    """Alembic's configuration for this database."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "alembic"))
    config.attributes["url"] = url
    return config


def ensure_schema(database: Database) -> None:
    """Upgrades to the newest revision; returns at once where that stands already."""
    config = alembic_config(database.url.render_as_string(hide_password=False))
    newest = ScriptDirectory.from_config(config).get_current_head()
    with database.engine.connect() as connection:
        if MigrationContext.configure(connection).get_current_revision() == newest:
            return
    with _alone(database) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


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
