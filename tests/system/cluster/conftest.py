"""One PostgreSQL server for all tests of this folder, which are marked `services`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.killable import KillablePostgres
from tests.system.real_parts import mark

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark(items, HERE, "services", lacks="")


@pytest.fixture(scope="session")
def postgres() -> Iterator[KillablePostgres]:
    with KillablePostgres() as server:
        yield server
