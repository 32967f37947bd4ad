"""A claim is on one object, and none on another that later has its name."""

import json
from typing import Any

from app.db.repositories.docker_hosts import DockerHostRepository
from tests.fakes.people import LoggedIn, MasterWithPeople

SCRATCH = {"host": "host4", "kind": "volume", "id": "scratch"}


def make_again(master: MasterWithPeople, created_at: str) -> None:
    """The volume is removed, and another of its name is there when the host is read again."""
    with master.database.write() as connection:
        rows = DockerHostRepository(connection)
        its = rows.readings(["host4"])["host4"]
        body = json.loads(its.body)
        for each in (*body["volumes"], *body["review_queue"]):
            if each["name"] == "scratch":
                each["created_at"] = created_at
        rows.put_reading(its._replace(body=json.dumps(body)))


def claimed(user: LoggedIn) -> Any:
    answer = user.send("POST", "/api/me/docker/claims", SCRATCH)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def claims_in_queue(admin: LoggedIn) -> list[str]:
    items = admin.json("/api/admin/docker/review-queue")["items"]
    [scratch] = [each for each in items if each["name"] == "scratch"]
    return [each["name"] for each in scratch["claims"]]


def test_another_object_of_the_name_has_no_claim_of_the_last(master: MasterWithPeople) -> None:
    admin, alice, bob = master.log_in("root", is_admin=True), master.log_in("alice"), master.log_in("bob")
    on_the_first = claimed(alice)
    assert claims_in_queue(admin) == ["alice"]
    make_again(master, "2026-12-24T18:00:00Z")
    assert claims_in_queue(admin) == []
    on_the_second = claimed(alice)
    assert on_the_second["id"] != on_the_first["id"]
    assert on_the_second["object_created_at"] == "2026-12-24T18:00:00Z"
    assert claimed(bob)["object_created_at"] == "2026-12-24T18:00:00Z"
    assert claimed(alice) == on_the_second, "while it is open it is the same one"
    assert sorted(claims_in_queue(admin)) == ["alice", "bob"]


def test_whose_one_is_settles_no_claim_on_another(master: MasterWithPeople) -> None:
    admin, alice = master.log_in("root", is_admin=True), master.log_in("alice")
    first = claimed(alice)
    make_again(master, "2026-12-24T18:00:00Z")
    second = claimed(alice)
    said = {**SCRATCH, "uid": 1000, "reason": ""}
    answer = admin.send("POST", "/api/admin/docker/attributions", said)
    assert answer.status_code == 200, "the host has the first one"
    states = {each["id"]: each["state"] for each in alice.json("/api/me/docker")["claims"]}
    assert states == {first["id"]: "confirmed", second["id"]: "open"}
