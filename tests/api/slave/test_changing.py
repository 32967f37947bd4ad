"""Setting a user's limits: what is taken, what is refused, and who sees it when."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.db.engine import Database
from tests.fakes.slave_app import READ, SlaveUnderTest, start_slave

SDA = "/remote-api/quotas/users/1000?device=/dev/sda1"
ZFS = "/remote-api/quotas/users/1000?device=tank/home"
FIELDS = ("block_soft_limit", "block_hard_limit", "inode_soft_limit", "inode_hard_limit")
ALICE = {
    "block_soft_limit": 20 * 2**20,
    "block_hard_limit": 25 * 2**20,
    "inode_soft_limit": 200_000,
    "inode_hard_limit": 250_000,
}


def limits(row: dict[str, Any]) -> dict[str, int]:
    return {field: row[field] for field in FIELDS}


def stored(slave: SlaveUnderTest, path: str = SDA) -> dict[str, int]:
    (device,) = slave.get(path).get_json()
    return limits(device["user_quotas"][0])


@pytest.mark.parametrize("field", FIELDS)
def test_a_given_limit_is_set_and_the_others_stay(slave: SlaveUnderTest, field: str) -> None:
    answer = slave.put(SDA, json={field: ALICE[field] - 1000})
    assert answer.status_code == 200
    assert limits(answer.get_json()) == {**ALICE, field: ALICE[field] - 1000}
    assert answer.get_json()["name"] == "alice"
    assert stored(slave) == {**ALICE, field: ALICE[field] - 1000}


def test_zero_takes_a_limit_away(slave: SlaveUnderTest) -> None:
    assert limits(slave.put(SDA, json={"block_hard_limit": 0}).get_json()) == {**ALICE, "block_hard_limit": 0}


def test_an_empty_object_changes_nothing(slave: SlaveUnderTest) -> None:
    answer = slave.put(SDA, json={})
    assert (answer.status_code, limits(answer.get_json())) == (200, ALICE)


@pytest.mark.parametrize(
    ("field", "limit"), [("block_hard_limit", 2**43), ("inode_hard_limit", 2**63), ("block_hard_limit", 20 * 2**20)]
)
def test_the_largest_limits_and_soft_equal_to_hard(slave: SlaveUnderTest, field: str, limit: int) -> None:
    answer = slave.put(SDA, json={field: limit})
    assert (answer.status_code, answer.get_json()[field]) == (200, limit)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"block_hard_limit": null}', "block_hard_limit"),
        ('{"block_hard_limit": true}', "block_hard_limit"),
        ('{"block_hard_limit": "1000"}', "block_hard_limit"),
        ('{"block_hard_limit": "10GB"}', "block_hard_limit"),
        ('{"block_hard_limit": 1000.0}', "block_hard_limit"),
        ('{"block_hard_limit": 1e3}', "block_hard_limit"),
        ('{"block_hard_limit": -1}', "block_hard_limit"),
        ('{"block_hard_limit": 8796093022209}', "block_hard_limit"),
        ('{"block_soft_limit": 1208925819614629174706176}', "block_soft_limit"),
        ('{"inode_hard_limit": 9223372036854775809}', "inode_hard_limit"),
        ('{"inode_soft_limit": [1]}', "inode_soft_limit"),
        ('{"block_hard_limit": NaN}', "block_hard_limit"),
        ('{"hard": 1}', "hard"),
        ('{"uid": 1000}', "uid"),
        ('{"block_soft_limit": 2, "block_hard_limit": 1}', "block_soft_limit"),
        ('{"block_soft_limit": 26214401}', "block_soft_limit"),
        ('{"block_hard_limit": 20971519}', "block_soft_limit"),
        ('{"inode_soft_limit": 250001}', "inode_soft_limit"),
        ('{"inode_hard_limit": 1}', "inode_soft_limit"),
        ("", "body"),
        ("null", "body"),
        ("[]", "body"),
        ("[1000]", "body"),
        ('"text"', "body"),
        ("{", "body"),
        ("block_hard_limit=1", "body"),
        ("\ufeff{}", "body"),
    ],
)
def test_refused_bodies_name_the_field_and_change_nothing(slave: SlaveUnderTest, body: str, field: str) -> None:
    answer = slave.put(SDA, body=body.encode(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    fault = answer.get_json()["errors"][0]
    assert fault["field"] == field
    assert fault["expected"]
    assert stored(slave) == ALICE


def test_every_wrong_member_is_named(slave: SlaveUnderTest) -> None:
    answer = slave.put(SDA, json={"block_soft_limit": -1, "colour": 1, "inode_hard_limit": "x"})
    fields = {fault["field"] for fault in answer.get_json()["errors"]}
    assert fields == {"block_soft_limit", "colour", "inode_hard_limit"}


@pytest.mark.parametrize("body", [b"\xff\xfe{}", b'{"block_hard_limit": 1, "block_hard_limit":', b"\0"])
def test_garbage_is_refused(slave: SlaveUnderTest, body: bytes) -> None:
    assert slave.put(SDA, body=body).status_code == 422


def test_bodies_above_a_mebibyte_are_refused(slave: SlaveUnderTest) -> None:
    answer = slave.put(SDA, body=b'{"block_hard_limit": 1' + b" " * 2**20 + b"}")
    assert (answer.status_code, answer.get_json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/remote-api/quotas/users/1000", 422, "invalid_input"),
        ("/remote-api/quotas/users/1000?device=/dev/never", 404, "device_not_found"),
        ("/remote-api/quotas/users/1000?device=", 404, "device_not_found"),
        ("/remote-api/quotas/users/1000?device=../../etc/passwd", 404, "device_not_found"),
        ("/remote-api/quotas/users/1000?device=/dev/sda1&force=1", 422, "invalid_input"),
        ("/remote-api/quotas/users/4294967295?device=/dev/sda1", 422, "invalid_input"),
        ("/remote-api/quotas/users/alice?device=/dev/sda1", 422, "invalid_input"),
        ("/remote-api/quotas/pools/1000?device=/dev/sda1", 404, "not_found"),
        ("/remote-api/quotas/projects/7?device=/dev/sda1", 409, "not_supported"),
        ("/remote-api/quotas/groups/-1?device=/dev/sda1", 422, "invalid_input"),
    ],
)
def test_refused_targets(slave: SlaveUnderTest, path: str, status: int, code: str) -> None:
    answer = slave.put(path, json={})
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


@pytest.mark.parametrize("field", ["block_soft_limit", "inode_soft_limit", "inode_hard_limit"])
def test_what_zfs_cannot_keep_is_not_supported(database: Database, field: str) -> None:
    slave = start_slave(database, host="host3")
    answer = slave.put(ZFS, json={field: 5})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "not_supported")
    assert answer.get_json()["errors"][0]["field"] == field
    assert slave.put(ZFS, json={field: 0, "block_hard_limit": 7}).get_json()["block_hard_limit"] == 7


def test_a_read_key_may_not_write(slave: SlaveUnderTest) -> None:
    answer = slave.put(SDA, key=READ, json={"block_hard_limit": 0})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "scope_missing")
    assert stored(slave) == ALICE


def test_an_id_never_seen_gets_its_row(slave: SlaveUnderTest) -> None:
    path = "/remote-api/quotas/users/4294967294?device=/dev/sda1"
    assert slave.put(path, json={"block_hard_limit": 1024}).get_json()["name"] == "#4294967294"
    device = next(each for each in slave.get("/remote-api/quotas").get_json() if each["name"] == "/dev/sda1")
    assert device["user_quotas"][-1]["uid"] == 4294967294


def test_the_next_reading_shows_a_change_at_once_in_every_worker(database: Database) -> None:
    one, two = start_slave(database), start_slave(database)

    def hard_limit(worker: SlaveUnderTest) -> int:
        (device,) = worker.get("/remote-api/quotas?device=/dev/sda1").get_json()
        return int(device["user_quotas"][0]["block_hard_limit"])

    assert hard_limit(one) == hard_limit(two) == ALICE["block_hard_limit"]
    assert one.put(SDA, json={"block_hard_limit": 30 * 2**20}).status_code == 200
    assert hard_limit(one) == hard_limit(two) == 30 * 2**20
    assert two.put(SDA, json={"block_hard_limit": 31 * 2**20}).status_code == 200
    assert hard_limit(one) == hard_limit(two) == 31 * 2**20


def test_partial_changes_at_the_same_time_lose_nothing(database: Database) -> None:
    workers = [start_slave(database), start_slave(database)]
    wanted = {"block_soft_limit": 1, "block_hard_limit": 30 * 2**20, "inode_soft_limit": 3, "inode_hard_limit": 400_000}
    with ThreadPoolExecutor(4) as pool:
        calls = [
            pool.submit(workers[number % 2].put, SDA, json={field: limit})
            for number, (field, limit) in enumerate(wanted.items())
        ]
        assert {call.result().status_code for call in calls} == {200}
    assert stored(workers[0]) == wanted


@pytest.mark.parametrize("header", ['""', 'W/""', '"None"', '"', "W/", '"", "x"'])
def test_an_if_match_that_nobody_was_given_refuses_every_change(slave: SlaveUnderTest, header: str) -> None:
    answer = slave.put(SDA, json={"block_hard_limit": 0}, headers={"If-Match": header})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "stale_update")
    assert stored(slave) == ALICE


def test_an_empty_etag_is_nothing_that_anybody_has(slave: SlaveUnderTest) -> None:
    assert slave.get(SDA, headers={"If-None-Match": '""'}).status_code == 200


def test_if_match_refuses_a_change_over_somebody_elses(slave: SlaveUnderTest) -> None:
    read = slave.get(SDA).headers["ETag"]
    first = slave.put(SDA, json={"block_hard_limit": 30 * 2**20}, headers={"If-Match": read})
    assert first.status_code == 200
    late = slave.put(SDA, json={"block_hard_limit": 40 * 2**20}, headers={"If-Match": read})
    assert (late.status_code, late.get_json()["code"]) == (409, "stale_update")
    assert stored(slave)["block_hard_limit"] == 30 * 2**20
    row_etag = {"If-Match": first.headers["ETag"]}
    assert slave.put(SDA, json={"block_hard_limit": 41 * 2**20}, headers=row_etag).status_code == 200
    assert slave.put(SDA, json={"block_hard_limit": 42 * 2**20}, headers={"If-Match": "*"}).status_code == 200
