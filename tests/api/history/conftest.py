"""A master whose one host was read and recorded for a while, and people."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.histories import RecordedHost
from tests.fakes.people import LoggedIn, MasterWithPeople


@pytest.fixture
def master(tmp_path: Path) -> Iterator[MasterWithPeople]:
    master = MasterWithPeople(tmp_path, [])
    yield master
    master.close()


@pytest.fixture
def host(master: MasterWithPeople) -> RecordedHost:
    return RecordedHost(master.database, master.clock)


@pytest.fixture
def admin(master: MasterWithPeople) -> LoggedIn:
    return master.log_in("charlie", is_admin=True)


@pytest.fixture
def user(master: MasterWithPeople) -> LoggedIn:
    """Whose account is uid 1003 on the host."""
    return master.log_in("user1003")
