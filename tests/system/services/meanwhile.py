"""Two transactions of which the first is still open when the second comes."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection, text

from app.db.engine import Database

T = TypeVar("T")

_WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")


@contextmanager
def meanwhile(
    database: Database, first: Callable[[Connection], object], second: Callable[[], T]
) -> Iterator[Future[T]]:
    """What becomes of the second, which begins before the first is committed, and is waiting then if it has to wait."""
    with ThreadPoolExecutor(1) as pool:
        with database.write() as connection:
            first(connection)
            future = pool.submit(second)
            wait_for_a_waiter(database, future)
        yield future


def wait_for_a_waiter(database: Database, future: Future[T]) -> None:
    """Returns when it waits for a lock, or has ended. On SQLite it has to wait before anything else."""
    until = time.monotonic() + 30
    while not database.is_sqlite and not future.done():
        with database.read() as connection:
            if connection.execute(_WAITING).scalar_one():
                return
        assert time.monotonic() < until, "neither waits nor ends"
