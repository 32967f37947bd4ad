"""What hangs after it was read: its last good rows with their age and the problem, and nobody waits for them."""

import time
from collections.abc import Iterator
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


def stuck_lanes() -> list[str]:
    return sorted(thread.name for thread in living_threads() if thread.name.startswith("lane "))


def test_its_last_good_rows_are_shown_with_their_age_and_the_problem(
    database: Database, hanging: RemountingBackend
) -> None:
    slave = start(database, SHORT, hanging)
    good = devices(slave)[VDB]
    hanging.hang()
    slave.clock.advance(3600)
    for _ in range(2):
        found = devices(slave)[VDB]
        problem = found.pop("problem")
        assert (problem["code"], problem["since"]) == ("device_timeout", "2026-11-21T13:00:00Z")
        assert found == {**good, "status": "failed", "measured_at": FIRST}
    assert devices(slave, f"?device={VDB}&quota_type=group")[VDB]["group_quotas"] == good["group_quotas"]
    hanging.release()
    until = time.monotonic() + 5
    while devices(slave)[VDB]["status"] == "failed":
        assert time.monotonic() < until
    assert devices(slave)[VDB]["measured_at"] == "2026-11-21T13:00:00Z"


def test_a_stuck_device_answers_304_with_one_etag(database: Database, hanging: RemountingBackend) -> None:
    slave = start(database, SHORT, hanging)
    good = slave.get("/remote-api/quotas").headers["ETag"]
    hanging.hang()
    slave.clock.advance(60)
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
    assert shown["/dev/sda1"]["measured_at"] == "2026-11-21T12:01:00Z"
    hanging.release()
    until = time.monotonic() + 5
    while devices(slave)[VDB]["measured_at"] == FIRST:
        assert time.monotonic() < until


def test_what_was_changed_is_never_shown_as_it_was(database: Database, hanging: RemountingBackend) -> None:
    """It waits for the deadline instead of saying after a moment that all is well as before."""
    slave = start(database, 1.5, hanging)
    devices(slave)
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
    assert devices(slave)[VDB]["user_quotas"]
    down.down = True
    slave.clock.advance(60)
    assert not {"user_quotas", "usage"} & devices(slave)[VDB].keys()
    around.hang()
    found = devices(slave)[VDB]
    assert found["problem"]["code"] == "device_timeout"
    assert not {"user_quotas", "usage"} & found.keys()
    around.release()


def test_one_mounted_elsewhere_is_read_at_once_and_has_no_rows_of_before(
    database: Database, hanging: RemountingBackend
) -> None:
    slave = start(database, SHORT, hanging)
    devices(slave)
    slave.clock.advance(2)
    hanging.mounted_at = "/elsewhere"
    assert once_mounted_at(slave, "/elsewhere")["measured_at"] == "2026-11-21T12:00:02Z"
    hanging.hang()
    hanging.mounted_at = "/third"
    found = once_mounted_at(slave, "/third")
    assert found["status"] == "failed"
    assert not {"user_quotas", "usage"} & found.keys()


def once_mounted_at(slave: SlaveUnderTest, mount_point: str) -> dict[str, Any]:
    """The device, as soon as it is listed there."""
    until = time.monotonic() + 5
    while (found := devices(slave)[VDB])["mount_points"] != [mount_point]:
        assert time.monotonic() < until
    return dict(found)


def test_several_that_hang_cost_one_deadline(database: Database) -> None:
    timeout, hosts = 1.5, ("host1", "host2", "host3", "host4")
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
    devices(slave)
    hanging.hang()
    slave.clock.advance(60)
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
    slave = start(database, 1.2, hanging_list, MockBackend(HOST4))
    good = devices(slave)[VDB]
    hanging_list.hang()
    until = time.monotonic() + 10
    while (found := devices(slave))[VDB]["status"] == "ok":
        assert time.monotonic() < until
    assert found[VDB]["problem"]["code"] == "device_timeout"
    assert found[VDB]["user_quotas"] == good["user_quotas"]
    assert found["/dev/sda1"]["status"] == "ok"
    for _ in range(10):
        devices(slave)
    assert stuck_lanes().count("lane the list of tool devices") == 1


def test_a_list_that_hangs_after_a_restart_is_not_no_devices(
    database: Database, hanging_list: HangingListBackend
) -> None:
    devices(start(database, SHORT, hanging_list, MockBackend(HOST4)))
    hanging_list.hang()
    found = devices(start(database, SHORT, hanging_list, MockBackend(HOST4), run_id="run-2"))
    assert found[VDB]["problem"]["code"] == "device_timeout"
    assert found["/dev/sda1"]["status"] == "ok"


def test_where_nothing_is_known_and_no_list_answers_there_is_no_answer(
    database: Database, hanging_list: HangingListBackend
) -> None:
    hanging_list.hang()
    answer = start(database, SHORT, hanging_list).get("/remote-api/quotas")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "device_timeout")
