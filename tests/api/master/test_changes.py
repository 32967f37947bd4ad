"""A change goes through to the slave, is there at once, and stands in the audit trail whatever became of it."""

from pathlib import Path
from typing import Any

import pytest

from tests.fakes.fleet_database import entry
from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.slaves import FleetOfSlaves, GarbageSlave, HalfAnswerSlave, RefusingSlave

PATH = "/api/quotas/h1/users/1003?device=/dev/sda1"


def row_of(admin: LoggedIn, uid: int = 1003) -> dict[str, Any]:
    rows = admin.json(f"/api/rows?host=h1&device=/dev/sda1&q=user{uid}")["items"]
    assert len(rows) == 1
    return dict(rows[0])


def test_a_limit_is_set_and_there_at_once_with_its_audit_entry(admin: LoggedIn) -> None:
    before = row_of(admin)
    response = admin.send("PUT", PATH, {"block_hard_limit": 50_000_000, "reason": "thesis"})
    assert response.status_code == 200
    change = response.get_json()
    assert change["row"]["block_hard_limit"] == 50_000_000
    assert change["warnings"] == []
    after = row_of(admin)
    assert after["block_hard_limit"] == 50_000_000
    assert after["block_soft_limit"] == before["block_soft_limit"]
    (entry,) = admin.json("/api/admin/audit")["items"]
    assert entry["id"] == change["audit_id"]
    assert (entry["action"], entry["outcome"], entry["reason"]) == ("set_limits", "applied", "thesis")
    assert (entry["actor"]["name"], entry["via"], entry["origin"]) == ("charlie", "session", "127.0.0.1")
    assert (entry["host"], entry["device"], entry["target_id"], entry["target_name"]) == (
        "h1",
        "/dev/sda1",
        "1003",
        "user1003",
    )
    assert entry["before"]["block_hard_limit"] == before["block_hard_limit"]
    assert entry["after"]["block_hard_limit"] == 50_000_000


def test_a_limit_below_usage_is_set_with_a_warning(admin: LoggedIn) -> None:
    assert row_of(admin)["block_current"] > 1024
    response = admin.send("PUT", PATH, {"block_soft_limit": 0, "block_hard_limit": 1})
    assert response.get_json()["warnings"] == ["below_usage"]


def test_the_next_reading_confirms_the_change(master: MasterWithPeople, admin: LoggedIn) -> None:
    admin.send("PUT", PATH, {"block_hard_limit": 50_000_000})
    master.clock.forward(1)
    master.collect()
    assert row_of(admin)["block_hard_limit"] == 50_000_000


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"block_hard_limit": None}, "block_hard_limit"),
        ({"block_hard_limit": True}, "block_hard_limit"),
        ({"block_hard_limit": "10GB"}, "block_hard_limit"),
        ({"block_hard_limit": 1000.0}, "block_hard_limit"),
        ({"block_hard_limit": -1}, "block_hard_limit"),
        ({"block_hard_limit": 2**43 + 1}, "block_hard_limit"),
        ({"inode_hard_limit": 2**63 + 1}, "inode_hard_limit"),
        ({"block_hard": 1}, "block_hard"),
        ({"reason": 7}, "reason"),
        ([], "body"),
    ],
)
def test_wrong_bodies_are_refused_by_name_and_nothing_is_sent(
    admin: LoggedIn, slaves: FleetOfSlaves, body: object, field: str
) -> None:
    response = admin.send("PUT", PATH, body)
    assert response.status_code == 422
    assert response.get_json()["errors"][0]["field"] == field
    assert not any(method == "PUT" for _, method, _ in slaves.calls)
    assert admin.json("/api/admin/audit")["total"] == 0


def test_what_is_no_json_is_refused(admin: LoggedIn) -> None:
    for raw in (b"", b"block_hard_limit=5", b"{"):
        response = admin.client.put(PATH, data=raw, headers={"X-CSRF-Token": admin.csrf_token})
        assert response.status_code == 422


def test_an_empty_object_changes_nothing(admin: LoggedIn) -> None:
    before = row_of(admin)
    assert admin.send("PUT", PATH, {}).status_code == 200
    assert row_of(admin) == before


def test_without_the_token_nothing_is_changed(admin: LoggedIn, slaves: FleetOfSlaves) -> None:
    assert admin.client.put(PATH, json={"block_hard_limit": 5}).get_json()["code"] == "csrf"
    foreign = {"X-CSRF-Token": admin.csrf_token, "Origin": "https://elsewhere.example"}
    assert admin.client.put(PATH, json={"block_hard_limit": 5}, headers=foreign).status_code == 403
    assert not any(method == "PUT" for _, method, _ in slaves.calls)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/quotas/h9/users/1003?device=/dev/sda1", "host_not_found"),
        ("/api/quotas/h1/users/1003?device=/dev/nope", "device_not_found"),
    ],
)
def test_what_does_not_exist_is_404(admin: LoggedIn, path: str, code: str) -> None:
    response = admin.send("PUT", path, {"block_hard_limit": 5})
    assert (response.status_code, response.get_json()["code"]) == (404, code)


@pytest.mark.parametrize("path", ["/api/quotas/h1/users/1003", "/api/quotas/h1/users/-1?device=/dev/sda1"])
def test_a_device_and_a_uid_are_needed(admin: LoggedIn, path: str) -> None:
    assert admin.send("PUT", path, {"block_hard_limit": 5}).status_code == 422


def test_what_the_slave_refuses_is_told_and_in_the_trail(admin: LoggedIn) -> None:
    admin.send("PUT", "/api/quotas/h1/users/1003?device=/dev/nope", {"block_hard_limit": 5})
    (entry,) = admin.json("/api/admin/audit")["items"]
    assert entry["outcome"] == "refused"


@pytest.mark.parametrize(
    ("slave_class", "status", "outcome"),
    [(RefusingSlave, 502, "failed"), (GarbageSlave, 502, "unknown"), (HalfAnswerSlave, 502, "unknown")],
)
def test_a_host_that_fails_is_told_and_in_the_trail(
    tmp_path: Path, slave_class: type[GarbageSlave], status: int, outcome: str
) -> None:
    with slave_class() as bad:
        master = MasterWithPeople(tmp_path, [entry("h1", bad.url)])
        admin = master.log_in("charlie", is_admin=True)
        response = admin.send("PUT", PATH, {"block_hard_limit": 5})
        assert response.status_code == status
        (audit,) = admin.json("/api/admin/audit")["items"]
        assert audit["outcome"] == outcome
        master.close()


def test_a_reason_may_be_required(tmp_path: Path, slaves: FleetOfSlaves) -> None:
    master = MasterWithPeople(tmp_path, slaves.entries(), REQUIRE_REASON=True)
    admin = master.log_in("charlie", is_admin=True)
    response = admin.send("PUT", PATH, {"block_hard_limit": 5, "reason": "  "})
    assert (response.status_code, response.get_json()["errors"][0]["field"]) == (422, "reason")
    assert admin.send("PUT", PATH, {"block_hard_limit": 5, "reason": "why"}).status_code == 200
    master.close()


def test_an_inode_limit_beyond_what_browsers_can_count_is_shown_as_the_most_they_can(admin: LoggedIn) -> None:
    assert admin.send("PUT", PATH, {"inode_hard_limit": 2**63}).status_code == 200
    assert row_of(admin)["inode_hard_limit"] == 2**53 - 1
