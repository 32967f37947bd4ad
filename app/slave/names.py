"""Names of ids, from a directory that may be slow or hang: it costs names then, never rows."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from threading import Lock
from typing import TypeVar

import structlog

from app.quota.clock import Clock
from app.quota.errors import BackendError, DeviceTimeoutError, UserNotFoundError
from app.quota.values import QuotaType
from app.slave.directory import Directory
from app.slave.failures import as_problem
from app.slave.lanes import Lanes

log = structlog.get_logger(__name__)

T = TypeVar("T")

KEPT = timedelta(minutes=10)
MOST_NAMES = 200_000
PATIENCE_SECONDS = 0.25
"""How long a reading waits for names that are not known yet."""
LOOKUP_SECONDS = 2.0
"""When a look-up counts as hanging."""
FILL_SECONDS = 1.5
"""How long names are looked up at a stretch."""
_LONGEST_NAME = 256


NamesById = dict[int, str | None]


@dataclass(frozen=True, slots=True)
class KnownNames:
    """Names by id, None where the id has none. `is_final` is False while more of them are on their way."""

    by_id: Mapping[int, str | None]
    is_final: bool


class NameBook:
    """Names in memory, found and not found alike, for ten minutes; an outdated one serves until it is renewed."""

    def __init__(
        self,
        directory: Directory,
        clock: Clock,
        timeout_seconds: float = LOOKUP_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """A look-up by name that takes longer than `timeout_seconds` is given up."""
        self._directory = directory
        self._clock = clock
        self._patience_seconds = patience_seconds
        self._lanes = Lanes(timeout_seconds)
        self._lock = Lock()
        self._recent: Mapping[QuotaType, NamesById] = {quota_type: {} for quota_type in QuotaType}
        self._outdated: Mapping[QuotaType, NamesById] = {quota_type: {} for quota_type in QuotaType}
        self._began_at = clock()
        self._listed: dict[QuotaType, bool] = {}
        self._under_way: Future[None] | None = None

    def names_of(self, quota_type: QuotaType, quota_ids: Iterable[int]) -> KnownNames:
        """The names of those ids, as far as they are known within a moment."""
        wanted = set(quota_ids)
        self._turn_over()
        lane, until = self._lanes.lane("names"), time.monotonic() + self._patience_seconds
        due = wanted - self._recent[quota_type].keys()
        while due and not lane.is_stuck and (patience := until - time.monotonic()) > 0:
            look_up = self._look_up(quota_type, sorted(due))
            wait([look_up], patience)
            if look_up.done() and look_up.exception() is not None:
                log.warning("names_not_found", quota_type=quota_type.value, exc_info=look_up.exception())
                break
            due = wanted - self._recent[quota_type].keys()
        return KnownNames({**self._outdated[quota_type], **self._recent[quota_type]}, lane.is_stuck or not due)

    def resolve(self, name: str) -> int:
        """The uid of the user. UserNotFoundError, BackendError: the directory does not answer."""
        if not 0 < len(name) <= _LONGEST_NAME or "\0" in name:
            raise UserNotFoundError("This host knows no user of such a name.")
        uid = self._asked("a user by name", lambda: self._directory.find_uid(name))
        if uid is None:
            raise UserNotFoundError(f"This host knows no user {name!r}.")
        return uid

    def list_users(self) -> Sequence[tuple[int, str]]:
        """The users that the directory lists, by uid. BackendError: it does not answer."""
        listing = self._asked("the list of users", lambda: self._directory.list_names(QuotaType.USER))
        return sorted(listing.names.items())

    def _asked(self, what: str, job: Callable[[], T]) -> T:
        lane = self._lanes.lane(what)
        future = lane.submit(job)
        error = lane.settle(future)
        if isinstance(error, DeviceTimeoutError):
            raise BackendError("The host's user database does not answer.", retry_after_seconds=30)
        if error is not None:
            raise as_problem(error, what)
        return future.result()

    def _turn_over(self) -> None:
        """Every ten minutes all names are outdated: renewed when next asked for, forgotten after ten more."""
        with self._lock:
            now = self._clock()
            if abs(now - self._began_at) >= KEPT:
                self._outdated, self._recent = self._recent, {quota_type: {} for quota_type in QuotaType}
                self._began_at, self._listed = now, {}

    def _look_up(self, quota_type: QuotaType, due: Sequence[int]) -> "Future[None]":
        """One look-up at a time: who comes while one is under way waits for that one."""
        with self._lock:
            if self._under_way is None or self._under_way.done():
                self._under_way = self._lanes.lane("names").submit(lambda: self._fill(quota_type, due))
            return self._under_way

    def _fill(self, quota_type: QuotaType, due: Sequence[int]) -> None:
        """Lists first, and asks for the rest one by one; what takes longer goes on with the next reading."""
        names, until = self._recent[quota_type], time.monotonic() + FILL_SECONDS
        if len(names) + len(due) > MOST_NAMES:
            names.clear()
            self._listed.pop(quota_type, None)
        is_complete = self._listed.get(quota_type)
        if is_complete is None:
            listing = self._directory.list_names(quota_type)
            names.update(islice(listing.names.items(), MOST_NAMES))
            is_complete = self._listed[quota_type] = listing.is_complete
        for quota_id in due:
            if quota_id not in names:
                names[quota_id] = None if is_complete else self._directory.find_name(quota_type, quota_id)
            if time.monotonic() > until:
                break
