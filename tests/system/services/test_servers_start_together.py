"""Servers that are started at the same moment make the hosts of their settings known, and none of them fails."""

import threading

import pytest

from app.db.engine import Database
from app.db.migrate import ensure_schema
from app.db.repositories.hosts import HostRepository

pytestmark = pytest.mark.services

HOSTS = [(f"h{number}", "", f"http://h{number}") for number in range(200)]


def test_hosts_that_are_new_become_known_once(database: Database, url: str) -> None:
    ensure_schema(database)
    others, failures = [Database(url) for _ in range(4)], list[BaseException]()
    ready = threading.Barrier(len(others))

    def start(number: int, other: Database) -> None:
        try:
            ready.wait(30)
            with other.write() as connection:
                HostRepository(connection).sync(HOSTS if number % 2 else HOSTS[::-1])
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=start, args=pair) for pair in enumerate(others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for other in others:
        other.dispose()
    assert failures == []
    with database.read() as connection:
        assert {host.id for host in HostRepository(connection).list_all()} == {host_id for host_id, _, _ in HOSTS}
