"""A database that stores more slowly than hosts answer."""

import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from app.master.collector.reader import MAX_HOSTS_TOGETHER, MOST_UNSTORED, USUAL_THREADS, HostReader
from app.master.collector.schedule import Scheduler
from app.master.collector.slave_client import Reading
from app.master.collector.storing import Outcome, Storing
from app.master.fleet import HostEntry
from tests.fakes.fleet_database import PACE, HandClock, eventually, fleet_of, new_database, sync
from tests.unit.master.test_slow_hosts import entry

MOST = MAX_HOSTS_TOGETHER + MOST_UNSTORED + USUAL_THREADS
HOSTS = MOST + 50


class AnsweringHosts:
    """Hosts that answer at once; `too_many` is set when more were asked than may wait to be stored."""

    def __init__(self) -> None:
        self.asked: set[str] = set()
        self.too_many = threading.Event()

    def read(self, host: HostEntry, etag: str | None) -> Reading:
        self.asked.add(host.id)
        if len(self.asked) > MOST:
            self.too_many.set()
        return Reading(b"[]", None, None)


class StandingStore(Storing):
    """Stores nothing until it is let go."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.let_go = threading.Event()

    def store(self, outcomes: Sequence[Outcome]) -> None:
        self.let_go.wait(60)
        super().store(outcomes)


def test_readings_that_wait_to_be_stored_are_few(tmp_path: Path) -> None:
    fleet, clock, database = fleet_of([entry(f"h{n}") for n in range(HOSTS)]), HandClock(), new_database(tmp_path)
    sync(database, [(host.id, host.label, host.url) for host in fleet.entries.values()])
    hosts, storing = AnsweringHosts(), StandingStore(database, fleet, clock, PACE)
    with closing(HostReader(database, fleet, hosts, clock, storing)) as reader:
        Scheduler(database, fleet, clock, PACE, reader).start_due()
        eventually(lambda: len(hosts.asked) >= MOST_UNSTORED + USUAL_THREADS)
        assert not hosts.too_many.wait(1)
        storing.let_go.set()
        eventually(lambda: len(hosts.asked) == HOSTS and not reader.busy())
    database.dispose()


def test_a_reader_that_is_closed_stores_what_was_read(tmp_path: Path) -> None:
    fleet, clock, database = fleet_of([entry(f"h{n}") for n in range(HOSTS)]), HandClock(), new_database(tmp_path)
    sync(database, [(host.id, host.label, host.url) for host in fleet.entries.values()])
    hosts, storing = AnsweringHosts(), StandingStore(database, fleet, clock, PACE)
    reader = HostReader(database, fleet, hosts, clock, storing)
    Scheduler(database, fleet, clock, PACE, reader).start_due()
    eventually(lambda: len(hosts.asked) >= MOST_UNSTORED)
    closing_it = threading.Thread(target=reader.close, daemon=True)
    closing_it.start()
    storing.let_go.set()
    closing_it.join(30)
    assert not closing_it.is_alive()
    eventually(lambda: not reader.busy())
    database.dispose()
