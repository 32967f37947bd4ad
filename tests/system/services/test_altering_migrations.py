"""Migrations that alter tables to which others refer, or fail half-way: tried with revisions of the test's own."""

import shutil
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from app.db.engine import Database
from app.db.migrate import VERSIONS, newest_revision
from tests.fakes.sample_rows import contents, fill

pytestmark = pytest.mark.services

ALTERING = '''
"""Alters tables to which others refer."""

import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = "{newest}"
WIDER = dict(person="name", host="label")
LENGTH = dict(person=256, host=200)


def upgrade() -> None:
    for table in ("person", "host"):
        with op.batch_alter_table(table) as batch:
            batch.alter_column(WIDER[table], type_=sa.Text())
            batch.add_column(sa.Column("note", sa.Text(), nullable=False, server_default=""))
{more}

def downgrade() -> None:
    for table in ("person", "host"):
        with op.batch_alter_table(table) as batch:
            batch.drop_column("note")
            batch.alter_column(WIDER[table], type_=sa.String(LENGTH[table]))
'''
FAILING = '    op.execute("INSERT INTO nowhere VALUES (1)")\n'


def scripts(folder: Path, more: str = "") -> Config:
    """Our revisions and one more."""
    shutil.copytree(VERSIONS.parent, folder / "alembic")
    altering = ALTERING.format(newest=newest_revision(), more=more)
    (folder / "alembic" / "versions" / "9000_altering.py").write_text(altering, encoding="utf-8")
    config = Config()
    config.set_main_option("script_location", str(folder / "alembic"))
    return config


@pytest.fixture
def with_rows(database: Database, tmp_path: Path) -> Database:
    with database.engine.connect() as connection:
        config = scripts(tmp_path / "first")
        config.attributes["connection"] = connection
        command.upgrade(config, newest_revision())
        connection.commit()
    with database.write() as connection:
        fill(connection)
    return database


def test_rows_that_refer_to_an_altered_table_stay(with_rows: Database, tmp_path: Path) -> None:
    with with_rows.read() as connection:
        before = contents(connection)
    assert all(before.values())
    config = scripts(tmp_path)
    for change, revision in ((command.upgrade, "head"), (command.downgrade, newest_revision())):
        with with_rows.engine.connect() as connection:
            config.attributes["connection"] = connection
            change(config, revision)
            connection.commit()
        with with_rows.read() as connection:
            after = contents(connection)
        assert {name: len(rows) for name, rows in after.items()} == {name: len(rows) for name, rows in before.items()}
    assert after == before
    if with_rows.is_sqlite:
        with with_rows.read() as connection:
            assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


def test_a_migration_that_fails_half_way_changes_nothing(with_rows: Database, tmp_path: Path) -> None:
    with with_rows.read() as connection:
        before = contents(connection)
    config = scripts(tmp_path, FAILING)
    with with_rows.engine.connect() as connection:
        config.attributes["connection"] = connection
        with pytest.raises(DBAPIError, match="nowhere"):
            command.upgrade(config, "head")
    with with_rows.read() as connection:
        assert contents(connection) == before
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == newest_revision()
        assert "note" not in {column["name"] for column in inspect(connection).get_columns("person")}
