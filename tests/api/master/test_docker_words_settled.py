"""What became of an admin's word whose answer was lost: the host's next Docker reading tells."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from app.master.changes.settling import NOT_DONE_AFTER, OVER_AFTER
from app.master.fleet import HostListing
from tests.fakes.people import MasterWithPeople
from tests.fakes.served_slave import ServedSlave
from tests.fakes.slaves import GarbageSlave

SAY = "/api/admin/docker/attributions"
ON_HOST = "/remote-api/docker/attributions"
LONG = NOT_DONE_AFTER.total_seconds() + 1


class Hosted:
    """A master with one host whose answers can be lost."""

    def __init__(self, directory: Path, slave: ServedSlave) -> None:
        self.slave = slave
        self.master = MasterWithPeople(directory, [slave.entry("host4")])
        self.master.collect()
        self.master.master.docker.read("host4")
        self.admin = self.master.log_in("root-of-all", is_admin=True)
        containers = self.admin.json("/api/admin/docker/hosts/host4")["containers"]
        self.ids = {each["name"]: each["id"] for each in containers}

    def lose(self, method: str, name: str, uid: int | None = None) -> None:
        """A word whose answer nobody can read."""
        fleet = self.master.master.fleet
        listing, its = fleet.listing, {"host": "host4", "kind": "container", "id": self.ids.get(name, name)}
        with GarbageSlave() as nonsense:
            elsewhere = HostListing({"host4": replace(fleet.get("host4"), url=nonsense.url)})
            fleet.listing = lambda: elsewhere
            sent = (
                self.admin.send("POST", SAY, {**its, "uid": uid, "reason": "asked them"})
                if method == "POST"
                else self.admin.send("DELETE", f"{SAY}?{urlencode({**its, 'reason': 'was wrong'})}")
            )
        assert sent.status_code == 502
        fleet.listing = listing

    def arrives(self, name: str, uid: int | None) -> None:
        """It was done on the host all the same."""
        body = {"kind": "container", "id": self.ids[name], "uid": uid, "reason": "asked them"}
        assert self.slave.slave.post(ON_HOST, json=body).status_code == 200

    def read_after(self, seconds: float) -> None:
        self.master.clock.forward(seconds)
        self.slave.slave.clock.advance(seconds)
        self.master.master.docker.read("host4")

    def entries(self) -> list[dict[str, Any]]:
        """The newest first."""
        items = self.admin.json("/api/admin/audit")["items"]
        return [each for each in items if "attribut" in each["action"]]

    def outcomes(self) -> list[tuple[str, str | None]]:
        return [(each["outcome"], each["settled_by"]) for each in self.entries()]


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Hosted]:
    with ServedSlave(tmp_path / "slave", host="host4", SLAVE_HOST_ID="host4") as slave:
        hosted = Hosted(tmp_path, slave)
        yield hosted
        hosted.master.close()


@pytest.mark.parametrize("uid", [1001, None])
def test_what_came_through_is_applied(it: Hosted, uid: int | None) -> None:
    it.lose("POST", "build-tmp", uid)
    it.arrives("build-tmp", uid)
    it.read_after(LONG)
    [entry] = it.entries()
    assert (entry["outcome"], entry["settled_by"], entry["problem"]) == ("applied", "reading", None)
    assert (entry["after"]["method"], entry["after"]["uid"]) == ("override", uid)


@pytest.mark.parametrize("uid", [1001, None])
def test_what_did_not_come_through_has_failed(it: Hosted, uid: int | None) -> None:
    it.lose("POST", "build-tmp", uid)
    it.read_after(LONG)
    [entry] = it.entries()
    assert (entry["outcome"], entry["settled_by"]) == ("failed", "reading")
    assert entry["problem"] == "The host did not do it, as its next reading shows."


def test_a_word_taken_back_is_settled_too(it: Hosted) -> None:
    for name in ("build-tmp", "web"):
        it.arrives(name, 1001)
        it.lose("DELETE", name)
    its = urlencode({"kind": "container", "id": it.ids["build-tmp"]})
    assert it.slave.slave.delete(f"{ON_HOST}?{its}").status_code == 200
    it.read_after(LONG)
    assert {each["target_name"]: each["outcome"] for each in it.entries()} == {"build-tmp": "applied", "web": "failed"}


def test_before_the_deadline_a_reading_says_nothing_and_soon_after_it_only_what_was_done(it: Hosted) -> None:
    it.lose("POST", "build-tmp", 1001)
    it.arrives("build-tmp", 1001)
    it.lose("POST", "web", 1001)
    over = OVER_AFTER.total_seconds()
    it.read_after(over - 1)
    assert it.outcomes() == [("unknown", None)] * 2
    it.read_after(2)
    assert {each["target_name"]: each["outcome"] for each in it.entries()} == {"build-tmp": "applied", "web": "unknown"}


def test_another_word_since_then_leaves_the_first_unknown(it: Hosted) -> None:
    it.lose("POST", "build-tmp", 1001)
    it.master.clock.forward(1)
    it.admin.send("DELETE", f"{SAY}?{urlencode({'host': 'host4', 'kind': 'container', 'id': it.ids['build-tmp']})}")
    it.read_after(LONG)
    assert it.outcomes() == [("applied", "answer"), ("unknown", "overtaken")]


def test_of_what_is_gone_nothing_can_be_told_any_more(it: Hosted) -> None:
    it.lose("POST", "0" * 64, 1001)
    it.read_after(LONG)
    [entry] = it.entries()
    assert (entry["outcome"], entry["settled_by"]) == ("unknown", "reading")
    assert entry["problem"].startswith("The host's next reading does not show the object")


def test_a_host_that_does_not_answer_settles_nothing(it: Hosted) -> None:
    it.lose("POST", "build-tmp", 1001)
    fleet = it.master.master.fleet
    nowhere = HostListing({"host4": replace(fleet.get("host4"), url="http://127.0.0.1:9")})
    fleet.listing = lambda: nowhere
    it.read_after(LONG)
    assert it.outcomes() == [("unknown", None)]


def test_claims_are_settled_with_the_word(it: Hosted) -> None:
    alice, bob = it.master.log_in("alice"), it.master.log_in("bob")
    for user in (alice, bob):
        claim = {"host": "host4", "kind": "container", "id": it.ids["build-tmp"]}
        assert user.send("POST", "/api/me/docker/claims", claim).status_code == 200
    it.lose("POST", "build-tmp", 1001)
    it.arrives("build-tmp", 1001)
    it.read_after(LONG)
    assert [user.json("/api/me/docker")["claims"][0]["state"] for user in (alice, bob)] == ["denied", "confirmed"]
