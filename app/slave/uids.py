"""Uids of names, for backends that know users by name, from a directory that may be slow or hang."""

import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future, wait
from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple

import structlog

from app.quota.clock import Clock
from app.quota.errors import BackendError
from app.quota.values import QuotaType
from app.slave.directory import Directory
from app.slave.lanes import RETRY_AFTER_SECONDS, Lane

log = structlog.get_logger(__name__)

KEPT = timedelta(minutes=10)
KEPT_AS_NOBODY = timedelta(minutes=1)
FORGOTTEN = timedelta(hours=1)
PATIENCE_SECONDS = 2.0
"""How long a reading waits for uids that were never known."""
RENEWAL_PATIENCE_SECONDS = 0.25
"""How long it waits for those that are only outdated."""

Uids = Mapping[str, int | None]


class _Answer(NamedTuple):
    uid: int | None
    had_at: datetime

    def is_outdated(self, now: datetime) -> bool:
        return abs(now - self.had_at) >= (KEPT_AS_NOBODY if self.uid is None else KEPT)


class UidBook:
    """Uids in memory, found and not found alike, for some minutes; outdated ones serve for as long as nobody answers.

    An answer that was never had is not guessed: taking a user for nobody would give away what is the user's.
    """

    def __init__(
        self,
        directory: Directory,
        clock: Clock,
        patience_seconds: float = PATIENCE_SECONDS,
        renewal_patience_seconds: float = RENEWAL_PATIENCE_SECONDS,
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._patience_seconds = patience_seconds
        self._renewal_patience_seconds = renewal_patience_seconds
        self._lane = Lane("uids of names", patience_seconds)
        self._lock = Lock()
        self._uids: dict[str, _Answer] = {}
        self._under_way: Future[None] | None = None

    def uids_of(self, names: Collection[str]) -> Uids:
        """The uid of each name, None for a name of nobody. BackendError: the user database does not answer."""
        began_at = time.monotonic()
        while due := self._due(names):
            patience = self._renewal_patience_seconds if _knows(self._uids, names) else self._patience_seconds
            look_up = self._look_up(due)
            wait([look_up], max(0.0, began_at + patience - time.monotonic()))
            if not look_up.done():
                break
            if look_up.exception() is not None:
                log.warning("uids_not_found", exc_info=look_up.exception())
                break
        known = self._uids
        if not _knows(known, names):
            raise BackendError(
                "The host's user database does not say whose these names are.",
                retry_after_seconds=RETRY_AFTER_SECONDS,
            )
        return {name: known[name].uid for name in names}

    def _due(self, names: Collection[str]) -> Sequence[str]:
        known, now = self._uids, self._clock()
        return [name for name in names if (answer := known.get(name)) is None or answer.is_outdated(now)]

    def _look_up(self, due: Sequence[str]) -> "Future[None]":
        """One look-up at a time: who comes while one is under way waits for that one."""
        with self._lock:
            if self._under_way is None or self._under_way.done():
                self._under_way = self._lane.submit(lambda: self._fill(due))
            return self._under_way

    def _fill(self, due: Sequence[str]) -> None:
        """Lists first, and asks for the rest one by one: a list tells one name of an id only."""
        now = self._clock()
        listed = {name: uid for uid, name in self._directory.list_names(QuotaType.USER).names.items()}
        for name in due:
            self._uids[name] = _Answer(listed[name] if name in listed else self._directory.find_uid(name), now)
        self._uids = {name: answer for name, answer in self._uids.items() if now - answer.had_at < FORGOTTEN}


def _knows(known: Mapping[str, _Answer], names: Collection[str]) -> bool:
    return all(name in known for name in names)
