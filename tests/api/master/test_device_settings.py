"""Default limits and grace periods of a device, and limits of groups, through a real slave."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.served_slave import ServedSlave

DEFAULTS = "/api/quotas/host1/default-quota?device=/dev/sda1"
GRACE = "/api/quotas/host1/grace?device=/dev/sda1"
ZEROS = {"block_soft_limit": 0, "block_hard_limit": 0, "inode_soft_limit": 0, "inode_hard_limit": 0}


@pytest.fixture
def master(tmp_path: Path) -> Iterator[MasterWithPeople]:
    """Over host1 (ext4) and host3 (ZFS), both mock hosts."""
    with ServedSlave(tmp_path / "1") as block, ServedSlave(tmp_path / "3", host="host3") as zfs:
        master = MasterWithPeople(tmp_path, [block.entry("host1"), zfs.entry("host3")])
        master.collect()
        yield master
        master.close()


@pytest.fixture
def admin(master: MasterWithPeople) -> LoggedIn:
    return master.log_in("charlie", is_admin=True)


def test_there_are_no_defaults_at_first(admin: LoggedIn) -> None:
    assert admin.json(DEFAULTS) == {"device": "/dev/sda1", "quota_type": "user", **ZEROS}


def test_defaults_are_set_told_and_shown_in_the_rows_that_they_concern(
    master: MasterWithPeople, admin: LoggedIn
) -> None:
    unlimited = admin.send("PUT", "/api/quotas/host1/users/4711?device=/dev/sda1", {})
    assert unlimited.get_json()["row"]["limits_source"] == "default"
    response = admin.send("PUT", DEFAULTS, {"block_hard_limit": 5_000_000, "reason": "newcomers"})
    assert response.status_code == 200
    assert response.get_json()["defaults"]["block_hard_limit"] == 5_000_000
    assert admin.json(DEFAULTS) == {"device": "/dev/sda1", "quota_type": "user", **ZEROS, "block_hard_limit": 5_000_000}
    master.clock.forward(1)
    master.collect()
    assert admin.json(DEFAULTS)["block_hard_limit"] == 5_000_000
    rows = {row["id"]: row for row in admin.json("/api/rows?host=host1&device=/dev/sda1&quota_type=user")["items"]}
    assert {row["limits_source"] for uid, row in rows.items() if row["block_hard_limit"] != 5_000_000} <= {"own"}
    (entry,) = [each for each in admin.json("/api/admin/audit")["items"] if each["action"] == "set_default_limits"]
    assert entry["id"] == response.get_json()["audit_id"]
    assert (entry["device"], entry["quota_type"], entry["target_id"]) == ("/dev/sda1", "user", None)
    assert (entry["outcome"], entry["reason"]) == ("applied", "newcomers")
    assert entry["after"] == {**ZEROS, "block_hard_limit": 5_000_000}


def test_a_missing_default_stays_as_it_is(admin: LoggedIn) -> None:
    admin.send("PUT", DEFAULTS, {"block_hard_limit": 5_000_000})
    admin.send("PUT", DEFAULTS, {"inode_hard_limit": 1000})
    assert admin.json(DEFAULTS)["block_hard_limit"] == 5_000_000


def test_grace_periods_are_told_from_the_last_reading_and_set(master: MasterWithPeople, admin: LoggedIn) -> None:
    assert admin.json(GRACE)["block_grace"] == 604_800
    response = admin.send("PUT", GRACE, {"block_grace": 3600, "reason": "small disk"})
    assert response.status_code == 200
    assert response.get_json()["grace"]["block_grace"] == 3600
    assert admin.json(GRACE) == {
        "device": "/dev/sda1",
        "quota_type": "user",
        "block_grace": 3600,
        "inode_grace": 604_800,
    }
    master.clock.forward(1)
    master.collect()
    assert admin.json(GRACE)["block_grace"] == 3600
    (entry,) = admin.json("/api/admin/audit")["items"]
    assert (entry["action"], entry["outcome"]) == ("set_grace_periods", "applied")
    assert entry["before"] == {"block_grace": 604_800, "inode_grace": 604_800}
    assert entry["after"] == {"block_grace": 3600, "inode_grace": 604_800}


@pytest.mark.parametrize("path", ["default-quota", "grace"])
@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("device=/dev/nope", 404, "device_not_found"),
        ("device=/dev/sda1&quota_type=project", 409, "not_supported"),
        ("quota_type=user", 422, "invalid_input"),
    ],
)
def test_what_is_not_there(admin: LoggedIn, path: str, query: str, status: int, code: str) -> None:
    url, change = (
        f"/api/quotas/host1/{path}?{query}",
        {"block_hard_limit": 5} if path != "grace" else {"block_grace": 5},
    )
    for response in (admin.get(url), admin.send("PUT", url, change)):
        assert (response.status_code, response.get_json()["code"]) == (status, code)


def test_a_device_without_grace_periods_says_so(admin: LoggedIn) -> None:
    url = "/api/quotas/host3/grace?device=tank/home"
    for response in (admin.get(url), admin.send("PUT", url, {"block_grace": 5})):
        assert (response.status_code, response.get_json()["code"]) == (409, "not_supported")
    (entry,) = admin.json("/api/admin/audit")["items"]
    assert entry["outcome"] == "refused"


def test_default_soft_limits_are_refused_where_there_are_none(admin: LoggedIn) -> None:
    url = "/api/quotas/host3/default-quota?device=tank/home"
    assert admin.send("PUT", url, {"block_soft_limit": 5}).status_code == 409
    assert admin.send("PUT", url, {"block_hard_limit": 5}).status_code == 200


@pytest.mark.parametrize(
    "periods", [{"block_grace": 0}, {"block_grace": "7 days"}, {"inode_grace": 2**32}, {"grace": 1}]
)
def test_what_is_no_period_is_refused_by_name(admin: LoggedIn, periods: dict[str, object]) -> None:
    response = admin.send("PUT", GRACE, periods)
    assert response.status_code == 422
    assert response.get_json()["errors"][0]["field"] in periods


def test_limits_of_a_group(admin: LoggedIn) -> None:
    (group, *_) = admin.json("/api/rows?host=host1&quota_type=group")["items"]
    url = f"/api/quotas/host1/groups/{group['id']}?device={group['device']}"
    response = admin.send("PUT", url, {"block_hard_limit": 77_000_000})
    assert response.status_code == 200
    assert response.get_json()["row"]["gid"] == group["id"]
    (entry,) = admin.json("/api/admin/audit")["items"]
    assert (entry["quota_type"], entry["target_name"], entry["outcome"]) == ("group", group["name"], "applied")
    rows = admin.json("/api/rows?host=host1&quota_type=group")["items"]
    assert [
        row["block_hard_limit"] for row in rows if (row["device"], row["id"]) == (group["device"], group["id"])
    ] == [77_000_000]


def test_limits_of_a_project_where_there_are_none(admin: LoggedIn) -> None:
    response = admin.send("PUT", "/api/quotas/host1/projects/7?device=/dev/sda1", {"block_hard_limit": 5})
    assert (response.status_code, response.get_json()["code"]) == (409, "not_supported")
