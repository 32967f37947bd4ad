"""Default limits: shown before they are in place, taken over by a change, refused where they cannot be kept."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.db.engine import Database
from app.web.quota_changes import DefaultsOut
from tests.fakes.slave_app import READ, SlaveUnderTest, start_slave

SDB = "/dev/sdb1"
DEFAULTS = f"/remote-api/quotas/defaults?device={SDB}"
BATCH = "/remote-api/quotas/batch"
ALICE, CHARLIE = 1000, 1002
"""On /dev/sdb1 charlie has no limits, uses 71 GiB in 7,100 files; alice and others have their own."""
GIB_IN_KIB = 2**20
LIMITS = ("block_soft_limit", "block_hard_limit", "inode_soft_limit", "inode_hard_limit")
SOFT, HARD, SOFT_FILES, HARD_FILES = LIMITS
NONE = dict.fromkeys(LIMITS, 0)
USUAL = {SOFT: 70 * GIB_IN_KIB, HARD: 80 * GIB_IN_KIB, SOFT_FILES: 0, HARD_FILES: 10_000}


def user(uid: int, device: str = SDB) -> str:
    return f"/remote-api/quotas/users/{uid}?device={device}"


def listed(slave: SlaveUnderTest, uid: int, device: str = SDB) -> dict[str, Any]:
    """The user's row as the list has it, which is as the user's own page has it."""
    (found,) = slave.get(f"/remote-api/quotas?device={device}").get_json()
    row = next(row for row in found["user_quotas"] if row["uid"] == uid)
    assert slave.get(user(uid, device)).get_json()[0]["user_quotas"] == [row]
    return dict(row)


def limits(row: dict[str, Any]) -> dict[str, int]:
    return {field: row[field] for field in LIMITS}


@pytest.fixture
def usual(slave: SlaveUnderTest) -> SlaveUnderTest:
    """A slave with defaults on /dev/sdb1."""
    assert slave.put(DEFAULTS, json=USUAL).status_code == 200
    return slave


def test_there_are_none_until_they_are_set(slave: SlaveUnderTest) -> None:
    assert slave.get(DEFAULTS).get_json() == {"device": SDB, "quota_type": "user", **NONE}
    row = listed(slave, CHARLIE)
    assert (limits(row), row["limits_source"], row["status"]) == (NONE, "default", "ok")


def test_a_given_one_is_set_and_the_others_stay(slave: SlaveUnderTest) -> None:
    answer = slave.put(DEFAULTS, json={HARD: 50})
    assert answer.status_code == 200
    assert DefaultsOut.model_validate_json(answer.data).block_hard_limit == 50
    assert slave.put(DEFAULTS, json={HARD_FILES: 2**63}).get_json() == {
        "device": SDB,
        "quota_type": "user",
        **NONE,
        HARD: 50,
        HARD_FILES: 2**63,
    }
    assert slave.put(DEFAULTS, json={}).get_json() == slave.get(DEFAULTS).get_json()
    assert limits(slave.put(DEFAULTS, json={HARD: 0}).get_json()) == {**NONE, HARD_FILES: 2**63}


def test_devices_and_quota_types_have_their_own(usual: SlaveUnderTest) -> None:
    for other in (f"{DEFAULTS}&quota_type=group", DEFAULTS.replace("sdb1", "sda1")):
        assert limits(usual.get(other).get_json()) == NONE
    assert limits(usual.get(DEFAULTS).get_json()) == USUAL


def test_who_has_no_limits_shows_them_before_they_are_in_place(usual: SlaveUnderTest) -> None:
    row = listed(usual, CHARLIE)
    assert (limits(row), row["limits_source"]) == (USUAL, "default")
    assert (row["status"], row["block_time_limit"]) == ("soft_exceeded", 0)
    assert usual.get(user(4000)).get_json()[0]["user_quotas"][0]["limits_source"] == "default"


def test_who_has_limits_keeps_them(usual: SlaveUnderTest) -> None:
    row = listed(usual, ALICE)
    assert (row[HARD], row[HARD_FILES], row["limits_source"]) == (100 * GIB_IN_KIB, 0, "own")


@pytest.mark.parametrize("uid", [0, 1, 999, 65534, 65535])
def test_the_system_and_nobody_get_none(usual: SlaveUnderTest, uid: int) -> None:
    (row,) = usual.get(user(uid)).get_json()[0]["user_quotas"]
    assert (limits(row), row["limits_source"]) == (NONE, "own")


def test_the_lowest_id_is_a_setting(database: Database) -> None:
    slave = start_slave(database, DEFAULT_LIMITS_FROM_ID=500)
    slave.put(DEFAULTS, json=USUAL)
    sources = [slave.get(user(uid)).get_json()[0]["user_quotas"][0]["limits_source"] for uid in (499, 500)]
    assert sources == ["own", "default"]


def test_every_project_but_0_gets_them(slave: SlaveUnderTest) -> None:
    device = "/dev/nvme1n1p1"
    slave.put(f"/remote-api/quotas/defaults?device={device}&quota_type=project", json={HARD: 5})
    paths = [f"/remote-api/quotas/projects/{project}?device={device}" for project in (0, 1, 7)]
    rows = [slave.get(path).get_json()[0]["project_quotas"][0] for path in paths]
    assert [(row[HARD], row["limits_source"]) for row in rows] == [
        (0, "own"),
        (5, "default"),
        (150 * GIB_IN_KIB, "own"),
    ]


def test_a_change_in_part_keeps_what_the_person_saw(usual: SlaveUnderTest) -> None:
    row = usual.put(user(CHARLIE), json={HARD: 90 * GIB_IN_KIB}).get_json()
    assert (limits(row), row["limits_source"]) == ({**USUAL, HARD: 90 * GIB_IN_KIB}, "own")
    assert listed(usual, CHARLIE)[SOFT] == USUAL[SOFT]
    usual.put(DEFAULTS, json={HARD: 75 * GIB_IN_KIB})
    assert limits(listed(usual, CHARLIE)) == {**USUAL, HARD: 90 * GIB_IN_KIB}


def test_a_batch_in_part_keeps_what_the_people_saw(usual: SlaveUnderTest) -> None:
    body = {"device": SDB, "ids": [CHARLIE, ALICE, 999], "limits": {HARD_FILES: 500_000}}
    results = usual.post(BATCH, json=body).get_json()["results"]
    assert [limits(each["row"]) for each in results] == [
        {**USUAL, HARD_FILES: 500_000},
        {**NONE, SOFT: 90 * GIB_IN_KIB, HARD: 100 * GIB_IN_KIB, HARD_FILES: 500_000},
        {**NONE, HARD_FILES: 500_000},
    ]
    assert [each["row"]["limits_source"] for each in results] == ["own"] * 3
    assert [limits(each["before"]) for each in results] == [
        USUAL,
        {**NONE, SOFT: 90 * GIB_IN_KIB, HARD: 100 * GIB_IN_KIB},
        NONE,
    ]


def test_four_zeros_bring_the_defaults_back(usual: SlaveUnderTest) -> None:
    assert usual.put(user(ALICE), json={SOFT: 0}).get_json()["limits_source"] == "own"
    row = usual.put(user(ALICE), json=NONE).get_json()
    assert (limits(row), row["limits_source"], row["status"]) == (USUAL, "default", "hard_reached")
    assert row["warnings"] == ["below_usage"]
    assert limits(listed(usual, ALICE)) == USUAL
    assert usual.put(user(999), json=NONE).get_json()["limits_source"] == "own"


def test_a_dry_run_of_four_zeros_shows_the_defaults(usual: SlaveUnderTest) -> None:
    body = {"device": SDB, "ids": [ALICE, 999], "limits": NONE, "dry_run": True}
    dry = usual.post(BATCH, json=body).get_json()
    assert [each["row"]["limits_source"] for each in dry["results"]] == ["default", "own"]
    assert usual.post(BATCH, json={**body, "dry_run": False}).get_json() == dry


def test_if_match_refuses_a_change_over_other_defaults_than_were_seen(usual: SlaveUnderTest) -> None:
    seen = {"If-Match": usual.get(user(CHARLIE)).headers["ETag"]}
    usual.put(DEFAULTS, json={HARD: 75 * GIB_IN_KIB})
    late = usual.put(user(CHARLIE), json={HARD_FILES: 5}, headers=seen)
    assert (late.status_code, late.get_json()["code"]) == (409, "stale_update")
    seen = {"If-Match": usual.get(user(CHARLIE)).headers["ETag"]}
    assert usual.put(user(CHARLIE), json={HARD_FILES: 5}, headers=seen).status_code == 200


def test_the_list_of_every_worker_shows_them_at_once(database: Database) -> None:
    one, two = start_slave(database), start_slave(database)
    assert listed(one, CHARLIE)[HARD] == listed(two, CHARLIE)[HARD] == 0
    one.put(DEFAULTS, json=USUAL)
    assert listed(one, CHARLIE)[HARD] == listed(two, CHARLIE)[HARD] == USUAL[HARD]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({SOFT: 2, HARD: 1}, SOFT),
        ({HARD: 69 * GIB_IN_KIB}, SOFT),
        ({SOFT_FILES: 10_001}, SOFT_FILES),
        ({HARD: -1}, HARD),
        ({HARD: 2**43 + 1}, HARD),
        ({HARD_FILES: 2**63 + 1}, HARD_FILES),
        ({HARD: "10GB"}, HARD),
        ({HARD: 10.0}, HARD),
        ({HARD: None}, HARD),
        ({"uid": 1}, "uid"),
        ([], "body"),
    ],
)
def test_refused_bodies_change_nothing(usual: SlaveUnderTest, body: Any, field: str) -> None:
    answer = usual.put(DEFAULTS, json=body) if body else usual.put(DEFAULTS, body=b"[]")
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, field)
    assert limits(usual.get(DEFAULTS).get_json()) == USUAL


@pytest.mark.parametrize(
    ("device", "body", "status", "code"),
    [
        ("tank/home", {SOFT: 5}, 409, "not_supported"),
        ("tank/home", {HARD_FILES: 5}, 409, "not_supported"),
        ("tank/home&quota_type=group", {}, 409, "not_supported"),
        ("/dev/never", {}, 404, "device_not_found"),
        ("tank/home&quota_type=pool", {}, 422, "invalid_input"),
    ],
)
def test_what_a_device_cannot_keep_is_no_default(
    database: Database, device: str, body: dict[str, int], status: int, code: str
) -> None:
    slave = start_slave(database, host="host3")
    answer = slave.put(f"/remote-api/quotas/defaults?device={device}", json=body)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert limits(slave.get("/remote-api/quotas/defaults?device=tank/home").get_json()) == NONE


def test_a_read_key_may_not_set_them(slave: SlaveUnderTest) -> None:
    assert slave.put(DEFAULTS, key=READ, json=USUAL).status_code == 403
    assert limits(slave.get(DEFAULTS, key=READ).get_json()) == NONE


BELOW = st.integers(0, 2**43)


@given(first=st.dictionaries(st.sampled_from(LIMITS), BELOW), second=st.dictionaries(st.sampled_from(LIMITS), BELOW))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_set_is_kept_or_refused_whole(
    slave: SlaveUnderTest, first: dict[str, int], second: dict[str, int]
) -> None:
    slave.put(DEFAULTS, json=NONE)
    expected = NONE
    for body in (first, second):
        wanted = {**expected, **body}
        allowed = all(not wanted[hard] or wanted[soft] <= wanted[hard] for soft, hard in (LIMITS[:2], LIMITS[2:]))
        assert slave.put(DEFAULTS, json=body).status_code == (200 if allowed else 422)
        expected = wanted if allowed else expected
        assert limits(slave.get(DEFAULTS).get_json()) == expected == limits(listed(slave, CHARLIE))
