"""Lanes: one thread, a deadline, and no second wait."""

import time
from collections.abc import Iterator
from threading import Event, current_thread
from threading import enumerate as living_threads

import pytest

from app.quota.errors import DeviceTimeoutError
from app.slave.lanes import Lane, Lanes

DEADLINE = 0.1


@pytest.fixture
def go_on() -> Iterator[Event]:
    event = Event()
    yield event
    event.set()


def test_results_and_errors_reach_whoever_waits() -> None:
    lane = Lane("a device", 5)
    assert lane.run(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        lane.run(lambda: 1 // 0)
    assert lane.run(lambda: 8) == 8


def test_jobs_run_in_order_and_one_at_a_time() -> None:
    lane, order, threads = Lane("ordered", 5), [], set()

    def job(number: int) -> None:
        order.append(number)
        threads.add(current_thread())
        assert len([thread for thread in living_threads() if thread.name == "lane ordered"]) == 1

    futures = [lane.submit(lambda number=number: job(number)) for number in range(50)]  # type: ignore[misc] # a default
    assert [future.result(5) for future in futures] == [None] * 50
    assert order == list(range(50))


def test_a_stuck_lane_refuses_at_once_and_is_free_when_its_job_is_back(go_on: Event) -> None:
    lane, ran = Lane("stuck", DEADLINE), []
    with pytest.raises(DeviceTimeoutError) as refused:
        lane.run(go_on.wait)
    assert refused.value.retry_after_seconds
    assert lane.is_stuck
    started = time.monotonic()
    with pytest.raises(DeviceTimeoutError):
        lane.run(lambda: ran.append(1))
    assert time.monotonic() - started < DEADLINE
    go_on.set()
    until = time.monotonic() + 5
    while lane.is_stuck:
        assert time.monotonic() < until
    assert lane.run(lambda: 9) == 9
    assert ran == []


def test_a_job_that_did_not_begin_in_time_never_runs(go_on: Event) -> None:
    lane, ran = Lane("late", DEADLINE), []
    first = lane.submit(go_on.wait)
    second = lane.submit(lambda: ran.append(1))
    assert isinstance(lane.settle(second), DeviceTimeoutError)
    go_on.set()
    assert first.result(5)
    assert lane.run(lambda: 1) == 1
    assert ran == []


def test_a_lane_leaves_no_thread_behind() -> None:
    lane = Lane("short", 5)
    lane.run(lambda: None)
    until = time.monotonic() + 5
    while any(thread.name == "lane short" for thread in living_threads()):
        assert time.monotonic() < until


def test_lanes_are_made_once() -> None:
    lanes = Lanes(5)
    assert lanes.lane("a") is lanes.lane("a")
    assert lanes.lane("a") is not lanes.lane("b")
