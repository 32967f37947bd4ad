"""Reads Docker's objects from hosts in the background, while somebody looks at them, and keeps what they answered."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from threading import Lock
from typing import Any, TypeVar

import structlog
from pydantic import BaseModel, RootModel

from app.db.engine import Database
from app.db.errors import DatabaseUnavailableError, NoSpaceError
from app.db.repositories.audit import AuditRepository
from app.db.repositories.docker_hosts import DockerHostRepository, StoredReading
from app.master.collector.slave_client import FetchError, SlaveClient
from app.master.docker.objects import Objects
from app.master.docker.settling import ClaimSettling, WordSettling
from app.master.fleet import Fleet, HostEntry
from app.quota.clock import Clock
from app.web.docker_objects import (
    DockerCacheOut,
    DockerContainerOut,
    DockerImageOut,
    DockerStoreOut,
    DockerVolumeOut,
    ReviewItemOut,
)

M = TypeVar("M", bound=BaseModel)

log = structlog.get_logger(__name__)

FRESH = timedelta(seconds=15)
"""So long an answer is not asked for again."""
THREADS = 8
_LISTS: Mapping[str, Any] = {
    "containers": RootModel[list[DockerContainerOut]],
    "images": RootModel[list[DockerImageOut]],
    "volumes": RootModel[list[DockerVolumeOut]],
    "build-cache": RootModel[list[DockerCacheOut]],
    "review-queue": RootModel[list[ReviewItemOut]],
}


class DockerReadings:
    """No request waits for a host: what is old is asked for aside, and the next look has it."""

    def __init__(
        self,
        database: Database,
        fleet: Fleet,
        client: SlaveClient,
        clock: Clock,
        submit: Callable[[Callable[[], None]], object] | None = None,
    ) -> None:
        """`submit` runs a reading aside: by default one of THREADS threads of this process does."""
        self._database = database
        self._fleet = fleet
        self._client = client
        self._clock = clock
        self._submit = submit or self._in_thread
        self._lock = Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._under_way: set[str] = set()

    def renew(self, readings: Mapping[str, StoredReading], hosts: Iterable[str]) -> None:
        """Has those of these hosts read aside whose reading is old."""
        now = self._clock()
        for host_id in hosts:
            if not _is_fresh(readings.get(host_id), now):
                with self._lock:
                    if host_id in self._under_way:
                        continue
                    self._under_way.add(host_id)
                self._submit(partial(self._read_aside, host_id))

    def read(self, host_id: str) -> None:
        """Reads a host now, within its deadlines, and keeps how that went."""
        entry = self._fleet.entries.get(host_id)
        if entry is None or entry.suspended:
            return
        began_at = self._clock()
        try:
            answer: Objects | FetchError = self._ask(entry)
        except FetchError as error:
            answer = error
        with self._database.write() as connection:
            rows = DockerHostRepository(connection)
            if isinstance(answer, Objects):
                rows.put_reading(StoredReading(host_id, began_at, began_at, answer.model_dump_json(), None, None))
                settling = WordSettling(AuditRepository(connection), rows, self._clock)
                settling.settle_unknown(host_id, answer, began_at)
                ClaimSettling(rows, self._clock).settle(host_id, answer, began_at)
            else:
                last = rows.readings([host_id]).get(host_id) or StoredReading(host_id, began_at, None, "", None, None)
                told = last._replace(asked_at=began_at, problem_code=answer.code)
                rows.put_reading(told._replace(problem_detail=answer.detail[:500]))

    def _read_aside(self, host_id: str) -> None:
        try:
            with suppress(NoSpaceError, DatabaseUnavailableError):  # the next look has it tried again
                self.read(host_id)
        finally:
            with self._lock:
                self._under_way.discard(host_id)

    def _ask(self, entry: HostEntry) -> Objects:
        lists = {
            name.replace("-", "_"): self._client.fetch(entry, f"/remote-api/docker/{name}", model).root
            for name, model in _LISTS.items()
        }
        return Objects(store=self._client.fetch(entry, "/remote-api/docker/store", DockerStoreOut), **lists)

    def _in_thread(self, job: Callable[[], None]) -> object:
        with self._lock:
            if self._pool is None:  # not before it is needed: threads are not shared across a fork
                self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="docker-readings")
            return self._pool.submit(job)


def _is_fresh(reading: StoredReading | None, now: datetime) -> bool:
    return reading is not None and timedelta(0) <= now - reading.asked_at < FRESH
