"""Many quotas at once, through a real slave: a result and an audit entry for each, a preview that changes nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.backends.mock.backend import MockBackend
from app.backends.mock.hosts import HOST1
from app.master.changes.sending import IDS_AT_ONCE
from tests.fakes.backends import DownBackend
from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.served_slave import ServedSlave
from tests.fakes.slave_app import SettableClock

PATH = "/api/quotas/host1/batch"
DEVICE = "/dev/sda1"
LIMITS = {"block_soft_limit": 40_000_000, "block_hard_limit": 50_000_000}


@pytest.fixture
def slave(tmp_path: Path) -> Iterator[ServedSlave]:
    with ServedSlave(tmp_path / "slave") as served:
        yield served


@pytest.fixture
def master(tmp_path: Path, slave: ServedSlave) -> Iterator[MasterWithPeople]:
    master = MasterWithPeople(tmp_path, [slave.entry("host1")])
    master.collect()
    yield master
    master.close()


@pytest.fixture
def admin(master: MasterWithPeople) -> LoggedIn:
    return master.log_in("charlie", is_admin=True)


def body(**changes: Any) -> dict[str, Any]:
    return {"device": DEVICE, "quota_type": "user", "limits": LIMITS, **changes}


def changed(admin: LoggedIn, **changes: Any) -> list[dict[str, Any]]:
    response = admin.send("POST", PATH, body(**changes))
    assert response.status_code == 200, response.get_json()
    results: list[dict[str, Any]] = response.get_json()["results"]
    return results


def rows_of(admin: LoggedIn) -> dict[str, dict[str, Any]]:
    rows = admin.json(f"/api/rows?host=host1&device={DEVICE}&quota_type=user&page_size=500")["items"]
    return {row["name"]: row for row in rows}


def trail_of(admin: LoggedIn) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = admin.json("/api/admin/audit")["items"]
    return entries


def test_each_has_a_result_a_row_and_an_entry(admin: LoggedIn) -> None:
    before = rows_of(admin)
    results = changed(admin, names=["alice", "bob"], reason="spring term")
    assert [(result["name"], result["ok"]) for result in results] == [("alice", True), ("bob", True)]
    after, entries = rows_of(admin), {entry["target_name"]: entry for entry in trail_of(admin)}
    assert entries.keys() == {"alice", "bob"}
    for result in results:
        name = result["name"]
        assert result["row"]["block_hard_limit"] == after[name]["block_hard_limit"] == 50_000_000
        assert result["before"]["block_hard_limit"] == before[name]["block_hard_limit"]
        entry = entries[name]
        assert entry["id"] == result["audit_id"]
        assert (entry["action"], entry["outcome"], entry["reason"]) == ("set_limits", "applied", "spring term")
        assert entry["before"] == result["before"]
        assert entry["after"]["block_soft_limit"] == 40_000_000
        assert entry["after"]["inode_hard_limit"] == before[name]["inode_hard_limit"]
    assert after["diana"] == before["diana"]


def test_a_preview_shows_what_would_stand_and_changes_nothing(admin: LoggedIn, slave: ServedSlave) -> None:
    before = rows_of(admin)
    results = changed(admin, all=True, limits={"block_soft_limit": 0, "block_hard_limit": 1}, dry_run=True)
    assert {result["name"] for result in results} == before.keys()
    assert all(result["row"]["block_hard_limit"] == 1 for result in results)
    assert any(result["warnings"] == ["below_usage"] for result in results)
    assert not any("audit_id" in result for result in results)
    assert rows_of(admin) == before
    assert trail_of(admin) == []
    (device,) = slave.slave.get(f"/remote-api/quotas?device={DEVICE}").get_json()
    assert all(row["block_hard_limit"] != 1 for row in device["user_quotas"])


def test_one_that_is_unknown_fails_alone_and_stands_in_the_trail(admin: LoggedIn) -> None:
    alice, nobody = changed(admin, names=["alice", "nobody-here"])
    assert alice["ok"]
    assert (nobody["ok"], nobody["id"], nobody["problem"]["code"]) == (False, None, "user_not_found")
    assert {entry["target_name"]: entry["outcome"] for entry in trail_of(admin)} == {
        "alice": "applied",
        "nobody-here": "refused",
    }


def test_more_than_go_at_once(admin: LoggedIn) -> None:
    ids = list(range(2000, 2000 + 2 * IDS_AT_ONCE + 1))
    results = changed(admin, ids=ids)
    assert [result["id"] for result in results] == ids
    assert all(result["ok"] for result in results)
    assert len({result["audit_id"] for result in results}) == len(ids)
    assert admin.json("/api/admin/audit")["total"] == len(ids)
    assert rows_of(admin).keys() >= {f"#{quota_id}" for quota_id in ids}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, "body"),
        ({"ids": [1000], "all": True}, "body"),
        ({"ids": []}, "ids"),
        ({"ids": [-1]}, "ids.0"),
        ({"ids": [True]}, "ids.0"),
        ({"ids": ["1000"]}, "ids.0"),
        ({"names": [""]}, "names.0"),
        ({"all": False}, "all"),
        ({"ids": [1000], "limits": {}}, "body"),
        ({"ids": [1000], "limits": {"block_hard_limit": None}}, "limits.block_hard_limit"),
        ({"ids": [1000], "quota_type": "everybody"}, "quota_type"),
        ({"ids": [1000], "device": ""}, "device"),
        ({"ids": [1000], "dry_run": 1}, "dry_run"),
    ],
)
def test_a_malformed_batch_is_refused_as_a_whole(admin: LoggedIn, changes: dict[str, Any], field: str) -> None:
    response = admin.send("POST", PATH, body(**changes))
    assert response.status_code == 422
    assert field in {fault["field"] for fault in response.get_json()["errors"]}
    assert trail_of(admin) == []


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"device": "/dev/nope"}, 404, "device_not_found"),
        ({"quota_type": "project"}, 409, "not_supported"),
    ],
)
def test_what_fails_for_all_is_one_problem(admin: LoggedIn, changes: dict[str, Any], status: int, code: str) -> None:
    response = admin.send("POST", PATH, body(ids=[1000], **changes))
    assert (response.status_code, response.get_json()["code"]) == (status, code)


def test_an_unknown_host_and_a_user(admin: LoggedIn, master: MasterWithPeople) -> None:
    assert admin.send("POST", "/api/quotas/nope/batch", body(ids=[1000])).status_code == 404
    assert master.log_in("alice").send("POST", PATH, body(ids=[1000])).status_code == 403


def test_soft_above_hard_fails_for_those_whom_it_concerns(admin: LoggedIn) -> None:
    hard = {name: row["block_hard_limit"] for name, row in rows_of(admin).items()}
    soft = sorted(hard.values())[len(hard) // 2] + 1
    results = changed(admin, all=True, limits={"block_soft_limit": soft})
    for result in results:
        too_much = 0 < hard[result["name"]] < soft
        assert result["ok"] is not too_much
        if too_much:
            assert result["problem"]["errors"][0]["field"] == "block_soft_limit"
    assert {result["ok"] for result in results} == {True, False}


def test_a_reason_may_be_required(tmp_path: Path, slave: ServedSlave) -> None:
    master = MasterWithPeople(tmp_path, [slave.entry("host1")], REQUIRE_REASON=True)
    admin = master.log_in("charlie", is_admin=True)
    assert admin.send("POST", PATH, body(ids=[1000])).get_json()["errors"][0]["field"] == "reason"
    assert admin.send("POST", PATH, body(ids=[1000], dry_run=True)).status_code == 200
    assert admin.send("POST", PATH, body(ids=[1000], reason="why")).status_code == 200
    master.close()


def test_a_host_that_dies_half_way_is_told_for_each(tmp_path: Path) -> None:
    """The device goes down after so many changes; what came before stands, the rest says why not."""
    clock = SettableClock()
    down = DownAfter(MockBackend(HOST1, clock=clock, run_id="r"), changes=3)
    with ServedSlave(tmp_path / "slave", clock=clock, backends=[down]) as served:
        master = MasterWithPeople(tmp_path, [served.entry("host1")])
        master.collect()
        admin = master.log_in("charlie", is_admin=True)
        results = changed(admin, ids=[1000, 1001, 1002, 1003, 1004])
        assert [result["ok"] for result in results] == [True, True, True, False, False]
        assert {result["problem"]["code"] for result in results[3:]} == {"device_unavailable"}
        outcomes = [admin_entry["outcome"] for admin_entry in trail_of(admin)]
        assert sorted(outcomes) == ["applied"] * 3 + ["refused"] * 2
        master.close()


class DownAfter(DownBackend):
    """Goes down after so many changes."""

    def __init__(self, inner: MockBackend, changes: int) -> None:
        super().__init__(inner)
        self.down = False
        self._left = changes

    def before(self, call: str) -> None:
        if call == "set_limits":
            self.down = self._left == 0
            self._left -= 1
        super().before(call)
