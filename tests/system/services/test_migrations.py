"""Every revision, with rows in every table: up to the newest and down again nothing is lost, on both databases.

Revisions that are added are found by themselves. What a migration must keep is told by the schemas alone: a row stays,
under its primary key, with every column that stands before and after; going down, a row that the older schema can hold.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, MetaData, String, Table

from app.db.engine import Database
from app.db.migrate import VERSIONS, ensure_schema, newest_revision
from tests.fakes.sample_rows import Row, contents, fill, reflected

pytestmark = pytest.mark.services


def config() -> Config:
    found = Config()
    found.set_main_option("script_location", str(VERSIONS.parent))
    return found


def revisions() -> list[str]:
    """All of them, the oldest first."""
    return [script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()][::-1]


def migrate(database: Database, change: Callable[[Config], None]) -> None:
    its = config()
    with database.engine.connect() as connection:
        its.attributes["connection"] = connection
        change(its)
        connection.commit()


def upgrade(database: Database, revision: str) -> None:
    migrate(database, lambda its: command.upgrade(its, revision))


def downgrade(database: Database, revision: str) -> None:
    migrate(database, lambda its: command.downgrade(its, revision))


def filled(database: Database) -> tuple[MetaData, Mapping[str, Sequence[Row]]]:
    """The schema and the rows, after every table was filled."""
    with database.engine.connect() as connection:
        begin(connection)
        fill(connection)
        connection.commit()
    return found(database)


def begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")


def found(database: Database) -> tuple[MetaData, Mapping[str, Sequence[Row]]]:
    with database.engine.connect() as connection:
        return reflected(connection), contents(connection)


def key_of(table: Table, row: Row) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key)


def fits(row: Row, columns: Sequence[Column[Any]], other: Table) -> bool:
    """Can the other schema hold these values?"""
    for column in columns:
        value, its = row[column.name], other.columns[column.name]
        too_long = isinstance(its.type, String) and its.type.length and len(str(value)) > its.type.length
        if (value is None and not its.nullable) or (value is not None and too_long):
            return False
    return True


def assert_kept(
    before: tuple[MetaData, Mapping[str, Sequence[Row]]], after: tuple[MetaData, Mapping[str, Sequence[Row]]]
) -> None:
    """Every row of a table that both schemas have, in what both have of it, if the second can hold it."""
    (schema, rows), (other_schema, other_rows) = before, after
    for name in schema.tables.keys() & other_schema.tables.keys():
        table, other = schema.tables[name], other_schema.tables[name]
        common = [column for column in table.columns if column.name in other.columns]
        assert {column.name for column in table.primary_key} <= {column.name for column in common}, name
        stand = {key_of(table, row): row for row in other_rows[name]}
        for row in rows[name]:
            if not fits(row, common, other):
                continue
            kept = stand.get(key_of(table, row))
            assert kept is not None, f"{name}: a row is lost: {key_of(table, row)}"
            assert {c.name: kept[c.name] for c in common} == {c.name: row[c.name] for c in common}, name


@pytest.mark.parametrize("revision", revisions())
def test_rows_of_a_revision_survive_the_way_up_and_down(database: Database, revision: str) -> None:
    upgrade(database, revision)
    before = filled(database)
    assert all(before[1].values()), "a table is empty"
    upgrade(database, "head")
    assert_kept(before, found(database))
    downgrade(database, revision)
    assert found(database)[1] == before[1]


@pytest.mark.parametrize("revision", revisions()[:-1])
def test_rows_of_the_newest_survive_the_way_down_and_up(database: Database, revision: str) -> None:
    ensure_schema(database)
    before = filled(database)
    downgrade(database, revision)
    older = found(database)
    assert_kept(before, older)
    upgrade(database, "head")
    assert_kept(older, found(database))


def test_the_revisions_are_one_line(tmp_path: Path) -> None:
    directory = ScriptDirectory.from_config(config())
    assert directory.get_heads() == [newest_revision()]
    assert revisions() == sorted(revisions())
    assert [path.name.split("_")[0] for path in sorted(VERSIONS.glob("*.py"))] == revisions()
