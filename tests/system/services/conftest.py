"""One PostgreSQL server for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.fakes.postgres import PostgresServer


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server
