"""A master that has read the Docker objects of a mock host, and who is logged in there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.served_slave import ServedSlave


@pytest.fixture
def slave(tmp_path: Path) -> Iterator[ServedSlave]:
    with ServedSlave(tmp_path / "slave", host="host4", SLAVE_HOST_ID="host4") as served:
        yield served


@pytest.fixture
def master(tmp_path: Path, slave: ServedSlave) -> Iterator[MasterWithPeople]:
    master = MasterWithPeople(tmp_path, [slave.entry("host4")])
    master.collect()
    master.master.docker.read("host4")
    yield master
    master.close()


@pytest.fixture
def admin(master: MasterWithPeople) -> LoggedIn:
    return master.log_in("root-of-all", is_admin=True)


@pytest.fixture
def alice(master: MasterWithPeople) -> LoggedIn:
    return master.log_in("alice")
