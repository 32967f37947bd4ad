"""Whose an object is, by an admin: it counts at once, is kept with who, when, why and what stood before, and can go."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app.docker_quota.backend import DockerBackend
from app.slave.directory import FixedDirectory
from tests.fakes.docker_ledger import EACH, USERS, KeptLedger
from tests.fakes.slave_app import READ, SlaveUnderTest, empty_database, start_slave

PATH = "/remote-api/docker/attributions"
ALICE = {"qman.user": "alice"}
BY_BOB = {"uid": 1001, "user": "bob", "method": "override", "certainty": "certain", "candidates": []}
OF_NOBODY: dict[str, Any] = {"uid": None, "user": None, "method": "none", "certainty": "unknown", "candidates": []}


@pytest.fixture
def kept(tmp_path: Path) -> KeptLedger:
    made = KeptLedger(tmp_path)
    made.look()
    return made


@pytest.fixture
def slave(kept: KeptLedger) -> SlaveUnderTest:
    return start_slave(
        kept.database,
        backends=[DockerBackend(kept.ledger)],
        directory=FixedDirectory({uid: name for name, uid in USERS.items()}, {}),
        clock=kept.clock,
        inspector=kept.engine,
        READ_INTERVAL_SECONDS=0,
    )


@pytest.fixture
def its(kept: KeptLedger) -> str:
    """A container that alice claims."""
    made = kept.engine.add_container("web", labels=ALICE)
    kept.look()
    return made


def say(slave: SlaveUnderTest, object_id: str, **members: Any) -> Any:
    body = {"kind": "container", "id": object_id, "uid": 1001, "reason": "asked him", **members}
    answer = slave.post(PATH, json=body)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def attribution(slave: SlaveUnderTest) -> Any:
    [container] = slave.get("/remote-api/docker/containers").get_json()
    return container["attribution"]


def usage(slave: SlaveUnderTest) -> Mapping[str, int]:
    [device] = slave.get("/remote-api/quotas").get_json()
    return {row["name"]: row["block_current"] for row in device["user_quotas"]}


def test_it_counts_at_once_and_after_the_next_look(kept: KeptLedger, slave: SlaveUnderTest, its: str) -> None:
    assert usage(slave) == {"alice": EACH}
    said = say(slave, its, by="charlie")
    assert (said["name"], said["attribution"]) == ("web", BY_BOB)
    assert said["history"] == [
        {
            "at": "2026-11-21T12:00:02Z",
            "by": "charlie",
            "action": "set",
            "uid": 1001,
            "user": "bob",
            "reason": "asked him",
            "before": {**OF_NOBODY, "uid": 1000, "user": "alice", "method": "label", "certainty": "claimed"},
        }
    ]
    assert (attribution(slave), usage(slave)) == (BY_BOB, {"bob": EACH})
    kept.look()
    assert (attribution(slave), usage(slave)) == (BY_BOB, {"bob": EACH})


def test_a_look_that_was_under_way_does_not_undo_it(kept: KeptLedger, slave: SlaveUnderTest) -> None:
    its = kept.engine.add_container("web", labels=ALICE)
    kept.look()
    kept.store.sizes[its] = 2 * EACH
    kept.meanwhile = lambda: say(slave, its)
    kept.look()
    assert (attribution(slave), usage(slave)) == (BY_BOB, {"bob": 2 * EACH})


def test_taking_back_during_a_look_is_not_undone_either(kept: KeptLedger, slave: SlaveUnderTest, its: str) -> None:
    say(slave, its)
    kept.store.sizes[its] = 2 * EACH
    kept.meanwhile = lambda: slave.delete(f"{PATH}?kind=container&id={its}")
    kept.look()
    assert (attribution(slave), usage(slave)) == (OF_NOBODY, {})
    kept.meanwhile = lambda: None
    kept.look()
    assert (attribution(slave)["user"], usage(slave)) == ("alice", {"alice": 2 * EACH})


def test_nobodys_is_a_word_too(slave: SlaveUnderTest, its: str) -> None:
    said = say(slave, its, uid=None)
    assert said["attribution"] == {**OF_NOBODY, "method": "override", "certainty": "certain"}
    assert usage(slave) == {}


def test_the_same_again_is_no_other_word(kept: KeptLedger, slave: SlaveUnderTest, its: str) -> None:
    first = say(slave, its)
    kept.clock.advance(60)
    assert say(slave, its) == first
    assert len(say(slave, its, reason="asked her")["history"]) == 2


def test_without_a_name_it_is_the_keys_word(slave: SlaveUnderTest, its: str) -> None:
    assert say(slave, its)["history"][0]["by"] == "w1"


def test_taken_back_what_was_known_before_holds_again(kept: KeptLedger, slave: SlaveUnderTest, its: str) -> None:
    before = attribution(slave)
    say(slave, its)
    say(slave, its, uid=1000)
    kept.look()
    gone = slave.delete(f"{PATH}?kind=container&id={its}&reason=mistaken&by=charlie")
    assert gone.status_code == 200
    assert gone.get_json()["attribution"] == before
    assert [(word["action"], word["by"], word["reason"]) for word in gone.get_json()["history"]][-1] == (
        "withdrawn",
        "charlie",
        "mistaken",
    )
    assert (attribution(slave), usage(slave)) == (before, {"alice": EACH})
    kept.look()
    assert attribution(slave) == before
    again = slave.delete(f"{PATH}?kind=container&id={its}")
    assert (again.status_code, again.get_json()) == (200, gone.get_json())


def test_a_word_holds_for_the_very_object(kept: KeptLedger, slave: SlaveUnderTest) -> None:
    kept.engine.add_volume("data")
    kept.look()
    say(slave, "data", kind="volume")
    kept.engine.volumes["data"] = kept.engine.volumes["data"].__class__("data", "local", 1_791_000_000)
    kept.look()
    shown = slave.get(f"{PATH}?kind=volume&id=data").get_json()
    assert (shown["attribution"], shown["history"]) == (OF_NOBODY, [])


def test_layers_follow_their_image_with_the_next_look(kept: KeptLedger, slave: SlaveUnderTest) -> None:
    image = kept.engine.add_image("built", "sha256:" + "a" * 64)
    kept.look()
    say(slave, image, kind="image")
    kept.look()
    assert usage(slave) == {"bob": EACH}


@pytest.mark.parametrize(("kind", "object_id"), [("container", "0" * 64), ("volume", "../web"), ("cache", "x' OR 1")])
def test_what_is_not_there_is_nobodys_to_give(slave: SlaveUnderTest, its: str, kind: str, object_id: str) -> None:
    body = {"kind": kind, "id": object_id, "uid": 1001, "reason": ""}
    answers = [slave.post(PATH, json=body), slave.delete(PATH + f"?kind={kind}&id={object_id}")]
    found = [(each.status_code, each.get_json()["code"], each.get_json()["errors"][0]["field"]) for each in answers]
    assert found == [(404, "not_found", "id")] * 2


def test_what_is_gone_is_not_there(kept: KeptLedger, slave: SlaveUnderTest, its: str) -> None:
    kept.engine.remove_container(its)
    kept.look()
    assert slave.delete(f"{PATH}?kind=container&id={its}").status_code == 404


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"uid": -1}, "uid"),
        ({"uid": "1001"}, "uid"),
        ({"uid": 2**32}, "uid"),
        ({"kind": "network"}, "kind"),
        ({"id": ""}, "id"),
        ({"reason": "x" * 1001}, "reason"),
        ({"user": "bob"}, "user"),
    ],
)
def test_what_is_malformed_is_refused(slave: SlaveUnderTest, its: str, members: dict[str, Any], field: str) -> None:
    body = {"kind": "container", "id": its, "uid": 1001, "reason": "", **members}
    answer = slave.post(PATH, json=body)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, field)
    del body["uid"]
    assert slave.post(PATH, json=body).status_code == 422


def test_a_read_key_changes_nothing(slave: SlaveUnderTest, its: str) -> None:
    body = {"kind": "container", "id": its, "uid": 1001, "reason": ""}
    answers = [slave.post(PATH, json=body, key=READ), slave.delete(f"{PATH}?kind=container&id={its}", key=READ)]
    assert [each.status_code for each in answers] == [403, 403]
    assert attribution(slave)["user"] == "alice"


def test_without_docker_there_is_nothing_to_give(tmp_path: Path) -> None:
    folder = tmp_path / "another"
    folder.mkdir()
    without = start_slave(empty_database(folder))
    body = {"kind": "container", "id": "x", "uid": 1001, "reason": ""}
    answers = [without.post(PATH, json=body), without.delete(f"{PATH}?kind=container&id=x")]
    assert [each.status_code for each in answers] == [409, 409]
