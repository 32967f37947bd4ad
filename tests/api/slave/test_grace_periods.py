"""Grace periods of a device: read, set in part or whole, refused where there are none."""

from typing import Any

import pytest

from app.db.engine import Database
from app.quota.errors import DeviceUnavailableError
from app.quota.values import GracePeriods, QuotaType
from tests.fakes.backends import BackendAround, HangingBackend
from tests.fakes.slave_app import READ, SettableClock, SlaveUnderTest, mock_backend, start_slave

SDA = "/remote-api/quotas/grace?device=/dev/sda1"
WEEK = 604_800
LARGEST = 2**32 - 1


class FailingBackend(BackendAround):
    """Cannot set grace periods."""

    def set_grace_periods(self, device: str, quota_type: QuotaType, periods: GracePeriods) -> None:
        raise DeviceUnavailableError("Input/output error.")


class RoundingBackend(BackendAround):
    """Keeps whole minutes, as some mechanisms do."""

    def set_grace_periods(self, device: str, quota_type: QuotaType, periods: GracePeriods) -> None:
        rounded = GracePeriods(-(-periods.block_seconds // 60) * 60, -(-periods.inode_seconds // 60) * 60)
        super().set_grace_periods(device, quota_type, rounded)


def periods(slave: SlaveUnderTest, path: str = SDA) -> tuple[int, int]:
    answer = slave.get(path)
    assert answer.status_code == 200
    return answer.get_json()["block_grace"], answer.get_json()["inode_grace"]


def test_they_are_a_week_until_they_are_set(slave: SlaveUnderTest) -> None:
    assert slave.get(SDA).get_json() == {
        "device": "/dev/sda1",
        "quota_type": "user",
        "block_grace": WEEK,
        "inode_grace": WEEK,
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"block_grace": 3600}, (3600, WEEK)),
        ({"inode_grace": 3600}, (WEEK, 3600)),
        ({"block_grace": 1, "inode_grace": LARGEST}, (1, LARGEST)),
        ({}, (WEEK, WEEK)),
    ],
)
def test_a_given_one_is_set_and_the_other_stays(
    slave: SlaveUnderTest, body: dict[str, int], expected: tuple[int, int]
) -> None:
    answer = slave.put(SDA, json=body)
    assert answer.status_code == 200
    assert (answer.get_json()["block_grace"], answer.get_json()["inode_grace"]) == expected
    assert periods(slave) == expected


def test_each_quota_type_has_its_own(slave: SlaveUnderTest) -> None:
    group = f"{SDA}&quota_type=group"
    assert slave.put(group, json={"block_grace": 60}).get_json()["quota_type"] == "group"
    assert (periods(slave), periods(slave, group)) == ((WEEK, WEEK), (60, WEEK))


@pytest.mark.parametrize(
    "body",
    [
        {"block_grace": 0},
        {"block_grace": -1},
        {"block_grace": LARGEST + 1},
        {"block_grace": "7days"},
        {"block_grace": "60"},
        {"block_grace": 60.0},
        {"block_grace": None},
        {"block_grace": True},
        {"inode_grace": 2**80},
        {"grace": 60},
        {"block_grace": 60, "inode_grace": -1},
        [],
        None,
    ],
)
def test_refused_bodies_change_nothing(slave: SlaveUnderTest, body: Any) -> None:
    answer = slave.put(SDA, json=body) if body is not None else slave.put(SDA, body=b"null")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_input")
    assert periods(slave) == (WEEK, WEEK)


@pytest.mark.parametrize(
    ("host", "device", "status", "code"),
    [
        ("host3", "tank/home", 409, "not_supported"),
        ("host4", "docker", 409, "not_supported"),
        ("host1", "/dev/sda1&quota_type=project", 409, "not_supported"),
        ("host1", "/dev/never", 404, "device_not_found"),
        ("host1", "/dev/sda1&quota_type=pool", 422, "invalid_input"),
        ("host1", "/dev/sda1&uid=1", 422, "invalid_input"),
    ],
)
def test_where_there_are_none(database: Database, host: str, device: str, status: int, code: str) -> None:
    slave = start_slave(database, host=host)
    path = f"/remote-api/quotas/grace?device={device}"
    for answer in (slave.get(path), slave.put(path, json={}), slave.put(path, json={"block_grace": 60})):
        assert (answer.status_code, answer.get_json()["code"]) == (status, code)


def test_a_read_key_may_not_set_them(slave: SlaveUnderTest) -> None:
    assert slave.put(SDA, key=READ, json={"block_grace": 60}).status_code == 403
    assert periods(slave) == (WEEK, WEEK)


def test_they_are_answered_as_read_back(database: Database) -> None:
    slave = start_slave(database, backends=[RoundingBackend(mock_backend(database, "host1", clock=SettableClock()))])
    assert slave.put(SDA, json={"block_grace": 61}).get_json()["block_grace"] == 120


def test_the_list_of_every_worker_shows_them_at_once(database: Database) -> None:
    one, two = start_slave(database), start_slave(database)

    def shown(slave: SlaveUnderTest) -> int:
        (device,) = slave.get("/remote-api/quotas?device=/dev/sda1").get_json()
        return int(device["user_quota_info"]["block_grace"])

    assert shown(one) == shown(two) == WEEK
    one.put(SDA, json={"block_grace": 60})
    assert shown(one) == shown(two) == 60


def test_a_device_that_fails_or_hangs(database: Database) -> None:
    inner = mock_backend(database, "host1", clock=SettableClock())
    failing = start_slave(database, backends=[FailingBackend(inner)])
    answer = failing.put(SDA, json={"block_grace": 60})
    assert (answer.status_code, answer.get_json()["code"]) == (503, "device_unavailable")
    hanging = HangingBackend(inner)
    stuck = start_slave(database, backends=[hanging], DEVICE_TIMEOUT_SECONDS=2)
    for answer in (stuck.get(SDA), stuck.put(SDA, json={"block_grace": 60})):
        assert (answer.status_code, answer.get_json()["code"]) == (503, "device_timeout")
    hanging.release()
