"""What is asked for at the same time is computed once; nobody gets what was begun before they asked."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from app.quota.errors import InvalidInputError
from app.web.sharing import SharedAnswers
from app.web.turns import Turns
from tests.fakes.fleet_database import eventually

WAIT_SECONDS = 60


class Page:
    """Counts how often it was computed. The first time takes until `leave`, where that is not set."""

    def __init__(self) -> None:
        self.times = 0
        self.begun = threading.Event()
        self.leave = threading.Event()

    def compute(self) -> int:
        self.times += 1
        mine = self.times
        self.begun.set()
        if mine == 1:
            assert self.leave.wait(WAIT_SECONDS)
        return mine

    def break_down_once(self) -> int:
        self.times += 1
        return 1 // (self.times - 1)

    def fail(self) -> int:
        self.times += 1
        raise InvalidInputError("There is no such page.")


@contextmanager
def occupied(turns: Turns) -> Iterator[Callable[[], None]]:
    """Somebody else has a turn, until the given function is called."""
    holds, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with turns.turn():
            holds.set()
            leave.wait(WAIT_SECONDS)

    thread = threading.Thread(target=hold)
    thread.start()
    assert holds.wait(WAIT_SECONDS)
    try:
        yield leave.set
    finally:
        leave.set()
        thread.join()


def asked_by(pool: ThreadPoolExecutor, number: int, ask: Callable[[], int]) -> list[Future[int]]:
    return [pool.submit(ask) for _ in range(number)]


def test_who_asks_before_it_is_begun_gets_the_same() -> None:
    turns, page = Turns(1, WAIT_SECONDS), Page()
    page.leave.set()
    shared = SharedAnswers[int](turns, WAIT_SECONDS)
    with ThreadPoolExecutor(8) as pool, occupied(turns) as leave:
        asked = asked_by(pool, 8, lambda: shared.answer("page", page.compute))
        eventually(lambda: shared.joined == 7)
        leave()
        assert [each.result(WAIT_SECONDS) for each in asked] == [1] * 8
    assert (page.times, shared.joined, turns.free) == (1, 0, 1)


def test_who_asks_after_it_was_begun_gets_another() -> None:
    page, shared = Page(), SharedAnswers[int](Turns(2, WAIT_SECONDS), WAIT_SECONDS)
    with ThreadPoolExecutor(2) as pool:
        (first,) = asked_by(pool, 1, lambda: shared.answer("page", page.compute))
        assert page.begun.wait(WAIT_SECONDS)
        try:
            assert shared.answer("page", page.compute) == 2
        finally:
            page.leave.set()
        assert first.result(WAIT_SECONDS) == 1


def test_what_differs_is_not_shared() -> None:
    turns, page = Turns(1, WAIT_SECONDS), Page()
    page.leave.set()
    shared = SharedAnswers[int](turns, WAIT_SECONDS)
    with ThreadPoolExecutor(2) as pool, occupied(turns) as leave:
        one, other = (pool.submit(shared.answer, name, page.compute) for name in ("page", "page?q=x"))
        eventually(lambda: turns.waiting == 2)
        leave()
        assert {one.result(WAIT_SECONDS), other.result(WAIT_SECONDS)} == {1, 2}


def test_what_fails_fails_for_all_who_asked_and_for_nobody_after_them() -> None:
    turns, page = Turns(1, WAIT_SECONDS), Page()
    shared = SharedAnswers[int](turns, WAIT_SECONDS)
    with ThreadPoolExecutor(3) as pool, occupied(turns) as leave:
        asked = asked_by(pool, 3, lambda: shared.answer("page", page.fail))
        eventually(lambda: shared.joined == 2)
        leave()
        for each in asked:
            with pytest.raises(InvalidInputError):
                each.result(WAIT_SECONDS)
    assert (page.times, turns.free) == (1, 1)
    page.leave.set()
    assert shared.answer("page", page.compute) == 2


def test_one_that_breaks_down_does_not_take_others_along() -> None:
    turns, page = Turns(1, WAIT_SECONDS), Page()
    shared = SharedAnswers[int](turns, WAIT_SECONDS)
    with ThreadPoolExecutor(2) as pool, occupied(turns) as leave:
        asked = asked_by(pool, 2, lambda: shared.answer("page", page.break_down_once))
        eventually(lambda: shared.joined == 1)
        leave()
        errors = [each.exception(WAIT_SECONDS) for each in asked]
    assert sorted(map(type, errors), key=str) == [type(None), ZeroDivisionError]
    assert (page.times, turns.free) == (2, 1)


def test_a_stuck_one_keeps_nobody_for_longer_than_their_patience() -> None:
    turns, page = Turns(2, WAIT_SECONDS), Page()
    shared = SharedAnswers[int](turns, 0.2)
    with ThreadPoolExecutor(2) as pool, occupied(turns) as leave, occupied(turns) as leave_too:
        asked = asked_by(pool, 2, lambda: shared.answer("page", page.compute))
        eventually(lambda: shared.joined == 1)
        leave()
        assert page.begun.wait(WAIT_SECONDS)
        leave_too()
        eventually(lambda: any(each.done() for each in asked))
        assert [each.result() for each in asked if each.done()] == [2]
        page.leave.set()
    assert sorted(each.result() for each in asked) == [1, 2]
