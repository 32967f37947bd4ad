"""What of Docker is somebody's or may be, found and claimed by them; and what was said about an object."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import delete, update

from app.db.repositories.docker_hosts import DockerHostRepository
from app.db.tables.fleet import QuotaRow
from tests.fakes.people import LoggedIn, MasterWithPeople

MINE, CLAIMS, SAY = "/api/me/docker", "/api/me/docker/claims", "/api/admin/docker/attributions"


def change_reading(master: MasterWithPeople, change: Callable[[Any], None]) -> None:
    with master.database.write() as connection:
        rows = DockerHostRepository(connection)
        its = rows.readings(["host4"])["host4"]
        body = json.loads(its.body)
        change(body)
        rows.put_reading(its._replace(body=json.dumps(body, separators=(",", ":"))))


def drop_quotas(master: MasterWithPeople, name: str) -> None:
    with master.database.write() as connection:
        connection.execute(delete(QuotaRow).where(QuotaRow.name == name))


def claim(user: LoggedIn, called: str, kind: str = "container") -> Any:
    return user.send("POST", CLAIMS, {"host": "host4", "kind": kind, "id": called})


def said_of(admin: LoggedIn, kind: str, its_id: str) -> list[dict[str, Any]]:
    place = urlencode({"host": "host4", "kind": kind, "id": its_id})
    items: list[dict[str, Any]] = admin.json(f"/api/admin/docker/history?{place}")["items"]
    return items


def test_a_thing_is_claimed_by_its_name_or_by_how_its_id_begins(admin: LoggedIn, alice: LoggedIn) -> None:
    [its] = [each for each in admin.json("/api/admin/docker/review-queue")["items"] if each["name"] == "build-tmp"]
    told = [claim(alice, called) for called in ("build-tmp", its["id"], its["id"][:12])]
    assert [each.status_code for each in told] == [200] * 3
    assert {each.get_json()["id"] for each in told} == {alice.json(MINE)["claims"][0]["id"]}
    assert (told[0].get_json()["object_id"], told[0].get_json()["name"]) == (its["id"], "build-tmp")
    assert [each["name"] for each in alice.json(MINE)["claims"]] == ["build-tmp"]
    assert claim(alice, its["id"][:7]).status_code == 404


def test_a_name_that_is_not_mine_to_claim_is_answered_as_none(master: MasterWithPeople, alice: LoggedIn) -> None:
    refused = [
        claim(alice, "postgres"),
        claim(alice, "train-7"),
        claim(alice, "nosuch"),
        claim(alice, "build-tmp", "image"),
    ]
    told = {(each.status_code, each.get_json()["code"], each.get_json()["detail"]) for each in refused}
    assert told == {(404, "not_found", "There is no such thing that you could claim.")}

    def twins(body: Any) -> None:
        [its] = [each for each in body["containers"] if each["name"] == "build-tmp"]
        body["containers"].append(its | {"id": "f" * 64})

    change_reading(master, twins)
    assert claim(alice, "build-tmp").status_code == 404, "two are called so"
    assert claim(alice, "f" * 64).status_code == 200


def test_a_claim_keeps_no_name_of_what_is_somebody_elses_now(admin: LoggedIn, alice: LoggedIn) -> None:
    its = claim(alice, "build-tmp").get_json()
    said = {"host": "host4", "kind": "container", "id": its["object_id"], "uid": 1001, "reason": ""}
    assert admin.send("POST", SAY, said).status_code == 200
    [denied] = alice.json(MINE)["claims"]
    assert (denied["state"], denied["name"]) == ("denied", None)


def test_who_is_only_a_candidate_finds_what_may_be_theirs(master: MasterWithPeople, alice: LoggedIn) -> None:
    before = alice.json(MINE)
    assert [(each["host"], each["has_quota"]) for each in before["hosts"]] == [("host4", True)]
    drop_quotas(master, "alice")
    after = alice.json(MINE)
    assert [(each["host"], each["has_quota"]) for each in after["hosts"]] == [("host4", False)]
    assert after["items"] == before["items"]
    assert claim(alice, "build-tmp").status_code == 200


@pytest.mark.parametrize("name", ["bob", "alicia"])
def test_a_uid_that_may_be_another_persons_is_no_account(master: MasterWithPeople, alice: LoggedIn, name: str) -> None:
    drop_quotas(master, "alice")

    def rename_once(body: Any) -> None:
        [its] = [each for each in body["containers"] if each["name"] == "jupyter"]
        its["attribution"]["user"] = name

    change_reading(master, rename_once)
    assert (alice.json(MINE)["hosts"], alice.json(MINE)["items"]) == ([], [])
    assert claim(alice, "build-tmp").status_code == 404


def test_a_uid_that_has_another_name_in_quotas_is_no_account(master: MasterWithPeople, alice: LoggedIn) -> None:
    with master.database.write() as connection:
        connection.execute(update(QuotaRow).where(QuotaRow.name == "alice").values(name="alicia"))
    assert alice.json(MINE)["hosts"] == []


def test_a_mapping_of_somebody_else_goes_before_the_same_name(
    master: MasterWithPeople, admin: LoggedIn, alice: LoggedIn
) -> None:
    drop_quotas(master, "alice")
    bob = master.log_in("bob")
    mapping = {"person": bob.person_id, "host": "host4", "username": "alice"}
    assert admin.send("POST", "/api/admin/mappings", mapping).status_code in {200, 201}
    assert alice.json(MINE)["hosts"] == []
    assert "jupyter" in {each["name"] for each in bob.json(MINE)["items"]}


def test_all_that_was_said_is_told_also_when_it_is_taken_back(
    master: MasterWithPeople, admin: LoggedIn, alice: LoggedIn
) -> None:
    its = claim(alice, "build-tmp").get_json()["object_id"]
    place = {"host": "host4", "kind": "container", "id": its}
    master.clock.forward(1)
    admin.send("POST", SAY, place | {"uid": 1001, "reason": "asked them"})
    master.clock.forward(1)
    admin.send("DELETE", f"{SAY}?{urlencode(place | {'reason': 'was wrong'})}")
    found = [
        (each["action"], each["by"], each["user"], each["reason"], each["state"])
        for each in said_of(admin, "container", its)
    ]
    assert found == [
        ("withdrawn", "root-of-all", None, "was wrong", "applied"),
        ("set", "root-of-all", "bob", "asked them", "applied"),
        ("claimed", "alice", "alice", "", "denied"),
    ]
    assert said_of(admin, "volume", its) == [], "of what is of another kind nothing was said"
    assert alice.get("/api/admin/docker/history?host=host4&kind=container&id=x").status_code == 403


def test_what_was_said_of_an_earlier_thing_of_its_name_is_not_told(
    master: MasterWithPeople, admin: LoggedIn, alice: LoggedIn
) -> None:
    assert claim(alice, "scratch", "volume").status_code == 200
    said = {"host": "host4", "kind": "volume", "id": "scratch", "uid": None, "reason": ""}
    assert admin.send("POST", SAY, said).status_code == 200
    assert [each["action"] for each in said_of(admin, "volume", "scratch")] == ["set", "claimed"]

    def make_again(body: Any) -> None:
        for each in (*body["volumes"], *body["review_queue"]):
            if each["name"] == "scratch":
                each["created_at"] = "2099-12-24T18:00:00Z"

    change_reading(master, make_again)
    assert said_of(admin, "volume", "scratch") == []
