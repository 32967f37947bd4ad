"""Hosts that hang keep no thread from the others."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.db.engine import Database
from app.master.collector.reader import ENOUGH_WAITING, MAX_THREADS, SLOW_SECONDS, USUAL_THREADS, HostReader
from app.master.collector.schedule import Scheduler
from app.master.collector.slave_client import FetchError, Reading
from app.master.collector.storing import Storing
from app.master.fleet import HostEntry
from tests.fakes.fleet_database import PACE, HandClock, eventually, fleet_of, new_database, sync


class HangingHosts:
    """Hosts that never answer, until all are let go."""

    def __init__(self) -> None:
        self.asked: set[str] = set()
        self._let_go = threading.Event()

    def read(self, host: HostEntry, etag: str | None) -> Reading:
        self.asked.add(host.id)
        self._let_go.wait(60)
        raise FetchError("timeout", "The host did not answer in time.")

    def let_go(self) -> None:
        self._let_go.set()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = new_database(tmp_path)
    yield database
    database.dispose()


def entry(host_id: str) -> dict[str, object]:
    keys = {
        name: {"id": f"{host_id}-{name}", "secret": "a-secret-that-is-long-enough-0123456789"}
        for name in ("read", "write")
    }
    return {"id": host_id, "url": f"http://{host_id}", "read_key": keys["read"], "write_key": keys["write"]}


def test_those_that_hang_get_threads_of_their_own_and_others_their_turn(database: Database) -> None:
    entries = [entry(f"h{number}") for number in range(MAX_THREADS + 20)]
    fleet, clock, seconds = fleet_of(entries), HandClock(), [0.0]
    sync(database, [(host.id, host.label, host.url) for host in fleet.entries.values()])
    hosts = HangingHosts()
    storing = Storing(database, fleet, clock, PACE)
    with closing(HostReader(database, fleet, hosts, clock, storing, lambda: seconds[0])) as reader:
        Scheduler(database, fleet, clock, PACE, reader).start_due()
        for expected in (USUAL_THREADS, 2 * USUAL_THREADS, MAX_THREADS):
            reader.room()
            eventually(lambda: len(hosts.asked) == expected)  # noqa: B023 - called at once
            assert reader.threads == expected
            seconds[0] += SLOW_SECONDS + 0.1
        reader.room()
        assert reader.threads == MAX_THREADS
        hosts.let_go()
        eventually(lambda: len(hosts.asked) == len(entries) and not reader.busy())


def test_nobody_is_claimed_while_enough_wait_for_a_thread(database: Database) -> None:
    entries = [entry(f"h{number}") for number in range(USUAL_THREADS + ENOUGH_WAITING + 1)]
    fleet, clock = fleet_of(entries), HandClock()
    sync(database, [(host.id, host.label, host.url) for host in fleet.entries.values()])
    hosts = HangingHosts()
    with closing(
        HostReader(database, fleet, hosts, clock, Storing(database, fleet, clock, PACE), lambda: 0.0)
    ) as reader:
        everybody = reader.room()
        Scheduler(database, fleet, clock, PACE, reader).start_due()
        eventually(lambda: len(hosts.asked) == USUAL_THREADS)
        assert (everybody >= len(entries), reader.room()) == (True, 0)
        hosts.let_go()
        eventually(lambda: reader.room() == everybody)
