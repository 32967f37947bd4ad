"""Kills at random whatever an installation consists of, and starts it again."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import NamedTuple

from tests.system.stack.programs import Program

KILLED_WHILE_STARTING = 0.25
"""Of the times when it is its turn; else it lives until the next one, so that something gets done in between."""


class Victim(NamedTuple):
    """Something that is killed, and that is started again."""

    kill: Callable[[], object]
    start: Callable[[], object]
    is_up: Callable[[], bool] = lambda: True


class Restarted:
    """A program in its newest life."""

    def __init__(self, start: Callable[[], Program]) -> None:
        self._start = start
        self.lives = [start()]

    @property
    def program(self) -> Program:
        return self.lives[-1]

    def kill(self) -> None:
        """With all that it started."""
        self.program.kill()

    def start(self) -> None:
        """Returns before it answers."""
        self.lives.append(self._start())


class Killer(threading.Thread):
    """Kills one kind after the other, each at a random moment, none twice before all had their turn."""

    def __init__(self, victims: Mapping[str, Callable[[], Victim]], seed: int, *, between: tuple[float, float]) -> None:
        """`victims`: by kind, who is to be killed now. `between`: seconds from one start to the next kill."""
        super().__init__(name="killer", daemon=True)
        self._victims = victims
        self._random = random.Random(seed)  # noqa: S311 - no secret
        self._between = between
        self._enough = threading.Event()
        self.killed: Counter[str] = Counter()
        self.failures: list[BaseException] = []

    def run(self) -> None:
        """Goes on until it is stopped; then everything is started again."""
        with suppress(_EnoughError):
            while True:
                for kind in self._random.sample(list(self._victims), len(self._victims)):
                    self._wait(*self._between)
                    self._kill(kind)

    def least(self) -> int:
        """How often the kind was killed that was killed least."""
        return min(self.killed[kind] for kind in self._victims)

    def stop(self) -> None:
        """Returns when everything was started again."""
        self._enough.set()
        self.join()

    def _kill(self, kind: str) -> None:
        try:
            victim = self._victims[kind]()
            if not victim.is_up() and self._random.random() > KILLED_WHILE_STARTING:
                return
            victim.kill()
            self.killed[kind] += 1
            time.sleep(self._random.random())
            victim.start()
        except BaseException as error:
            self.failures.append(error)
            raise

    def _wait(self, least: float, most: float) -> None:
        if self._enough.wait(self._random.uniform(least, most)):
            raise _EnoughError


class _EnoughError(Exception):
    pass
