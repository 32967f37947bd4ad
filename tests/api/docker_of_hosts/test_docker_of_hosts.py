"""Docker's objects of hosts, on the master: as last read, what is to be decided, what is mine, and who says so."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from app.db.repositories.docker_hosts import DockerHostRepository
from app.master.docker.reading import DockerReadings
from app.master.fleet import HostListing
from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.served_slave import ServedSlave
from tests.fakes.slaves import GarbageSlave

HOST = "/api/admin/docker/hosts/host4"
REVIEW = "/api/admin/docker/review-queue"
SAY = "/api/admin/docker/attributions"
CLAIMS = "/api/me/docker/claims"


@pytest.fixture
def bob(master: MasterWithPeople) -> LoggedIn:
    return master.log_in("bob")


def queue(admin: LoggedIn) -> dict[str, Any]:
    return {item["name"]: item for item in admin.json(REVIEW)["items"]}


def container(admin: LoggedIn, name: str) -> Any:
    [found] = [each for each in admin.json(HOST)["containers"] if each["name"] == name]
    return found


def say(admin: LoggedIn, object_id: str, uid: int | None, kind: str = "container", host: str = "host4") -> Any:
    return admin.send("POST", SAY, {"host": host, "kind": kind, "id": object_id, "uid": uid, "reason": "asked them"})


def claim(user: LoggedIn, object_id: str, kind: str = "container", host: str = "host4") -> Any:
    return user.send("POST", CLAIMS, {"host": host, "kind": kind, "id": object_id})


def move(master: MasterWithPeople, url: str) -> None:
    """From now on the host answers elsewhere."""
    fleet = master.master.fleet
    listing = HostListing({"host4": replace(fleet.get("host4"), url=url)})
    fleet.listing = lambda: listing


def test_a_host_shows_what_it_has_and_how_old_that_is(master: MasterWithPeople, admin: LoggedIn) -> None:
    master.clock.forward(10)
    host = admin.json(HOST)
    assert (host["host"], host["age_seconds"], host["problem"]) == ("host4", 10, None)
    assert [each["name"] for each in host["containers"]][:1] == ["train-7"]
    assert [len(host[what]) for what in ("containers", "images", "volumes", "build_cache")] == [6, 4, 4, 2]
    assert [share["user"] for share in host["store"]["shares"]] == ["bob", "alice", "charlie"]
    assert admin.get("/api/admin/docker/hosts/host5").status_code == 404


def test_a_host_that_is_gone_keeps_what_it_last_said(
    master: MasterWithPeople, slave: ServedSlave, admin: LoggedIn
) -> None:
    master.clock.forward(10)
    move(master, "http://127.0.0.1:9")
    master.master.docker.read("host4")
    host = admin.json(HOST)
    assert (host["problem"]["code"], host["age_seconds"], len(host["containers"])) == ("refused", 10, 6)


def test_the_review_queue_has_what_is_not_certain_of_all_hosts(admin: LoggedIn) -> None:
    page = admin.json(f"{REVIEW}?page_size=2")
    assert (page["total"], len(page["items"]), [each["host"] for each in page["hosts"]]) == (8, 2, ["host4"])
    assert admin.json(f"{REVIEW}?host=host5")["total"] == 0
    assert queue(admin)["build-tmp"]["attribution"]["certainty"] == "ambiguous"


def test_a_word_of_an_admin_counts_on_the_host_and_is_in_the_trail(admin: LoggedIn, slave: ServedSlave) -> None:
    its = container(admin, "build-tmp")["id"]
    answer = say(admin, its, 1001)
    assert answer.status_code == 200, answer.get_json()
    assert answer.get_json()["object"]["history"][-1]["by"] == "root-of-all"
    attribution = {"uid": 1001, "user": "bob", "method": "override", "certainty": "certain", "candidates": []}
    assert container(admin, "build-tmp")["attribution"] == attribution
    assert "build-tmp" not in queue(admin)
    [on_host] = [
        each for each in slave.slave.get("/remote-api/docker/containers").get_json() if each["name"] == "build-tmp"
    ]
    assert on_host["attribution"] == attribution
    [entry] = admin.json("/api/admin/audit?action=attribute_object")["items"]
    assert entry["id"] == answer.get_json()["audit_id"]
    assert (entry["host"], entry["device"], entry["target_name"]) == ("host4", "docker", "build-tmp")
    assert (entry["outcome"], entry["reason"], entry["after"]) == (
        "applied",
        "asked them",
        attribution | {"kind": "container"},
    )
    assert entry["before"]["certainty"] == "ambiguous"
    undo = admin.send("POST", f"/api/admin/audit/{entry['id']}/undo", {"reason": ""})
    assert (undo.status_code, undo.get_json()["code"]) == (409, "not_undoable")


def test_a_word_is_taken_back(admin: LoggedIn) -> None:
    its = container(admin, "build-tmp")["id"]
    say(admin, its, 1001)
    place = urlencode({"host": "host4", "kind": "container", "id": its, "reason": "was wrong"})
    assert admin.send("DELETE", f"{SAY}?{place}").status_code == 200
    assert container(admin, "build-tmp")["attribution"]["certainty"] == "ambiguous"
    [entry] = admin.json("/api/admin/audit?action=withdraw_attribution")["items"]
    assert (entry["outcome"], entry["reason"]) == ("applied", "was wrong")


def test_what_the_host_refuses_is_told_and_in_the_trail(admin: LoggedIn) -> None:
    answer = say(admin, "0" * 64, 1001)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (404, "id")
    [entry] = admin.json("/api/admin/audit?action=attribute_object")["items"]
    assert entry["outcome"] == "refused"
    assert say(admin, "0" * 64, 1001, host="host9").status_code == 404


def test_a_word_whose_end_is_not_known_does_not_stop_readings(
    master: MasterWithPeople, slave: ServedSlave, admin: LoggedIn
) -> None:
    its = container(admin, "build-tmp")["id"]
    listing = master.master.fleet.listing
    with GarbageSlave() as nonsense:
        move(master, nonsense.url)
        assert say(admin, its, 1001).status_code == 502
    master.master.fleet.listing = listing
    master.clock.forward(100)
    slave.slave.clock.advance(100)
    master.collect()
    [host] = admin.json("/api/hosts")["items"]
    assert (host["state"], host["age_seconds"]) == ("ok", 0)
    [entry] = admin.json("/api/admin/audit?action=attribute_object")["items"]
    assert entry["outcome"] == "unknown", "no reading of quotas tells"


def test_a_claim_attributes_nothing_until_an_admin_says_so(admin: LoggedIn, alice: LoggedIn) -> None:
    its = container(admin, "build-tmp")["id"]
    made = claim(alice, its)
    assert (made.status_code, made.get_json()["state"]) == (200, "open")
    assert claim(alice, its).get_json() == made.get_json()
    assert container(admin, "build-tmp")["attribution"]["uid"] is None
    first = admin.json(REVIEW)["items"][0]
    assert [(each["name"], each["uid"], each["username"]) for each in first["claims"]] == [("alice", 1000, "alice")]
    say(admin, its, 1000)
    assert [each["state"] for each in alice.json("/api/me/docker")["claims"]] == ["confirmed"]


def test_who_is_not_meant_has_their_claim_denied(admin: LoggedIn, alice: LoggedIn, bob: LoggedIn) -> None:
    its = container(admin, "build-tmp")["id"]
    claim(alice, its)
    claim(bob, its)
    say(admin, its, 1001)
    states = [user.json("/api/me/docker")["claims"][0]["state"] for user in (alice, bob)]
    assert states == ["denied", "confirmed"]


def test_what_speaks_for_others_cannot_be_claimed(master: MasterWithPeople, admin: LoggedIn, alice: LoggedIn) -> None:
    charlie, stranger = master.log_in("charlie"), master.log_in("stranger")
    names = {each["name"]: each["id"] for each in admin.json(HOST)["containers"]}
    [old] = [each["id"] for each in admin.json(HOST)["images"] if not each["tags"]]
    refused = [
        claim(alice, names["postgres"]),  # certainly charlie's
        claim(alice, names["train-7"]),  # bob claims it by a label
        claim(alice, names["web"]),  # probably charlie's
        claim(alice, "0" * 64),
        claim(alice, names["build-tmp"], host="host9"),
        claim(charlie, names["build-tmp"]),  # it was alice or bob
        claim(stranger, old, kind="image"),  # has no account there
    ]
    told = [(each.status_code, each.get_json()["code"], each.get_json()["detail"]) for each in refused]
    assert set(told) == {(404, "not_found", "There is no such thing that you could claim.")}
    assert claim(charlie, names["web"]).status_code == 200
    assert claim(charlie, old, kind="image").status_code == 200


def test_my_share_is_what_counts_as_mine_and_what_may_be_without_others_names(alice: LoggedIn) -> None:
    mine = alice.json("/api/me/docker")
    found = [(item["kind"], item["name"], item["is_mine"]) for item in mine["items"]]
    assert found == [
        ("image", "pytorch:2.9", True),
        ("volume", "alice-notebooks", True),
        ("container", "jupyter", True),
        ("cache", "pip1t0rch0whe3l0cach3000a", True),
        ("container", "build-tmp", False),
    ]
    uses = [(item["state"], item["containers"], item["unshared_bytes"]) for item in mine["items"]]
    assert uses == [
        (None, 1, 2560 * 1024**2),
        (None, 1, None),
        ("running", None, None),
        (None, None, None),
        ("exited", None, None),
    ]
    assert [item["is_tagged"] for item in mine["items"]] == [True, None, None, None, None]
    assert mine["items"][-1]["attribution"]["candidates"] == [{"uid": 1000, "user": "alice"}]
    assert "bob" not in str(mine)


def test_whom_a_label_names_against_what_is_certain_is_told_nothing_of_it(
    master: MasterWithPeople, alice: LoggedIn
) -> None:
    before = alice.json("/api/me/docker")
    with master.database.write() as connection:
        rows = DockerHostRepository(connection)
        its = rows.readings(["host4"])["host4"]
        body = json.loads(its.body)
        [postgres] = [each for each in body["containers"] if each["name"] == "postgres"]
        assert postgres["attribution"]["certainty"] == "certain"
        postgres["attribution"]["candidates"] = [{"uid": 1000, "user": "alice"}]
        rows.put_reading(its._replace(body=json.dumps(body)))
    assert alice.json("/api/me/docker") == before
    assert claim(alice, postgres["id"]).status_code == 404


def test_who_has_no_account_there_sees_no_host(master: MasterWithPeople) -> None:
    assert master.log_in("stranger").json("/api/me/docker") == {
        "items": [],
        "total": 0,
        "page": 1,
        "page_size": 100,
        "hosts": [],
        "claims": [],
    }


def test_what_is_old_is_read_aside_and_nobody_waits(master: MasterWithPeople, admin: LoggedIn) -> None:
    aside: list[Any] = []
    readings = DockerReadings(
        master.database, master.master.fleet, master.master.client, master.clock, submit=aside.append
    )
    with master.database.read() as connection:
        stored = DockerHostRepository(connection).readings(["host4"])
    readings.renew(stored, ["host4"])
    assert aside == []
    master.clock.forward(16)
    readings.renew(stored, ["host4"])
    readings.renew(stored, ["host4"])
    assert len(aside) == 1
    aside.pop()()
    with master.database.read() as connection:
        assert DockerHostRepository(connection).readings(["host4"])["host4"].taken_at == master.clock()
