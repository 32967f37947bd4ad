"""Docker's objects on the wire: what there is, how big, whose, and how that is known. The engine is not asked."""

from pathlib import Path
from typing import Any

import pytest

from app.backends.mock.hosts import MOCK_HOSTS
from app.docker_quota.backend import DockerBackend
from app.docker_quota.objects import CacheRecord, EngineDown, EngineState
from app.quota.values import DeviceKind, QuotaType
from app.slave.directory import FixedDirectory
from tests.fakes.docker_ledger import EACH, FREE, OVERHEAD, USERS, KeptLedger
from tests.fakes.slave_app import SlaveUnderTest, empty_database, start_slave

RESERVED = 10**6
LISTS = ("containers", "images", "volumes", "build-cache", "review-queue")
ALICE = {"qman.user": "alice"}
A, B = (f"sha256:{letter * 64}" for letter in "ab")
OF_NOBODY: dict[str, Any] = {"uid": None, "user": None, "method": "none", "certainty": "unknown", "candidates": []}
OF_ALICE = {"uid": 1000, "user": "alice", "method": "label", "certainty": "claimed", "candidates": []}


@pytest.fixture
def kept(tmp_path: Path) -> KeptLedger:
    made = KeptLedger(tmp_path)
    made.look()
    return made


@pytest.fixture
def slave(kept: KeptLedger) -> SlaveUnderTest:
    return slave_of(kept)


def slave_of(kept: KeptLedger) -> SlaveUnderTest:
    return start_slave(
        kept.database,
        backends=[DockerBackend(kept.ledger)],
        directory=FixedDirectory({uid: name for name, uid in USERS.items()}, {}),
        clock=kept.clock,
        inspector=kept.engine,
        DOCKER_QUOTA_RESERVED_BYTES=RESERVED,
    )


def listed(slave: SlaveUnderTest, what: str) -> Any:
    answer = slave.get(f"/remote-api/docker/{what}")
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def test_containers_are_listed_with_whose_they_are_the_largest_first(kept: KeptLedger, slave: SlaveUnderTest) -> None:
    small = kept.engine.add_container("db")
    large = kept.engine.add_container("web", labels=ALICE)
    kept.store.sizes[large] = 5 * EACH
    kept.look()
    kept.engine.calls.clear()
    web, db = listed(slave, "containers")
    assert web == {
        "id": large,
        "name": "web",
        "image": "",
        "state": "created",
        "created_at": "2026-09-21T14:13:23Z",
        "bytes": 5 * EACH,
        "log_bytes": 10,
        "measured_at": "2026-11-21T12:00:02Z",
        "attribution": OF_ALICE,
    }
    assert (db["id"], db["attribution"]) == (small, OF_NOBODY)
    assert kept.engine.calls == []


def test_an_image_says_what_it_alone_takes_and_who_is_made_from_it(kept: KeptLedger, slave: SlaveUnderTest) -> None:
    base = kept.engine.add_image("base", A)
    built = kept.engine.add_image("built", A, B, labels=ALICE)
    kept.engine.add_container("web", built)
    kept.look()
    found = {each["name"]: each for each in listed(slave, "images")}
    figures = {name: (each["bytes"], each["unshared_bytes"], each["containers"]) for name, each in found.items()}
    assert figures == {"built": (2 * EACH, EACH, 1), "base": (EACH, 0, 0)}
    assert (found["base"]["id"], found["built"]["tags"]) == (base, ["built"])
    assert found["built"]["attribution"]["user"] == "alice"


def test_volumes_and_build_cache(kept: KeptLedger, slave: SlaveUnderTest) -> None:
    kept.engine.add_volume("data")
    kept.engine.add_volume("f" * 64, anonymous=True)
    kept.engine.add_container("web", "", "data", labels=ALICE)
    kept.store.cache["record"] = 3 * EACH
    kept.look()
    volumes = {each["name"]: each for each in listed(slave, "volumes")}
    assert (volumes["data"]["containers"], volumes["data"]["anonymous"]) == (1, False)
    assert volumes["data"]["attribution"] == {**OF_ALICE, "method": "mount"}
    assert (volumes["f" * 64]["containers"], volumes["f" * 64]["anonymous"]) == (0, True)
    [record] = listed(slave, "build-cache")
    assert (record["id"], record["bytes"], record["created_at"]) == ("record", 3 * EACH, None)
    assert (record["in_use"], record["last_used_at"], record["usage_count"]) == (None, None, None)


def test_a_record_of_the_build_cache_has_an_age_and_whether_it_is_in_use(
    kept: KeptLedger, slave: SlaveUnderTest
) -> None:
    kept.store.cache["record"] = 3 * EACH
    created_ns = 1_795_324_189_642_199_773
    kept.engine.cache["record"] = CacheRecord(created_ns, created_ns + 10**9, in_use=True, shared=False, usage_count=2)
    kept.look()
    [record] = listed(slave, "build-cache")
    assert (record["created_at"], record["last_used_at"]) == ("2026-11-22T05:09:49Z", "2026-11-22T05:09:50Z")
    assert (record["in_use"], record["shared"], record["usage_count"]) == (True, False, 2)
    [decided] = [each for each in listed(slave, "review-queue") if each["kind"] == "cache"]
    assert decided["created_at"] == record["created_at"]


def test_the_review_queue_is_what_is_not_certain(kept: KeptLedger, slave: SlaveUnderTest) -> None:
    kept.engine.add_image("nobodys", A)
    kept.engine.add_container("claimed", labels=ALICE)
    sure = kept.engine.add_container("sure")
    kept.store.cache["record"] = 3 * EACH
    kept.look()
    body = {"kind": "container", "id": sure, "uid": 1001, "reason": "asked him"}
    assert slave.post("/remote-api/docker/attributions", json=body).status_code == 200
    queue = [(each["kind"], each["name"], each["bytes"]) for each in listed(slave, "review-queue")]
    assert queue[0] == ("cache", "record", 3 * EACH)
    assert sorted(queue[1:]) == [("container", "claimed", EACH), ("image", "nobodys", EACH)]


def test_the_store_adds_up_and_its_difference_is_told(kept: KeptLedger, slave: SlaveUnderTest) -> None:
    kept.engine.add_container("web", labels=ALICE)
    kept.engine.add_volume("nobodys")
    used = kept.store.filesystem_used = 2 * EACH + OVERHEAD
    kept.look()
    store = listed(slave, "store")
    assert store["shares"] == [
        {
            "uid": 1000,
            "user": "alice",
            "container_bytes": EACH,
            "image_layer_bytes": 0,
            "volume_bytes": 0,
            "build_cache_bytes": 0,
            "used_bytes": EACH,
            "claimed_bytes": 0,
        }
    ]
    assert (store["used_bytes"], store["unattributed_bytes"], store["overhead_bytes"]) == (used, EACH + OVERHEAD, 7)
    assert (store["free_bytes"], store["total_bytes"]) == (FREE - RESERVED, used + FREE - RESERVED)
    assert store["difference_bytes"] is None
    kept.store.filesystem_used = used + 500
    kept.look()
    assert listed(slave, "store")["difference_bytes"] == 500


def test_while_the_engine_is_down_the_last_look_stands(kept: KeptLedger, slave: SlaveUnderTest) -> None:
    its = kept.engine.add_container("web")
    kept.look()
    kept.engine.stop(EngineDown(EngineState.STOPPED, "It was stopped."))
    kept.look()
    assert [each["id"] for each in listed(slave, "containers")] == [its]
    store = listed(slave, "store")
    assert (store["state"], store["detail"]) == ("stopped", "It was stopped.")
    answer = slave.get(f"/remote-api/docker/inspect?kind=container&id={its}")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "device_unavailable")


@pytest.mark.parametrize("what", [*LISTS, "store", "inspect?kind=volume&id=v", "attributions?kind=volume&id=v"])
def test_before_the_first_look_nothing_is_known(what: str, tmp_path: Path) -> None:
    answer = slave_of(KeptLedger(tmp_path)).get(f"/remote-api/docker/{what}")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "device_unavailable")


@pytest.mark.parametrize("what", [*LISTS, "store", "inspect?kind=volume&id=v", "attributions?kind=volume&id=v"])
def test_a_slave_without_docker_says_so(what: str, tmp_path: Path) -> None:
    without = start_slave(empty_database(tmp_path))
    answer = without.get(f"/remote-api/docker/{what}")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "not_supported")
    assert without.get("/remote-api/host").get_json()["capabilities"]["docker"] is False


def test_a_slave_with_docker_says_so(slave: SlaveUnderTest) -> None:
    assert slave.get("/remote-api/host").get_json()["capabilities"]["docker"] is True


def test_inspect_asks_the_engine_for_what_the_ledger_has(kept: KeptLedger, slave: SlaveUnderTest) -> None:
    kept.engine.add_volume("data")
    kept.look()
    assert listed(slave, "inspect?kind=volume&id=data") == {"labels": {}, "name": "data"}
    kept.engine.calls.clear()
    answer = slave.get("/remote-api/docker/inspect?kind=volume&id=../data")
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (404, "id")
    assert kept.engine.calls == []
    del kept.engine.volumes["data"]  # since the last look
    assert slave.get("/remote-api/docker/inspect?kind=volume&id=data").status_code == 404
    assert slave.get("/remote-api/docker/inspect?kind=cache&id=data").status_code == 422


def test_unchanged_lists_need_not_be_sent_again(kept: KeptLedger, slave: SlaveUnderTest) -> None:
    first = slave.get("/remote-api/docker/containers")
    kept.look()  # later, and the same
    again = slave.get("/remote-api/docker/containers", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_the_objects_of_the_mock_host_are_what_its_device_says(tmp_path: Path) -> None:
    slave = start_slave(empty_database(tmp_path), host="host4")
    store = listed(slave, "store")
    [device] = [each for each in MOCK_HOSTS["host4"].devices if each.device.kind is DeviceKind.DOCKER]
    parts = {row.quota_id: dict(row.parts) for row in device.rows[QuotaType.USER]}
    shown = {share["uid"]: {part: share[f"{part}_bytes"] for part in parts[share["uid"]]} for share in store["shares"]}
    assert shown == parts
    assert (store["unattributed_bytes"], store["total_bytes"]) == (2**31, device.total)
    assert {each["attribution"]["certainty"] for each in listed(slave, "review-queue")} == {
        "claimed",
        "probable",
        "ambiguous",
        "unknown",
    }
    [its] = [each["id"] for each in listed(slave, "containers") if each["name"] == "web"]
    assert listed(slave, f"inspect?kind=container&id={its}")["state"] == "running"
