"""A fleet of two hosts, a master that has read it once, and people."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.slaves import FleetOfSlaves


@pytest.fixture
def slaves() -> Iterator[FleetOfSlaves]:
    with FleetOfSlaves(hosts=2, users=30) as fleet:
        yield fleet


@pytest.fixture
def master(tmp_path: Path, slaves: FleetOfSlaves) -> Iterator[MasterWithPeople]:
    master = MasterWithPeople(tmp_path, slaves.entries())
    master.collect()
    yield master
    master.close()


@pytest.fixture
def admin(master: MasterWithPeople) -> LoggedIn:
    return master.log_in("charlie", is_admin=True)


@pytest.fixture
def user(master: MasterWithPeople) -> LoggedIn:
    """Somebody whose login name is an account of the fleet."""
    return master.log_in("user1003")
