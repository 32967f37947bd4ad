"""A database that fails at the worst moment: when a host has been asked to change something."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from app.db.engine import Database
from app.db.errors import NoSpaceError
from app.quota.errors import QmanError
from tests.fakes.fleet import Answer, FleetOfSlaves, Headers

FULL = NoSpaceError("The disk with qman's database is full. Nothing was changed.")


class FailingDatabase(Database):
    """While `failure` is set, each writing transaction raises it, after `writes_left` more. Reading goes on."""

    failure: QmanError | None = None
    writes_left = 0

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.refused: set[str] = set()
        """The names of the threads that wanted to write and could not."""

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """See `Database`."""
        if self.failure is not None:
            if self.writes_left == 0:
                self.refused.add(threading.current_thread().name)
                raise self.failure
            self.writes_left -= 1
        with super().write() as connection:
            yield connection


class FleetThatFailsTheDatabase(FleetOfSlaves):
    """As soon as a host has made a change, the database fails; no more so where `failure` is None."""

    def __init__(self, database: FailingDatabase, failure: QmanError | None) -> None:
        super().__init__(hosts=1, users=30)
        self._database = database
        self.failure = failure

    def answer(self, method: str, target: str, headers: Headers, body: bytes) -> Answer:
        """See `FleetOfSlaves`; a dry run is no change."""
        answered = super().answer(method, target, headers, body)
        if self.failure is not None and method != "GET" and b'"dry_run":true' not in body:
            self._database.failure = self.failure
        return answered
