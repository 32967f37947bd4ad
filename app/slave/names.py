"""Names of ids, from a directory that may be slow or hang: it costs names then, never rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import TypeVar

from app.quota.clock import Clock
from app.quota.errors import BackendError, DeviceTimeoutError, UserNotFoundError
from app.quota.values import QuotaType
from app.slave.directory import Directory
from app.slave.failures import as_problem
from app.slave.lanes import Lanes

T = TypeVar("T")

KEPT = timedelta(minutes=10)
MOST_NAMES = 200_000
PATIENCE_SECONDS = 0.25
"""How long a reading waits for names that are not known yet."""
LOOKUP_SECONDS = 2.0
_LONGEST_NAME = 256


NamesById = dict[int, str | None]


@dataclass(frozen=True, slots=True)
class KnownNames:
    """Names by id, None where the id has none. `is_final` is False while more of them are on their way."""

    by_id: Mapping[int, str | None]
    is_final: bool


class NameBook:
    """Names in memory, found and not found alike, for ten minutes; an outdated one serves until it is renewed."""

    def __init__(self, directory: Directory, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock
        self._lanes = Lanes(LOOKUP_SECONDS)
        self._lock = Lock()
        self._recent: Mapping[QuotaType, NamesById] = {quota_type: {} for quota_type in QuotaType}
        self._outdated: Mapping[QuotaType, NamesById] = {quota_type: {} for quota_type in QuotaType}
        self._began_at = clock()
        self._lists_users = True
        self._under_way: Future[None] | None = None

    def names_of(self, quota_type: QuotaType, quota_ids: Iterable[int]) -> KnownNames:
        """The names of those ids, as far as they are known within a moment."""
        wanted = set(quota_ids)
        self._turn_over()
        due = wanted - self._recent[quota_type].keys()
        if due:
            wait([self._look_up(quota_type, sorted(due))], PATIENCE_SECONDS)
        names = {**self._outdated[quota_type], **self._recent[quota_type]}
        is_stuck = self._lanes.lane("names").is_stuck
        return KnownNames(names, is_stuck or not wanted - self._recent[quota_type].keys())

    def resolve(self, name: str) -> int:
        """The uid of the user. UserNotFoundError, BackendError: the directory does not answer."""
        if not 0 < len(name) <= _LONGEST_NAME or "\0" in name:
            raise UserNotFoundError("This host knows no user of such a name.")
        uid = self._asked("a user by name", lambda: self._directory.find_uid(name))
        if uid is None:
            raise UserNotFoundError(f"This host knows no user {name!r}.")
        return uid

    def list_users(self) -> Sequence[tuple[int, str]]:
        """See `Directory`. BackendError: the directory does not answer."""
        return self._asked("the list of users", self._directory.list_users)

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
                self._began_at, self._lists_users = now, True

    def _look_up(self, quota_type: QuotaType, due: Sequence[int]) -> "Future[None]":
        """One look-up at a time: who comes while one is under way waits for that one."""
        with self._lock:
            if self._under_way is None or self._under_way.done():
                self._under_way = self._lanes.lane("names").submit(lambda: self._fill(quota_type, due))
            return self._under_way

    def _fill(self, quota_type: QuotaType, due: Sequence[int]) -> None:
        names = self._recent[quota_type]
        if quota_type is QuotaType.USER and self._lists_users:
            self._lists_users = False
            names.update(self._directory.list_users()[:MOST_NAMES])
        for quota_id in due:
            if quota_id not in names:
                if len(names) >= MOST_NAMES:
                    names.clear()
                names[quota_id] = self._directory.find_name(quota_type, quota_id)
