"""Groups and projects are read and set as users are."""

import pytest

from app.db.engine import Database
from app.web.quota_changes import ChangedGroupRowOut, ChangedProjectRowOut
from tests.fakes.slave_app import SlaveUnderTest, start_slave

LAB = "/remote-api/quotas/groups/2000?device=/dev/sda1"
GENOMES = "/remote-api/quotas/projects/7?device=/dev/nvme1n1p1"
GIB_IN_KIB = 2**20


def test_a_groups_limits_are_set_and_read_back(slave: SlaveUnderTest) -> None:
    answer = slave.put(LAB, json={"inode_hard_limit": 500_000})
    assert answer.status_code == 200
    row = ChangedGroupRowOut.model_validate_json(answer.data)
    assert (row.gid, row.name, row.block_hard_limit, row.inode_hard_limit) == (2000, "lab", 80 * GIB_IN_KIB, 500_000)
    (device,) = slave.get(LAB).get_json()
    assert device["group_quotas"][0]["inode_hard_limit"] == 500_000
    assert "user_quotas" not in device


def test_a_projects_limits_are_set_and_read_back(slave: SlaveUnderTest) -> None:
    row = ChangedProjectRowOut.model_validate_json(slave.put(GENOMES, json={"block_hard_limit": 0}).data)
    assert (row.project_id, row.name, row.block_soft_limit, row.block_hard_limit) == (
        *(7, "genomes"),
        *(120 * GIB_IN_KIB, 0),
    )
    (device,) = slave.get(GENOMES).get_json()
    assert device["project_quotas"][0]["block_hard_limit"] == 0


@pytest.mark.parametrize("path", ["/remote-api/quotas/projects/7?device=tank/home", "/remote-api/quotas/groups/7"])
def test_where_there_are_none_nothing_is_read(database: Database, path: str) -> None:
    slave = start_slave(database, host="host3")
    for device in slave.get(path).get_json():
        assert (device["status"], {key for key in device if key.endswith("_quotas")}) == ("ok", set())


@pytest.mark.parametrize("path", ["/remote-api/quotas/projects/7?device=tank/home", LAB.replace("/dev/sda1", "docker")])
def test_where_there_are_none_nothing_is_set(database: Database, path: str) -> None:
    slave = start_slave(database, host="host3" if "tank" in path else "host4")
    answer = slave.put(path, json={})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "not_supported")


def test_the_group_of_an_id_is_not_its_user(slave: SlaveUnderTest) -> None:
    assert slave.put("/remote-api/quotas/groups/1000?device=/dev/sda1", json={"block_hard_limit": 5}).status_code == 200
    (device,) = slave.get("/remote-api/quotas/users/1000?device=/dev/sda1").get_json()
    assert device["user_quotas"][0]["block_hard_limit"] == 25 * GIB_IN_KIB


@pytest.mark.parametrize("path", [LAB, GENOMES])
def test_if_match_refuses_a_change_over_somebody_elses(slave: SlaveUnderTest, path: str) -> None:
    read = {"If-Match": slave.get(path).headers["ETag"]}
    assert slave.put(path, json={"inode_hard_limit": 600_000}, headers=read).status_code == 200
    late = slave.put(path, json={"inode_hard_limit": 700_000}, headers=read)
    assert (late.status_code, late.get_json()["code"]) == (409, "stale_update")


@pytest.mark.parametrize(
    ("limits", "warnings"),
    [
        ({"block_soft_limit": 1, "block_hard_limit": 12 * GIB_IN_KIB}, ["below_usage"]),
        ({"block_soft_limit": 0, "block_hard_limit": 12 * GIB_IN_KIB - 1}, ["below_usage"]),
        ({"inode_soft_limit": 84_999}, ["below_usage"]),
        ({"inode_soft_limit": 0, "inode_hard_limit": 84_999}, ["below_usage"]),
        ({"block_soft_limit": 12 * GIB_IN_KIB, "block_hard_limit": 12 * GIB_IN_KIB}, None),
        ({"inode_soft_limit": 85_000, "inode_hard_limit": 85_000}, None),
        ({"block_soft_limit": 0, "block_hard_limit": 0}, None),
        ({}, None),
    ],
)
def test_a_limit_below_usage_is_set_and_said(
    slave: SlaveUnderTest, limits: dict[str, int], warnings: list[str] | None
) -> None:
    """Alice uses 12 GiB in 85,000 files."""
    answer = slave.put("/remote-api/quotas/users/1000?device=/dev/sda1", json=limits)
    assert answer.status_code == 200
    row = answer.get_json()
    assert row.get("warnings") == warnings
    assert {field: row[field] for field in limits} == limits
