"""A backup of every earlier schema, restored by this version: as if its database had been upgraded in place."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.db.backup import LEFT_OUT, back_up, restore
from app.db.engine import Database
from app.db.migrate import newest_revision
from tests.fakes.fleet_database import NOON
from tests.fakes.postgres import PostgresServer
from tests.fakes.sample_rows import contents
from tests.system.services.test_backups import kept, quiet
from tests.system.services.test_migrations import filled, revisions, upgrade

pytestmark = pytest.mark.services


@pytest.fixture
def other(database: Database, tmp_path: Path, postgres: PostgresServer) -> Iterator[Database]:
    """Of the other kind."""
    other = Database(postgres.new_schema_url() if database.is_sqlite else f"sqlite:///{tmp_path}/other.sqlite")
    yield other
    other.dispose()


@pytest.mark.parametrize("revision", revisions()[:-1])
def test_a_backup_of_an_earlier_schema_is_upgraded(
    database: Database, other: Database, tmp_path: Path, revision: str
) -> None:
    upgrade(database, revision)
    _, rows = filled(database)
    file = tmp_path / "backup"
    assert back_up(database, file, NOON, quiet) == {
        name: len(its) for name, its in rows.items() if name not in LEFT_OUT
    }
    assert restore(other, file, quiet, replace=False).keys() == rows.keys() - LEFT_OUT
    upgrade(database, "head")
    assert kept(other) == kept(database)
    with other.read() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == newest_revision()
        assert all(not its for name, its in contents(connection).items() if name in LEFT_OUT)
