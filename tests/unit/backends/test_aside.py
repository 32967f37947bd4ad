"""What is asked aside is answered when it can be, and holds nobody up when it cannot."""

import time
from threading import Event, active_count

from app.backends.aside import AskedAside


def test_answers_are_new_each_time() -> None:
    aside: AskedAside[str, int] = AskedAside("test", 60)
    assert aside.ask({"a": lambda: 1, "b": lambda: 2}) == {"a": 1, "b": 2}
    assert aside.ask({"a": lambda: 3, "b": lambda: 4}) == {"a": 3, "b": 4}


def test_one_that_hangs_has_its_last_answer_and_one_thread() -> None:
    aside: AskedAside[str, int] = AskedAside("test", 0.2)
    released, hangs = Event(), Event()

    def sometimes() -> int:
        return 9 if hangs.is_set() and released.wait() else 1

    while aside.ask({"a": sometimes}) != {"a": 1}:  # a busy machine may take longer than that
        pass
    hangs.set()
    before, began_at = active_count(), time.monotonic()
    for _ in range(50):
        assert aside.ask({"a": sometimes, "b": lambda: 2})["a"] == 1
    assert active_count() <= before + 2
    assert time.monotonic() - began_at < 50 * 0.2
    released.set()


def test_one_that_never_answered_has_no_answer() -> None:
    aside: AskedAside[str, int] = AskedAside("test", 0.01)
    released = Event()
    assert aside.ask({"a": lambda: 0 if released.wait() else 1}) == {}
    released.set()


def test_what_is_asked_no_more_is_forgotten() -> None:
    aside: AskedAside[str, int] = AskedAside("test", 60)
    aside.ask({"a": lambda: 1})
    assert aside.ask({"b": lambda: 2}) == {"b": 2}
