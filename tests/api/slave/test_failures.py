"""What hangs, fails or is gone is a failed device with its reason; the others answer in time."""

import time
from collections.abc import Iterator, Sequence
from threading import active_count
from threading import enumerate as living_threads
from typing import Any

import pytest

from app.backends.mock.backend import MockBackend
from app.backends.mock.hosts import HOST2, HOST3, HOST4
from app.db.engine import Database
from app.quota.backend import QuotaBackend
from app.quota.values import Device
from tests.fakes.backends import BackendAround, DownBackend, HangingBackend
from tests.fakes.slave_app import SettableClock, SlaveUnderTest, mock_backend, start_slave

TIMEOUT, LONG = 2.0, 30.0
"""The deadline of devices, with room for those that do not hang on a slow machine; and what nobody waits for."""
VDB = "/remote-api/quotas/users/1000?device=/dev/vdb1"
DAY = 24 * 3600


class ForgetfulBackend(BackendAround):
    """Lists only the devices that are not in `gone`."""

    gone: frozenset[str] = frozenset()

    def list_devices(self) -> Sequence[Device]:
        return [device for device in super().list_devices() if device.name not in self.gone]


class HangingList(HangingBackend):
    """Hangs even in the list of devices."""

    def before(self, call: str) -> None:
        super().before("list_devices as any other call")


class BrokenBackend(BackendAround):
    """Raises what no backend promises, with a secret in it."""

    def before(self, call: str) -> None:
        if call == "get_usage":
            raise ZeroDivisionError("password=hunter2")


@pytest.fixture
def hanging(database: Database) -> Iterator[HangingBackend]:
    backend = HangingBackend(mock_backend(database, "host2", clock=SettableClock()), "hanging")
    yield backend
    backend.release()


@pytest.fixture
def forgetful(database: Database) -> ForgetfulBackend:
    return ForgetfulBackend(mock_backend(database, "host2", clock=SettableClock()), "kernel")


def start(database: Database, *backends: QuotaBackend, **settings: Any) -> SlaveUnderTest:
    return start_slave(database, backends=backends, DEVICE_TIMEOUT_SECONDS=TIMEOUT, **settings)


def devices(slave: SlaveUnderTest, query: str = "") -> dict[str, Any]:
    answer = slave.get(f"/remote-api/quotas{query}")
    assert answer.status_code == 200
    return {device["name"]: device for device in answer.get_json()}


def once(slave: SlaveUnderTest, status: str) -> dict[str, Any]:
    """The device, as soon as it has this status: one that hangs is late at first, then failed."""
    until = time.monotonic() + LONG
    while (found := devices(slave)["/dev/vdb1"])["status"] != status:
        assert time.monotonic() < until
    return dict(found)


def lanes() -> list[str]:
    return sorted(thread.name for thread in living_threads() if thread.name.startswith("lane /dev/vdb1"))


def test_a_device_that_hangs_is_failed_and_the_others_are_fine(database: Database, hanging: HangingBackend) -> None:
    slave = start(database, hanging, MockBackend(HOST4))
    found = devices(slave)
    assert {name: device["status"] for name, device in found.items()} == {
        "/dev/vdb1": "failed",
        "tank/home": "failed",
        "/dev/sda1": "ok",
        "docker": "ok",
    }
    failed = found["/dev/vdb1"]
    assert failed["problem"]["code"] == "device_timeout"
    assert failed["problem"]["since"] == "2026-11-21T12:00:00Z"
    assert failed["mount_points"] == ["/home"]
    assert not {"user_quotas", "group_quotas", "usage"} & failed.keys()


def test_while_it_hangs_nobody_waits_again_and_no_threads_pile_up(database: Database, hanging: HangingBackend) -> None:
    slave = start(database, hanging, MockBackend(HOST4))
    devices(slave)
    threads, started = active_count(), time.monotonic()
    for _ in range(20):
        slave.clock.advance(60)
        assert devices(slave)["/dev/vdb1"]["problem"]["since"] == "2026-11-21T12:00:00Z"
    assert time.monotonic() - started < 20 * TIMEOUT
    assert active_count() <= threads
    assert lanes() == ["lane /dev/vdb1"]


def test_it_is_fine_again_when_it_answers(database: Database, hanging: HangingBackend) -> None:
    slave = start(database, hanging)
    assert devices(slave)["/dev/vdb1"]["status"] == "failed"
    hanging.release()
    once(slave, "ok")
    slave.clock.advance(60)
    hanging.hang()
    assert once(slave, "failed")["problem"]["since"] == "2026-11-21T12:01:00Z"


def test_a_change_on_a_device_that_hangs_is_a_timeout(database: Database, hanging: HangingBackend) -> None:
    slave = start(database, hanging)
    for _ in range(2):
        answer = slave.put(VDB, json={"block_hard_limit": 0})
        assert (answer.status_code, answer.get_json()["code"]) == (503, "device_timeout")
        assert int(answer.headers["Retry-After"]) > 0


def test_one_user_is_read_beside_a_device_that_hangs(database: Database, hanging: HangingBackend) -> None:
    slave = start(database, hanging, MockBackend(HOST4))
    found = {device["name"]: device for device in slave.get("/remote-api/quotas/users/1000").get_json()}
    assert found["/dev/vdb1"]["problem"]["code"] == "device_timeout"
    assert found["/dev/sda1"]["user_quotas"][0]["name"] == "alice"


def test_a_list_that_hangs_or_fails_is_shown_and_its_devices_are_failed(database: Database) -> None:
    down = DownBackend(mock_backend(database, "host2", clock=SettableClock()), "kernel")
    down.down = False
    slave = start(database, down, MockBackend(HOST4))
    assert {device["status"] for device in devices(slave).values()} == {"ok"}
    down.down = down.list_fails = True
    slave = start(database, down, MockBackend(HOST4))
    found = devices(slave)
    assert found["/dev/vdb1"]["problem"]["code"] == "device_unavailable"
    assert found["/dev/sda1"]["status"] == "ok"
    host = slave.get("/remote-api/host").get_json()
    assert [(backend["name"], backend["status"]) for backend in host["backends"]] == [
        ("kernel", "failed"),
        ("mock", "ok"),
    ]
    assert slave.put(VDB, json={}).status_code == 503
    assert slave.put("/remote-api/quotas/users/1?device=/dev/never", json={}).status_code == 503


def test_a_list_that_hangs_takes_no_other_backend_along(database: Database) -> None:
    hanging = HangingList(MockBackend(HOST2), "kernel")
    slave = start(database, hanging, MockBackend(HOST4))
    assert set(devices(slave)) == {"/dev/sda1", "docker"}
    assert slave.get("/remote-api/host").get_json()["backends"][0]["problem"]["code"] == "device_timeout"
    hanging.release()


def test_an_error_that_no_backend_promises_is_told_without_its_text(database: Database) -> None:
    slave = start(database, BrokenBackend(MockBackend(HOST3)))
    answer = slave.get("/remote-api/quotas")
    assert {device["problem"]["code"] for device in answer.get_json()} == {"backend_unavailable"}
    assert b"hunter2" not in answer.data


def test_the_since_of_a_failure_is_the_same_in_every_worker(database: Database) -> None:
    down = DownBackend(MockBackend(HOST2), "kernel")
    one, two = start(database, down), start(database, down)
    first = one.get("/remote-api/quotas")
    two.clock.advance(30)
    again = two.get("/remote-api/quotas", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_a_device_that_is_gone_stays_listed_as_failed(database: Database, forgetful: ForgetfulBackend) -> None:
    slave = start(database, forgetful)
    devices(slave)
    forgetful.gone = frozenset({"/dev/vdb1"})
    other_worker = start(database, forgetful)
    found = devices(other_worker)["/dev/vdb1"]
    assert (found["status"], found["problem"]["code"]) == ("failed", "device_unavailable")
    answer = other_worker.put(VDB, json={"block_hard_limit": 0})
    assert (answer.status_code, answer.get_json()["code"]) == (503, "device_unavailable")
    assert other_worker.put(VDB.replace("vdb1", "vdc1"), json={}).status_code == 404


def test_it_is_forgotten_after_a_day_and_by_a_restart(database: Database, forgetful: ForgetfulBackend) -> None:
    slave = start(database, forgetful)
    devices(slave)
    forgetful.gone = frozenset({"/dev/vdb1"})
    restarted = start(database, forgetful, run_id="run-2")
    assert set(devices(restarted)) == {"tank/home"}
    day_later = start(database, forgetful)
    day_later.clock.advance(DAY + 1)
    assert set(devices(day_later)) == {"tank/home"}


def test_a_gone_device_that_is_back_is_fine(database: Database, forgetful: ForgetfulBackend) -> None:
    devices(start(database, forgetful))
    forgetful.gone = frozenset({"/dev/vdb1"})
    assert devices(start(database, forgetful))["/dev/vdb1"]["status"] == "failed"
    forgetful.gone = frozenset()
    assert devices(start(database, forgetful))["/dev/vdb1"]["status"] == "ok"
