"""A slave of host1, fresh for each test."""

from pathlib import Path

import pytest

from app.db.engine import Database
from tests.fakes.slave_app import SlaveUnderTest, empty_database, start_slave


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return empty_database(tmp_path)


@pytest.fixture
def slave(database: Database) -> SlaveUnderTest:
    return start_slave(database)
