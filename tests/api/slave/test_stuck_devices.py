"""What hangs after it was read: its last good rows with their age and the problem, and nobody waits for them."""

import time
from collections.abc import Callable, Iterator
from threading import enumerate as living_threads
from typing import Any

import pytest

from app.backends.mock.backend import MockBackend
from app.backends.mock.hosts import HOST4
from app.db.engine import Database
from app.quota.backend import QuotaBackend
from tests.fakes.backends import DownBackend, HangingBackend, HangingListBackend, RemountingBackend
from tests.fakes.slave_app import SettableClock, SlaveUnderTest, mock_backend, start_slave

SHORT, LONG = 0.2, 30.0
"""Deadlines: one that passes at once, and one that no test waits for."""
AT_ONCE = LONG / 3
Shown = dict[str, Any]
VDB = "/dev/vdb1"
FIRST = "2026-11-21T12:00:00Z"


@pytest.fixture
def hanging(database: Database) -> Iterator[RemountingBackend]:
    backend = RemountingBackend(mock_backend(database, "host2", clock=SettableClock()), "hanging")
    backend.release()
    yield backend
    backend.release()


@pytest.fixture
def hanging_list(database: Database) -> Iterator[HangingListBackend]:
    backend = HangingListBackend(mock_backend(database, "host2", clock=SettableClock()), "tool")
    yield backend
    backend.release()


def start(database: Database, timeout: float, *backends: QuotaBackend, **more: Any) -> SlaveUnderTest:
    return start_slave(database, backends=backends, DEVICE_TIMEOUT_SECONDS=timeout, **more)


def devices(slave: SlaveUnderTest, query: str = "") -> dict[str, Any]:
    answer = slave.get(f"/remote-api/quotas{query}")
    assert answer.status_code == 200
    return {device["name"]: device for device in answer.get_json()}


def once(slave: SlaveUnderTest, holds: Callable[[Shown], bool]) -> Shown:
    """The devices, as soon as it holds of them: a slow machine may need longer than a deadline that passes at once."""
    until = time.monotonic() + LONG
    while not holds(found := devices(slave)):
        assert time.monotonic() < until
    return found


def once_well(slave: SlaveUnderTest) -> Shown:
    until = time.monotonic() + LONG
    while slave.get("/remote-api/quotas").status_code == 503:  # not even its list was there in time
        assert time.monotonic() < until
    return once(slave, lambda found: {device["status"] for device in found.values()} == {"ok"})


def once_failed(slave: SlaveUnderTest, code: str = "device_timeout") -> Shown:
    """As soon as the device shows this problem."""
    return once(slave, lambda found: found[VDB].get("problem", {}).get("code") == code)


def stuck_lanes() -> list[str]:
    return sorted(thread.name for thread in living_threads() if thread.name.startswith("lane "))


def test_its_last_good_rows_are_shown_with_their_age_and_the_problem(
    database: Database, hanging: RemountingBackend
) -> None:
    slave = start(database, SHORT, hanging)
    good = once_well(slave)[VDB]
    hanging.hang()
    slave.clock.advance(3600)
    once_failed(slave)
    for _ in range(2):
        found = devices(slave)[VDB]
        problem = found.pop("problem")
        assert (problem["code"], problem["since"]) == ("device_timeout", "2026-11-21T13:00:00Z")
        assert found == {**good, "status": "failed", "measured_at": FIRST}
    assert devices(slave, f"?device={VDB}&quota_type=group")[VDB]["group_quotas"] == good["group_quotas"]
    hanging.release()
    assert once_well(slave)[VDB]["measured_at"] == "2026-11-21T13:00:00Z"


def test_a_stuck_device_answers_304_with_one_etag(database: Database, hanging: RemountingBackend) -> None:
    slave = start(database, SHORT, hanging)
    once_well(slave)
    good = slave.get("/remote-api/quotas").headers["ETag"]
    hanging.hang()
    slave.clock.advance(60)
    once_failed(slave)
    stuck = slave.get("/remote-api/quotas", headers={"If-None-Match": good})
    assert stuck.status_code == 200
    slave.clock.advance(60)
    etag = stuck.headers["ETag"]
    assert slave.get("/remote-api/quotas", headers={"If-None-Match": etag}).status_code == 304


def test_one_that_takes_its_time_is_shown_as_it_was_and_the_reading_goes_on(
    database: Database, hanging: RemountingBackend
) -> None:
    slave = start(database, LONG, hanging, MockBackend(HOST4))
    before = slave.get("/remote-api/quotas")
    hanging.hang()
    slave.clock.advance(60)
    started = time.monotonic()
    late = slave.get("/remote-api/quotas", headers={"If-None-Match": before.headers["ETag"]})
    assert time.monotonic() - started < AT_ONCE
    shown = {device["name"]: device for device in late.get_json()}
    assert (shown[VDB]["status"], shown[VDB]["measured_at"]) == ("ok", FIRST)
    shown = once(slave, lambda found: found["/dev/sda1"]["measured_at"] == "2026-11-21T12:01:00Z")
    assert (shown[VDB]["status"], shown[VDB]["measured_at"]) == ("ok", FIRST)
    hanging.release()
    once(slave, lambda found: found[VDB]["measured_at"] != FIRST)


def test_what_was_changed_is_never_shown_as_it_was(database: Database, hanging: RemountingBackend) -> None:
    """It waits for the deadline instead of saying after a moment that all is well as before."""
    slave = start(database, 3, hanging)
    once_well(slave)
    limits = {"block_soft_limit": 7, "block_hard_limit": 7}
    assert slave.put(f"/remote-api/quotas/users/1000?device={VDB}", json=limits).status_code == 200
    hanging.hang()
    found = devices(slave)[VDB]
    assert (found["status"], found["measured_at"]) == ("failed", FIRST)


def test_any_other_failure_shows_no_rows_not_even_when_it_hangs_later(database: Database) -> None:
    down = DownBackend(mock_backend(database, "host2", clock=SettableClock()), "kernel")
    around = HangingBackend(down, "kernel")
    around.release()
    down.down = False
    slave = start(database, SHORT, around)
    assert once_well(slave)[VDB]["user_quotas"]
    down.down = True
    slave.clock.advance(60)
    assert not {"user_quotas", "usage"} & once_failed(slave, "device_unavailable")[VDB].keys()
    around.hang()
    found = once_failed(slave)[VDB]
    assert not {"user_quotas", "usage"} & found.keys()
    around.release()


def test_one_mounted_elsewhere_is_read_at_once_and_has_no_rows_of_before(
    database: Database, hanging: RemountingBackend
) -> None:
    slave = start(database, SHORT, hanging)
    once_well(slave)
    slave.clock.advance(2)
    hanging.mounted_at = "/elsewhere"
    found = once(slave, lambda found: is_mounted_at(found, "/elsewhere") and found[VDB]["status"] == "ok")
    assert found[VDB]["measured_at"] == "2026-11-21T12:00:02Z"
    hanging.hang()
    hanging.mounted_at = "/third"
    found = once(slave, lambda found: is_mounted_at(found, "/third"))[VDB]
    assert found["status"] == "failed"
    assert not {"user_quotas", "usage"} & found.keys()


def is_mounted_at(found: Shown, mount_point: str) -> bool:
    return bool(found[VDB]["mount_points"] == [mount_point])


def test_several_that_hang_cost_one_deadline(database: Database) -> None:
    timeout, hosts = 3.0, ("host1", "host2", "host3", "host4")
    hanging = [HangingBackend(mock_backend(database, host, clock=SettableClock()), host) for host in hosts]
    slave = start(database, timeout, *hanging)
    started = time.monotonic()
    assert {device["status"] for device in devices(slave).values()} == {"failed"}
    assert time.monotonic() - started < 3 * timeout
    for each in hanging:
        each.release()


def test_who_asks_for_another_device_never_waits(
    database: Database, hanging: RemountingBackend, hanging_list: HangingListBackend
) -> None:
    """Not even one that has never had an answer from the list that hangs."""
    backends = (hanging, MockBackend(HOST4), hanging_list)
    devices(start(database, LONG, *backends))
    hanging.hang()
    hanging_list.hang()
    slave = start(database, LONG, *backends)
    slave.clock.advance(60)
    started = time.monotonic()
    other = "?device=/dev/sda1"
    assert devices(slave, other)["/dev/sda1"]["measured_at"] == "2026-11-21T12:01:00Z"
    assert slave.put(f"/remote-api/quotas/users/1000{other}", json={}).status_code == 200
    assert slave.get(f"/remote-api/quotas/users/1000{other}").status_code == 200
    assert time.monotonic() - started < AT_ONCE


def test_a_stuck_device_holds_one_thread_whatever_is_asked(database: Database, hanging: RemountingBackend) -> None:
    slave = start(database, SHORT, hanging, MockBackend(HOST4))
    once_well(slave)
    hanging.hang()
    slave.clock.advance(60)
    once_failed(slave)
    for _ in range(10):
        slave.clock.advance(15)
        devices(slave)
        slave.get(f"/remote-api/quotas?device={VDB}")
        slave.get("/remote-api/quotas/users/1000")
        slave.get("/remote-api/host")
        assert slave.put(f"/remote-api/quotas/users/1000?device={VDB}", json={"block_hard_limit": 1}).status_code == 503
    assert stuck_lanes().count(f"lane {VDB}") == 1


def test_a_list_that_hangs_leaves_its_devices_as_they_were_and_then_failed_with_rows(
    database: Database, hanging_list: HangingListBackend
) -> None:
    slave = start(database, 2, hanging_list, MockBackend(HOST4))
    good = once_well(slave)[VDB]
    hanging_list.hang()
    found = once(slave, lambda found: found[VDB]["status"] != "ok")
    assert found[VDB]["problem"]["code"] == "device_timeout"
    assert found[VDB]["user_quotas"] == good["user_quotas"]
    assert found["/dev/sda1"]["status"] == "ok"
    for _ in range(10):
        devices(slave)
    assert stuck_lanes().count("lane the list of tool devices") == 1


def test_a_list_that_hangs_after_a_restart_is_not_no_devices(
    database: Database, hanging_list: HangingListBackend
) -> None:
    once_well(start(database, SHORT, hanging_list, MockBackend(HOST4)))
    hanging_list.hang()
    restarted = start(database, SHORT, hanging_list, MockBackend(HOST4), run_id="run-2")
    assert devices(restarted)[VDB]["problem"]["code"] == "device_timeout"
    found = once(restarted, lambda found: found["/dev/sda1"]["status"] == "ok")
    assert found[VDB]["problem"]["code"] == "device_timeout"


def test_where_nothing_is_known_and_no_list_answers_there_is_no_answer(
    database: Database, hanging_list: HangingListBackend
) -> None:
    hanging_list.hang()
    answer = start(database, SHORT, hanging_list).get("/remote-api/quotas")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "device_timeout")
