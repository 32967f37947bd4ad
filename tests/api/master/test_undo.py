"""A change is undone by another change, unless somebody else has changed the same since."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.served_slave import ServedSlave

LIMITS = ("block_soft_limit", "block_hard_limit", "inode_soft_limit", "inode_hard_limit")
DEVICE = "/dev/sda1"
SET = f"/api/quotas/host1/users/1000?device={DEVICE}"
DEFAULTS = f"/api/quotas/host1/default-quota?device={DEVICE}"
GRACE = f"/api/quotas/host1/grace?device={DEVICE}"


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


def limits_on(slave: ServedSlave, uid: int = 1000) -> dict[str, int]:
    (device,) = slave.slave.get(f"/remote-api/quotas?device={DEVICE}").get_json()
    row = next(row for row in device["user_quotas"] if row["uid"] == uid)
    return {name: row[name] for name in LIMITS}


def change(admin: LoggedIn, path: str, **body: Any) -> str:
    response = admin.send("PUT", path, body)
    assert response.status_code == 200, response.get_json()
    return str(response.get_json()["audit_id"])


def undo(admin: LoggedIn, audit_id: str, status: int = 200, **body: Any) -> dict[str, Any]:
    response = admin.send("POST", f"/api/admin/audit/{audit_id}/undo", body)
    assert response.status_code == status, response.get_json()
    answer: dict[str, Any] = response.get_json()
    return answer


def entry_of(admin: LoggedIn, audit_id: str) -> dict[str, Any]:
    entries = admin.json("/api/admin/audit")["items"]
    return next(dict(entry) for entry in entries if entry["id"] == audit_id)


def test_an_undo_is_a_change_and_undone_like_one(admin: LoggedIn, slave: ServedSlave) -> None:
    before = limits_on(slave)
    first = change(admin, SET, block_soft_limit=0, block_hard_limit=77_000_000, inode_hard_limit=0)
    after = limits_on(slave)
    assert after != before
    undone = undo(admin, first, reason="not meant")
    assert limits_on(slave) == before
    assert (undone["undo_of"], undone["row"]["block_hard_limit"]) == (first, before["block_hard_limit"])
    entry = entry_of(admin, undone["audit_id"])
    assert (entry["undo_of"], entry["reason"], entry["outcome"]) == (first, "not meant", "applied")
    assert ({n: entry["before"][n] for n in LIMITS}, {n: entry["after"][n] for n in LIMITS}) == (after, before)
    undo(admin, undone["audit_id"])
    assert limits_on(slave) == after


def test_what_was_changed_since_is_refused_with_what_stands_unless_forced(admin: LoggedIn, slave: ServedSlave) -> None:
    before = limits_on(slave)
    first = change(admin, SET, block_hard_limit=77_000_000)
    slave.slave.put(f"/remote-api/quotas/users/1000?device={DEVICE}", json={"block_hard_limit": 88_000_000})
    refused = undo(admin, first, 409)
    assert refused["code"] == "stale_update"
    assert refused["errors"] == [{"field": "block_hard_limit", "found": "88000000", "expected": "77000000"}]
    assert limits_on(slave)["block_hard_limit"] == 88_000_000
    assert admin.json("/api/admin/audit")["total"] == 1
    undo(admin, first, force=True)
    assert limits_on(slave) == before
    assert undo(admin, first, 409)["code"] == "stale_update"


def test_somebody_new_has_no_limits_again(admin: LoggedIn, slave: ServedSlave) -> None:
    first = change(admin, SET.replace("1000", "5000"), block_hard_limit=77_000_000)
    undo(admin, first)
    assert set(limits_on(slave, 5000).values()) == {0}


def test_default_limits_and_grace_periods_are_undone(admin: LoggedIn) -> None:
    defaults, grace = admin.json(DEFAULTS), admin.json(GRACE)
    first = change(admin, DEFAULTS, block_hard_limit=5_000_000)
    second = change(admin, GRACE, block_grace=3600)
    later = change(admin, GRACE, block_grace=7200)
    assert undo(admin, second, 409)["errors"] == [{"field": "block_grace", "found": "7200", "expected": "3600"}]
    undo(admin, later)
    assert undo(admin, second)["grace"] == grace
    assert undo(admin, first)["defaults"] == defaults
    assert (admin.json(DEFAULTS), admin.json(GRACE)) == (defaults, grace)


def test_somebody_on_defaults_is_on_defaults_again(
    master: MasterWithPeople, admin: LoggedIn, slave: ServedSlave
) -> None:
    """Their row shows the defaults; set as limits of their own they would not follow the defaults any more."""
    change(admin, SET.replace("1000", "5000"), **dict.fromkeys(LIMITS, 0))
    change(admin, DEFAULTS, block_hard_limit=5_000_000)
    master.clock.forward(1)
    master.collect()
    first = change(admin, SET.replace("1000", "5000"), block_hard_limit=77_000_000)
    row = undo(admin, first)["row"]
    assert (row["limits_source"], row["block_hard_limit"]) == ("default", 5_000_000)


def test_what_changed_nothing_cannot_be_undone(master: MasterWithPeople, admin: LoggedIn, slave: ServedSlave) -> None:
    person = master.log_in("diana").person_id
    admin.send("POST", "/api/admin/mappings", {"person": person, "host": "host1", "username": "diana"})
    admin.send("PUT", SET, {"block_soft_limit": 2**40, "block_hard_limit": 1})
    for entry in admin.json("/api/admin/audit")["items"]:
        assert undo(admin, entry["id"], 409)["code"] == "not_undoable"
    assert undo(admin, "nothing", 404)["code"] == "change_not_found"
    assert master.log_in("eve").send("POST", "/api/admin/audit/nothing/undo", {}).status_code == 403
