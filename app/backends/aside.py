"""Questions that may hang, asked aside: whoever lists devices waits for a moment, never for one that hangs."""

import time
from collections.abc import Callable, Hashable, Mapping
from threading import Lock, Thread
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
A = TypeVar("A")

PATIENCE_SECONDS = 0.5
"""How long somebody waits for a question that has just been asked; for one that hangs since longer, nobody does."""


class AskedAside(Generic[K, A]):
    """Asks each question in a thread of its own, by one thread a key at most; the last answer serves until it comes."""

    def __init__(self, name: str, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """`name` is what the threads are called."""
        self._name = name
        self._patience_seconds = patience_seconds
        self._lock = Lock()
        self._under_way: dict[K, tuple[Thread, float]] = {}
        self._answers: dict[K, A] = {}

    def ask(self, questions: Mapping[K, Callable[[], A]]) -> Mapping[K, A]:
        """The answers by key: new ones, or the last where a new one is not there in time; none where there was none.

        A question must not raise: what went wrong is an answer.
        """
        for thread, started_at in [self._start(key, question) for key, question in questions.items()]:
            thread.join(max(0.0, started_at + self._patience_seconds - time.monotonic()))
        with self._lock:
            self._answers = {key: answer for key, answer in self._answers.items() if key in questions}
            return dict(self._answers)

    def _start(self, key: K, question: Callable[[], A]) -> tuple[Thread, float]:
        with self._lock:
            under_way = self._under_way.get(key)
            if under_way is not None and under_way[0].is_alive():
                return under_way
            thread = Thread(target=self._keep, args=(key, question), name=self._name, daemon=True)
            self._under_way[key] = thread, time.monotonic()
            thread.start()
            return self._under_way[key]

    def _keep(self, key: K, question: Callable[[], A]) -> None:
        answer = question()
        with self._lock:
            self._answers[key] = answer
