"""Pages are computed in turns, in the order in which they were asked for, and nobody waits for one that is stuck."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import pytest

from app.web.turns import Turns
from tests.fakes.fleet_database import eventually

WAIT_SECONDS = 30


class Counter:
    """Who is in, how many were in at once, and who came in when."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._lock = threading.Lock()
        self.now = self.most = 0
        self.order: list[int] = []

    def has_seen(self, number: int) -> bool:
        """Are so many in, or waiting?"""
        return len(self.order) + self._turns.waiting == number

    def work(self, number: int, until: Callable[[], object]) -> None:
        with self._turns.turn():
            with self._lock:
                self.now += 1
                self.most = max(self.most, self.now)
                self.order.append(number)
            until()
            with self._lock:
                self.now -= 1


def test_so_many_are_in_at_once_and_each_in_its_order() -> None:
    turns, leave = Turns(2, WAIT_SECONDS), [threading.Event() for _ in range(6)]
    counter = Counter(turns)
    with ThreadPoolExecutor(6) as pool:
        done: list[Future[None]] = []
        for number, event in enumerate(leave):
            done.append(pool.submit(counter.work, number, partial(event.wait, WAIT_SECONDS)))
            eventually(partial(counter.has_seen, number + 1))
        for each, event in zip(done, leave, strict=True):
            event.set()
            each.result()
            eventually(partial(counter.has_seen, 6))
            eventually(lambda: counter.now == min(2, sum(not its.done() for its in done)))
    assert counter.most == 2
    assert counter.order == list(range(6))


def test_a_stuck_one_keeps_nobody_for_longer_than_their_patience() -> None:
    turns, leave = Turns(1, 0.01), threading.Event()
    counter = Counter(turns)
    with ThreadPoolExecutor(1) as pool:
        stuck = pool.submit(counter.work, 0, lambda: leave.wait(WAIT_SECONDS))
        eventually(lambda: counter.order == [0])
        counter.work(1, lambda: None)
        leave.set()
        stuck.result()
    assert (counter.order, turns.waiting) == ([0, 1], 0)


def test_whoever_fails_gives_the_turn_on() -> None:
    turns = Turns(1, WAIT_SECONDS)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), turns.turn():
            raise ZeroDivisionError
    Counter(turns).work(0, lambda: None)


def test_whoever_went_ahead_gives_no_turn_on() -> None:
    turns, leave = Turns(1, 0.01), threading.Event()
    counter = Counter(turns)
    with ThreadPoolExecutor(1) as pool:
        stuck = pool.submit(counter.work, 0, lambda: leave.wait(WAIT_SECONDS))
        eventually(lambda: counter.order == [0])
        counter.work(1, lambda: None)
        assert turns.free == 0
        leave.set()
        stuck.result()
    assert turns.free == 1
