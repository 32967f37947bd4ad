"""A claim on an object that is gone is closed, and open again should the object come back as what it was."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from app.db.repositories.docker_ledger import DockerLedgerRepository, StoredObject
from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.served_slave import ServedSlave

SCRATCH = {"host": "host4", "kind": "volume", "id": "scratch"}
KEY = ("volume", "scratch")
OBJECT = "/api/admin/docker/history?host=host4&kind=volume&id=scratch"


@dataclass
class Site:
    """A master, and a mock host on which Docker's objects are removed."""

    master: MasterWithPeople
    slave: ServedSlave

    def remove(self) -> StoredObject:
        with self.slave.slave.database.write() as connection:
            rows = DockerLedgerRepository(connection)
            [its] = [each for each in rows.objects() if (each.kind, each.id) == KEY]
            rows.mark_gone([KEY], self.slave.slave.clock())
        return its

    def make(self, its: StoredObject) -> None:
        with self.slave.slave.database.write() as connection:
            DockerLedgerRepository(connection).put_objects([its])

    def read(self, seconds: float = 60) -> None:
        self.master.clock.forward(seconds)
        self.slave.slave.clock.advance(seconds)
        self.master.master.docker.read("host4")


@pytest.fixture
def site(master: MasterWithPeople, slave: ServedSlave) -> Site:
    made = Site(master, slave)
    made.read()
    return made


def claim(user: LoggedIn) -> Any:
    answer = user.send("POST", "/api/me/docker/claims", SCRATCH)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def states(user: LoggedIn) -> list[str]:
    return [each["state"] for each in user.json("/api/me/docker")["claims"]]


def test_it_is_closed_when_the_object_is_gone(site: Site) -> None:
    admin, alice = site.master.log_in("root", is_admin=True), site.master.log_in("alice")
    claim(alice)
    site.read()
    assert states(alice) == ["open"]
    site.remove()
    site.read()
    assert states(alice) == ["gone"]
    [said] = admin.json(OBJECT)["items"]
    assert (said["action"], said["state"]) == ("claimed", "gone")


def test_it_is_open_again_when_the_object_is_back(site: Site) -> None:
    admin, alice = site.master.log_in("root", is_admin=True), site.master.log_in("alice")
    claim(alice)
    its = site.remove()
    site.read()
    site.make(its)
    site.read()
    assert states(alice) == ["open"]
    [item] = [each for each in admin.json("/api/admin/docker/review-queue")["items"] if each["name"] == "scratch"]
    assert [each["name"] for each in item["claims"]] == ["alice"]


def test_another_object_of_the_name_opens_none(site: Site) -> None:
    alice = site.master.log_in("alice")
    claim(alice)
    its = site.remove()
    site.make(its._replace(created_ns=its.created_ns + 10**12))
    site.read()
    assert states(alice) == ["gone"]
    claim(alice)
    site.read()
    assert sorted(states(alice)) == ["gone", "open"]


def test_what_comes_back_after_a_month_is_nobodys_again(site: Site) -> None:
    alice = site.master.log_in("alice")
    claim(alice)
    its = site.remove()
    site.read()
    site.make(its)
    site.read(timedelta(days=31).total_seconds())
    assert states(site.master.log_in("alice")) == ["gone"]


def test_what_was_decided_stays_so(site: Site) -> None:
    alice, bob = site.master.log_in("alice"), site.master.log_in("bob")
    admin = site.master.log_in("root", is_admin=True)
    claim(alice)
    claim(bob)
    said = {**SCRATCH, "uid": 1000, "reason": ""}
    assert admin.send("POST", "/api/admin/docker/attributions", said).status_code == 200
    site.remove()
    site.read()
    assert (states(alice), states(bob)) == (["confirmed"], ["denied"])


def test_a_reading_that_was_begun_before_the_claim_closes_nothing(site: Site) -> None:
    alice = site.master.log_in("alice")
    claim(alice)
    site.remove()
    site.read(0)
    assert states(alice) == ["open"]


def test_a_host_that_does_not_answer_closes_nothing(site: Site) -> None:
    alice = site.master.log_in("alice")
    claim(alice)
    with site.slave.slave.database.write() as connection:
        rows = DockerLedgerRepository(connection)
        last = rows.find_store()
        assert last is not None
        rows.put_store(last._replace(measured_at=None))
    site.remove()
    site.read()
    assert states(alice) == ["open"]
