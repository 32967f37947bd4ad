"""Many ids at once: a result for each, whatever becomes of the others."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.db.engine import Database
from app.quota.errors import DeviceUnavailableError
from app.quota.values import Limits, Quota, QuotaType
from app.slave.directory import FixedDirectory
from app.web.quota_changes import BatchOut
from tests.fakes.backends import BackendAround, DownBackend, HangingBackend
from tests.fakes.slave_app import READ, SettableClock, SlaveUnderTest, mock_backend, start_slave

BATCH = "/remote-api/quotas/batch"
SDA = "/dev/sda1"
ALICE, BOB, CHARLIE, DIANA, EVE = range(1000, 1005)
GIB_IN_KIB = 2**20
LIMITS = ("block_soft_limit", "block_hard_limit", "inode_soft_limit", "inode_hard_limit")


class RefusingBackend(BackendAround):
    """Cannot set the limits of `refused`, and does not know why when it is `lost`; `seen` are all that were tried."""

    refused: frozenset[int] = frozenset()
    lost: frozenset[int] = frozenset()

    def set_limits(self, device: str, quota_type: QuotaType, quota_id: int, *, block: Limits, inode: Limits) -> Quota:
        if quota_id in self.lost:
            raise ZeroDivisionError("password=hunter2")
        if quota_id in self.refused:
            raise DeviceUnavailableError("Input/output error.")
        return super().set_limits(device, quota_type, quota_id, block=block, inode=inode)


class StuckFrom(HangingBackend):
    """Hangs as soon as the limits of `stuck` are set."""

    stuck = 0

    def before(self, call: str) -> None:
        """Only what `set_limits` says hangs."""

    def set_limits(self, device: str, quota_type: QuotaType, quota_id: int, *, block: Limits, inode: Limits) -> Quota:
        if quota_id == self.stuck:
            HangingBackend.before(self, "set_limits")
        return super().set_limits(device, quota_type, quota_id, block=block, inode=inode)


def batch(slave: SlaveUnderTest, limits: dict[str, int], device: str = SDA, **whom: Any) -> list[dict[str, Any]]:
    answer = slave.post(BATCH, json={"device": device, "limits": limits, **whom})
    assert answer.status_code == 200, answer.data
    BatchOut.model_validate_json(answer.data)
    results: list[dict[str, Any]] = answer.get_json()["results"]
    return results


def rows(slave: SlaveUnderTest, device: str = SDA, quota_type: str = "user") -> dict[int, dict[str, Any]]:
    (found,) = slave.get(f"/remote-api/quotas?device={device}").get_json()
    key = {"user": "uid", "group": "gid", "project": "project_id"}[quota_type]
    return {row[key]: row for row in found[f"{quota_type}_quotas"]}


@pytest.fixture
def refusing(database: Database) -> RefusingBackend:
    return RefusingBackend(mock_backend(database, "host1", clock=SettableClock()))


def test_each_named_id_is_set_in_the_order_named_and_once(slave: SlaveUnderTest) -> None:
    before = rows(slave)
    results = batch(slave, {"inode_hard_limit": 300_000}, ids=[EVE, ALICE, EVE, 5000])
    assert [(each["id"], each["name"], each["ok"]) for each in results] == [
        (EVE, "eve", True),
        (ALICE, "alice", True),
        (5000, "#5000", True),
    ]
    stands = rows(slave)
    assert [each["row"] for each in results] == [stands[EVE], stands[ALICE], stands[5000]]
    assert [each["before"] for each in results[:2]] == [{f: before[uid][f] for f in LIMITS} for uid in (EVE, ALICE)]
    assert stands[ALICE] == {**before[ALICE], "inode_hard_limit": 300_000}
    assert stands[BOB] == before[BOB]


def test_names_are_found_and_an_unknown_one_fails_by_itself(slave: SlaveUnderTest) -> None:
    results = batch(slave, {"inode_hard_limit": 300_000}, names=["nobody-here", "eve", "../etc", "alice", "eve"])
    assert [(each["id"], each["name"], each["ok"]) for each in results] == [
        (None, "nobody-here", False),
        (EVE, "eve", True),
        (None, "../etc", False),
        (ALICE, "alice", True),
    ]
    assert [each["problem"]["code"] for each in results if not each["ok"]] == ["user_not_found", "user_not_found"]
    assert rows(slave)[ALICE]["inode_hard_limit"] == 300_000


def test_all_are_those_listed_but_for_id_0(slave: SlaveUnderTest) -> None:
    batch(slave, {"block_hard_limit": GIB_IN_KIB}, ids=[0, 7])
    results = batch(slave, {"inode_hard_limit": 400_000}, all=True)
    assert [each["id"] for each in results] == [7, ALICE, BOB, CHARLIE, DIANA, EVE]
    assert rows(slave)[0]["inode_hard_limit"] == 0


@pytest.mark.parametrize(
    ("quota_type", "device", "ids"), [("group", SDA, [2000, 2001]), ("project", "/dev/nvme1n1p1", [7, 8])]
)
def test_groups_and_projects(slave: SlaveUnderTest, quota_type: str, device: str, ids: list[int]) -> None:
    results = batch(slave, {"inode_hard_limit": 999_000}, device=device, quota_type=quota_type, all=True)
    assert [each["id"] for each in results] == ids
    assert {row["inode_hard_limit"] for row in rows(slave, device, quota_type).values()} == {999_000}


def test_one_that_cannot_be_set_stops_no_other(slave: SlaveUnderTest) -> None:
    """Bob's soft limit of files is 200,000: a hard limit of 150,000 alone does not go with it."""
    results = batch(slave, {"inode_hard_limit": 150_000}, ids=[CHARLIE, BOB, DIANA])
    assert [each["ok"] for each in results] == [True, False, True]
    problem = results[1]["problem"]
    assert (problem["code"], problem["errors"][0]["field"]) == ("invalid_input", "inode_soft_limit")
    assert results[1]["before"]["inode_soft_limit"] == 200_000
    assert [rows(slave)[uid]["inode_hard_limit"] for uid in (CHARLIE, BOB, DIANA)] == [150_000, 0, 150_000]


def test_a_backend_that_fails_for_one_stops_no_other(database: Database, refusing: RefusingBackend) -> None:
    refusing.refused, refusing.lost = frozenset({BOB}), frozenset({CHARLIE})
    slave = start_slave(database, backends=[refusing])
    results = batch(slave, {"inode_hard_limit": 300_000}, ids=[ALICE, BOB, CHARLIE, DIANA])
    assert [each["ok"] for each in results] == [True, False, False, True]
    assert [each["problem"]["code"] for each in results[1:3]] == ["device_unavailable", "backend_unavailable"]
    assert "hunter2" not in str(results)


def test_a_device_that_gets_stuck_is_waited_for_once(database: Database) -> None:
    stuck = StuckFrom(mock_backend(database, "host1", clock=SettableClock()))
    stuck.stuck = BOB
    slave = start_slave(database, backends=[stuck], DEVICE_TIMEOUT_SECONDS=2)
    started = time.monotonic()
    results = batch(slave, {"inode_hard_limit": 300_000}, ids=[ALICE, BOB, *range(5000, 5100)])
    assert time.monotonic() - started < 5 * 2
    assert [each["ok"] for each in results] == [True, *[False] * 101]
    assert {each["problem"]["code"] for each in results[1:]} == {"device_timeout"}
    assert stuck.calls.count("set_limits") == 1
    stuck.release()


def test_a_dry_run_shows_what_would_stand_and_changes_nothing(slave: SlaveUnderTest) -> None:
    before = rows(slave)
    limits = {"block_soft_limit": 9 * GIB_IN_KIB, "block_hard_limit": 12 * GIB_IN_KIB}
    dry = batch(slave, limits, all=True, dry_run=True)
    assert rows(slave) == before
    assert [each["row"]["status"] for each in dry] == [
        *("hard_reached", "hard_reached", "soft_exceeded", "ok", "ok"),
    ]
    assert [each.get("warnings") for each in dry] == [["below_usage"], ["below_usage"], ["below_usage"], None, None]
    assert batch(slave, limits, all=True) == dry


def test_a_dry_run_refuses_what_a_real_one_refuses(slave: SlaveUnderTest) -> None:
    body = {"inode_hard_limit": 150_000}
    dry, real = (batch(slave, body, ids=[CHARLIE, BOB], dry_run=dry) for dry in (True, False))
    assert dry == real
    answer = start_slave(slave.database, host="host3").post(
        BATCH, json={"device": "tank/home", "all": True, "limits": {"block_soft_limit": 5}, "dry_run": True}
    )
    assert {each["problem"]["code"] for each in answer.get_json()["results"]} == {"not_supported"}


FIELDS = st.dictionaries(st.sampled_from(LIMITS), st.integers(0, 2**43), min_size=1)


@given(limits=FIELDS, uid=st.integers(0, 2**32 - 2))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_asked_a_dry_run_foretells_it(slave: SlaveUnderTest, limits: dict[str, int], uid: int) -> None:
    ids = [uid, CHARLIE]
    dry = batch(slave, limits, ids=ids, dry_run=True)
    assert batch(slave, limits, ids=ids) == dry


@pytest.mark.parametrize(
    "body",
    [
        {"limits": {"block_hard_limit": 1}},
        {"limits": {"block_hard_limit": 1}, "ids": [1], "all": True},
        {"limits": {"block_hard_limit": 1}, "ids": [1], "names": ["a"]},
        {"limits": {"block_hard_limit": 1}, "all": False},
        {"limits": {"block_hard_limit": 1}, "ids": []},
        {"limits": {"block_hard_limit": 1}, "ids": [1, -1]},
        {"limits": {"block_hard_limit": 1}, "ids": [1, 2**32 - 1]},
        {"limits": {"block_hard_limit": 1}, "ids": [1, "2"]},
        {"limits": {"block_hard_limit": 1}, "ids": [1, None]},
        {"limits": {"block_hard_limit": 1}, "ids": [1, 2.0]},
        {"limits": {"block_hard_limit": 1}, "ids": [1, True]},
        {"limits": {"block_hard_limit": 1}, "names": [""]},
        {"limits": {"block_hard_limit": "1"}, "ids": [1]},
        {"limits": {"block_hard_limit": None}, "ids": [1]},
        {"limits": {}, "ids": [1]},
        {"limits": None, "ids": [1]},
        {"ids": [1]},
        {"limits": {"block_hard_limit": 1}, "ids": [1], "dry_run": "yes"},
        {"limits": {"block_hard_limit": 1}, "ids": [1], "dry_run": 1},
        {"limits": {"block_hard_limit": 1}, "ids": [1], "force": True},
        {"limits": {"block_hard_limit": 1}, "ids": [1], "quota_type": "pool"},
        {"limits": {"block_hard_limit": 1}, "names": ["lab"], "quota_type": "group"},
        {"limits": {"block_hard_limit": 1}, "ids": list(range(10_001))},
    ],
)
def test_a_malformed_batch_is_refused_as_a_whole(slave: SlaveUnderTest, body: dict[str, Any]) -> None:
    before = rows(slave)
    answer = slave.post(BATCH, json={"device": SDA, **body})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_input")
    assert answer.get_json()["errors"][0]["field"]
    assert rows(slave) == before


@pytest.mark.parametrize(
    ("device", "quota_type", "status"),
    [("/dev/never", "user", 404), ("", "user", 422), ("/dev/sda1", "project", 409)],
)
def test_refused_devices(slave: SlaveUnderTest, device: str, quota_type: str, status: int) -> None:
    body = {"device": device, "quota_type": quota_type, "ids": [1], "limits": {"block_hard_limit": 1}}
    assert slave.post(BATCH, json=body).status_code == status


def test_a_read_key_may_not_even_try(slave: SlaveUnderTest) -> None:
    body = {"device": SDA, "ids": [ALICE], "limits": {"block_hard_limit": 1}, "dry_run": True}
    answer = slave.post(BATCH, json=body, key=READ)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "scope_missing")


def test_all_of_a_device_that_cannot_be_listed_is_nobody(database: Database) -> None:
    slave = start_slave(database, backends=[DownBackend(mock_backend(database, "host1", clock=SettableClock()))])
    answer = slave.post(BATCH, json={"device": SDA, "all": True, "limits": {"block_hard_limit": 1}})
    assert (answer.status_code, answer.get_json()["code"]) == (503, "device_unavailable")


def test_those_who_are_named_on_a_device_that_is_down_fail_one_by_one(database: Database) -> None:
    slave = start_slave(database, backends=[DownBackend(mock_backend(database, "host1", clock=SettableClock()))])
    results = batch(slave, {"block_hard_limit": 1}, ids=[ALICE, BOB])
    assert [(each["id"], each["before"], each["problem"]["code"]) for each in results] == [
        (ALICE, None, "device_unavailable"),
        (BOB, None, "device_unavailable"),
    ]


def test_a_batch_shows_at_once_in_every_worker(database: Database) -> None:
    one, two = start_slave(database), start_slave(database)
    rows(one)
    rows(two)
    batch(one, {"inode_hard_limit": 300_000}, all=True)
    assert {row["inode_hard_limit"] for row in rows(two).values()} == {300_000}


class Twins(FixedDirectory):
    """A directory in which two names have one uid."""

    def find_uid(self, name: str) -> int | None:
        return {"alice": ALICE, "alice.old": ALICE}.get(name)


def test_two_names_of_one_id_are_one_change(database: Database) -> None:
    slave = start_slave(database, directory=Twins({}, {}))
    results = batch(slave, {"inode_hard_limit": 300_000}, names=["alice", "alice.old"])
    assert [(each["id"], each["name"]) for each in results] == [(ALICE, "alice")]


def test_changes_of_others_come_in_between_and_nothing_is_lost(database: Database) -> None:
    workers = [start_slave(database), start_slave(database)]
    ids, wanted = list(range(6000, 6030)), dict(zip(LIMITS, (10, 11, 12, 13), strict=True))
    with ThreadPoolExecutor(4) as pool:
        calls = [
            pool.submit(batch, workers[number % 2], {field: limit}, ids=ids)
            for number, (field, limit) in enumerate(wanted.items())
        ]
        assert {each["ok"] for call in calls for each in call.result()} == {True}
    stands = rows(workers[0])
    assert [{field: stands[uid][field] for field in LIMITS} for uid in ids] == [wanted] * len(ids)
