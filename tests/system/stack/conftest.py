"""A scratch copy of the checkout for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.postgres import PostgresServer
from tests.system.stack.programs import copy_checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Where the commands of a test are typed."""
    return copy_checkout(tmp_path)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Started when the first test asks for it."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """For tests that run on both: where several processes meet in the database, or all of its use comes together.

    The others do not: what they try happens before a database is asked, or does not depend on which it is.
    """
    if request.param == "sqlite":
        return "sqlite:///of-the-test.sqlite"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_url()
