"""Runs migrations on the database that DATABASE_URL names, or on the connection that the caller gives."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Literal

from alembic import context
from sqlalchemy import Connection

from app.db.base import Base, UtcDateTime
from app.db.engine import Database
from app.db.tables import all_tables

config = context.config
target_metadata = Base.metadata
assert all_tables, "importing the tables fills the metadata"  # noqa: S101 - a note to the reader


def render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Migrations stand by themselves: our own types are written as what they are in the database."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def run(connection: Connection) -> None:
    """Migrates in one transaction, all or nothing; the caller commits. SQLite's tables are altered by copying them."""
    is_prepared = connection.dialect.name != "sqlite" or config.attributes.get("inside")
    with nullcontext() if is_prepared else _undisturbed(connection):
        context.configure(
            connection=connection,
            target_metadata=target_metadata,
            render_as_batch=True,
            render_item=render_item,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()


@contextmanager
def _undisturbed(connection: Connection) -> Iterator[None]:
    """One transaction of SQLite's in which a table can be put in place of another.

    Dropping one deletes its rows first, and with foreign keys on those that refer to them go too
    (sqlite.org/lang_altertable.html, section 7).
    """
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        yield
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            message = f"rows refer to rows that are not there: {broken[:10]}"
            raise ValueError(message)
        connection.commit()
    finally:
        connection.rollback()
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")


given = config.attributes.get("connection")
if given is not None:
    run(given)
else:
    database = Database(os.environ.get("DATABASE_URL", "sqlite:///qman.sqlite"))
    with database.engine.connect() as own:
        run(own)
        own.commit()
