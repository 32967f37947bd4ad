"""Lanes: one thread, a deadline, and no second wait."""

import time
from collections.abc import Iterator
from threading import Event, current_thread
from threading import enumerate as living_threads

import pytest

from app.quota.errors import DeviceTimeoutError
from app.slave.lanes import Lane, Lanes

DEADLINE = 0.1
PATIENCE_SECONDS = 30
"""For what no healthy run waits for."""


@pytest.fixture
def go_on() -> Iterator[Event]:
    event = Event()
    yield event
    event.set()


def test_results_and_errors_reach_whoever_waits() -> None:
    lane = Lane("a device", PATIENCE_SECONDS)
    assert lane.run(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        lane.run(lambda: 1 // 0)
    assert lane.run(lambda: 8) == 8


def test_jobs_run_in_order_and_in_one_thread(go_on: Event) -> None:
    lane, order, threads = Lane("ordered", PATIENCE_SECONDS), [], set()

    def job(number: int) -> None:
        order.append(number)
        threads.add(current_thread())
        assert len([thread for thread in living_threads() if thread.name == "lane ordered"]) == 1

    first = lane.submit(go_on.wait)
    futures = [lane.submit(lambda number=number: job(number)) for number in range(50)]  # type: ignore[misc] # a default
    go_on.set()
    assert first.result(PATIENCE_SECONDS)
    assert [future.result(PATIENCE_SECONDS) for future in futures] == [None] * 50
    assert order == list(range(50))
    assert len(threads) == 1


def test_a_stuck_lane_refuses_at_once_and_is_free_when_its_job_is_back(go_on: Event) -> None:
    lane, began, ran = Lane("stuck", DEADLINE), Event(), []
    first = lane.submit(lambda: began.set() or go_on.wait())  # type: ignore[func-returns-value] # one after the other
    assert began.wait(PATIENCE_SECONDS)
    refused = lane.settle(first)
    assert isinstance(refused, DeviceTimeoutError)
    assert refused.retry_after_seconds
    assert lane.is_stuck
    started = time.monotonic()
    for _ in range(100):
        with pytest.raises(DeviceTimeoutError):
            lane.run(lambda: ran.append(1))
    assert time.monotonic() - started < 100 * DEADLINE
    go_on.set()
    until = time.monotonic() + PATIENCE_SECONDS
    while lane.is_stuck:
        assert time.monotonic() < until
    assert lane.submit(lambda: 9).result(PATIENCE_SECONDS) == 9
    assert ran == []


def test_a_job_that_did_not_begin_in_time_never_runs(go_on: Event) -> None:
    lane, ran = Lane("late", DEADLINE), []
    first = lane.submit(go_on.wait)
    second = lane.submit(lambda: ran.append(1))
    assert isinstance(lane.settle(second), DeviceTimeoutError)
    go_on.set()
    assert first.result(PATIENCE_SECONDS)
    assert lane.submit(lambda: 1).result(PATIENCE_SECONDS) == 1
    assert ran == []


def test_a_lane_leaves_no_thread_behind() -> None:
    lane = Lane("short", PATIENCE_SECONDS)
    lane.run(lambda: None)
    until = time.monotonic() + PATIENCE_SECONDS
    while any(thread.name == "lane short" for thread in living_threads()):
        assert time.monotonic() < until


def test_lanes_are_made_once() -> None:
    lanes = Lanes(5)
    assert lanes.lane("a") is lanes.lane("a")
    assert lanes.lane("a") is not lanes.lane("b")
