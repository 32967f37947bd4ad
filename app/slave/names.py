"""Names of ids, from a directory that may be slow or hang: it costs names then, never rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
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


@dataclass(frozen=True, slots=True)
class KnownNames:
    """Names by id. `is_final` is False while more of them are on their way."""

    by_id: Mapping[int, str]
    is_final: bool


class NameBook:
    """Names in memory, found and not found alike, for ten minutes; an outdated one serves until it is renewed."""

    def __init__(self, directory: Directory, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock
        self._lanes = Lanes(LOOKUP_SECONDS)
        self._lock = Lock()
        self._found: dict[tuple[QuotaType, int], tuple[str | None, datetime]] = {}
        self._users_due_at: datetime | None = None
        self._under_way: Future[None] | None = None

    def names_of(self, quota_type: QuotaType, quota_ids: Iterable[int]) -> KnownNames:
        """The names of those ids that have one, as far as they are known within a moment."""
        wanted = list(quota_ids)
        due = self._due(quota_type, wanted)
        if due:
            wait([self._look_up(quota_type, due)], PATIENCE_SECONDS)
        found = self._found
        names = {
            quota_id: entry[0]
            for quota_id in wanted
            if (entry := found.get((quota_type, quota_id))) is not None and entry[0] is not None
        }
        is_final = not due or self._lanes.lane("names").is_stuck or not self._due(quota_type, due)
        return KnownNames(names, is_final)

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

    def _due(self, quota_type: QuotaType, quota_ids: Iterable[int]) -> list[int]:
        now, found = self._clock(), self._found
        return [
            quota_id
            for quota_id in quota_ids
            if (entry := found.get((quota_type, quota_id))) is None or abs(now - entry[1]) > KEPT
        ]

    def _look_up(self, quota_type: QuotaType, due: Sequence[int]) -> "Future[None]":
        """One look-up at a time: who comes while one is under way waits for that one."""
        with self._lock:
            if self._under_way is None or self._under_way.done():
                self._under_way = self._lanes.lane("names").submit(lambda: self._fill(quota_type, due))
            return self._under_way

    def _fill(self, quota_type: QuotaType, due: Sequence[int]) -> None:
        now = self._clock()
        if quota_type is QuotaType.USER and (self._users_due_at is None or now >= self._users_due_at):
            self._users_due_at = now + KEPT
            self._keep({(QuotaType.USER, uid): (name, now) for uid, name in self._directory.list_users()})
        for quota_id in self._due(quota_type, due):
            name = self._directory.find_name(quota_type, quota_id)
            self._keep({(quota_type, quota_id): (name, self._clock())})

    def _keep(self, names: Mapping[tuple[QuotaType, int], tuple[str | None, datetime]]) -> None:
        if len(self._found) + len(names) > MOST_NAMES:
            self._found = {}
        self._found.update(list(names.items())[:MOST_NAMES])
