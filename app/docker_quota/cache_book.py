"""What the engine tells of its build cache, asked rarely and aside: an older engine measures all it has for that."""

from collections.abc import Callable, Mapping
from threading import Thread
from time import monotonic
from typing import NamedTuple

import structlog

from app.docker_quota.objects import CacheRecord, Engine, EngineDown

log = structlog.get_logger(__name__)

_GAP_SECONDS = 300.0
_GAP_ANSWERS = 60
_LONGEST_GAP_SECONDS = 3600.0
PATIENCE_SECONDS = 2.0
"""So long a look waits for an answer; one that comes later is the next look's."""


def gap_after(took_seconds: float) -> float:
    """Seconds from an answer that took so long to the next question: an hour at most."""
    return max(_GAP_SECONDS, min(_LONGEST_GAP_SECONDS, _GAP_ANSWERS * took_seconds))


class CacheTold(NamedTuple):
    """The records as they were last told, by id. `problem` is a sentence on why they may be old, empty where not."""

    records: Mapping[str, CacheRecord]
    problem: str = ""


class CacheBook:
    """Asks this engine, by one thread at most. What it told stays known while it gives no answer."""

    def __init__(
        self,
        engine: Engine,
        *,
        gap: Callable[[float], float] = gap_after,
        patience_seconds: float = PATIENCE_SECONDS,
        now: Callable[[], float] = monotonic,
    ) -> None:
        """`engine` should be nobody else's: one that is slow here closes its connection."""
        self._engine = engine
        self._gap = gap
        self._patience_seconds = patience_seconds
        self._now = now
        self._asking: Thread | None = None
        self._next_at = now()
        self._told = CacheTold({})

    def look(self) -> CacheTold:
        """What is known; asks anew where it is time to. Raises nothing."""
        if self._asking is None or not self._asking.is_alive():
            if self._now() < self._next_at:
                return self._told
            self._asking = Thread(target=self._ask, name="docker build cache", daemon=True)
            self._asking.start()
            self._asking.join(self._patience_seconds)
        if self._asking.is_alive():
            return self._told._replace(problem=_problem("The engine has not answered yet."))
        return self._told

    def _ask(self) -> None:
        began_at = self._now()
        answer = self._engine.build_cache()
        ended_at = self._now()
        self._next_at = ended_at + self._gap(ended_at - began_at)
        if isinstance(answer, EngineDown):
            log.warning("docker_build_cache_untold", state=answer.state.value, detail=answer.detail)
            self._told = self._told._replace(problem=_problem(answer.detail))
        else:
            self._told = CacheTold(answer)


def _problem(detail: str) -> str:
    return f"How old the build cache is, and what of it is in use, may have changed since it was last told: {detail}"
