"""One PostgreSQL server for all tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.db.engine import Database
from tests.fakes.postgres import PostgresServer


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path, postgres: PostgresServer) -> str:
    return postgres.new_schema_url() if request.param == "postgresql" else f"sqlite:///{tmp_path}/qman.sqlite"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.dispose()
