"""A host is read by whoever claimed it, and by nobody else, whoever plans and whoever reads."""

import dataclasses
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from app.db.engine import Database
from app.db.repositories.hosts import HostRepository
from app.db.repositories.schedule import CLAIM_DURATION, Claim, ScheduleRepository
from app.master.collector.reader import HostReader
from app.master.collector.schedule import Scheduler
from app.master.collector.slave_client import SlaveClient
from app.master.collector.storing import Outcome, Storing
from app.master.fleet import Fleet
from tests.fakes.fleet_database import PACE, HandClock, eventually, fleet_of, new_database, sync
from tests.fakes.slaves import FleetOfSlaves

CLAIM_SECONDS = CLAIM_DURATION.total_seconds()


class Elsewhere:
    """A dispatch to workers elsewhere: it keeps what it is given."""

    def __init__(self) -> None:
        self.claims: list[Claim] = []

    def room(self) -> int:
        return 1000

    def busy(self) -> Collection[str]:
        return ()

    def dispatch(self, claims: Sequence[Claim]) -> None:
        self.claims += claims

    def close(self) -> None:
        """Nothing to end."""


class Installation:
    """Planners and readers on one database, as on several machines."""

    def __init__(self, database: Database, slaves: FleetOfSlaves) -> None:
        self.clock = HandClock()
        self.database = database
        self.fleet = fleet_of(slaves.entries())
        self.elsewhere = Elsewhere()
        sync(database, [(host.id, host.label, host.url) for host in self.fleet.entries.values()])

    def planner(self, fleet: Fleet | None = None) -> Scheduler:
        return Scheduler(self.database, fleet or self.fleet, self.clock, PACE, self.elsewhere)

    def reader(self, fleet: Fleet | None = None) -> HostReader:
        client = SlaveClient(self.clock, hosts=2)
        storing = Storing(self.database, self.fleet, self.clock, PACE)
        return HostReader(self.database, fleet or self.fleet, client, self.clock, storing)

    def taken(self) -> list[datetime | None]:
        with self.database.read() as connection:
            return [host.taken_at for host in HostRepository(connection).list_all()]


@pytest.fixture
def slaves() -> Iterator[FleetOfSlaves]:
    with FleetOfSlaves(hosts=2, users=2) as fleet:
        yield fleet


@pytest.fixture
def here(tmp_path: Path, slaves: FleetOfSlaves) -> Iterator[Installation]:
    database = new_database(tmp_path)
    yield Installation(database, slaves)
    database.dispose()


def counts(slaves: FleetOfSlaves) -> list[int]:
    return [slaves.count(host_id) for host_id in slaves.ids]


def test_what_one_planner_claimed_no_other_claims(here: Installation) -> None:
    assert here.planner().start_due() == 2
    assert here.planner().start_due() == 0
    assert len(here.elsewhere.claims) == 2


def test_of_two_planners_that_found_the_same_hosts_due_one_gets_them(here: Installation) -> None:
    with here.database.write() as connection:
        schedule = ScheduleRepository(connection)
        found = [schedule.claim(["h1", "h2"], token, here.clock.now, PACE.horizon) for token in ("one", "other")]
    assert found == [[Claim("h1", "one"), Claim("h2", "one")], []]


def test_a_claim_that_nobody_begins_expires(here: Installation, slaves: FleetOfSlaves) -> None:
    here.planner().start_due()
    here.clock.forward(CLAIM_SECONDS)
    assert here.planner().start_due() == 2
    first, second = here.elsewhere.claims[:2], here.elsewhere.claims[2:]
    with closing(here.reader()) as reader:
        reader.read(first)
        assert counts(slaves) == [0, 0]
        reader.read(second)
    assert counts(slaves) == [1, 1]
    assert here.taken() == [here.clock.now] * 2


def test_claims_that_are_delivered_twice_are_read_once(here: Installation, slaves: FleetOfSlaves) -> None:
    here.planner().start_due()
    slaves.hang("h1")
    with closing(here.reader()) as one, closing(here.reader()) as other:
        first = threading.Thread(target=one.read, args=(here.elsewhere.claims,))
        first.start()
        eventually(lambda: counts(slaves) == [1, 1])
        other.read(here.elsewhere.claims)
        slaves.mend("h1")
        first.join()
        other.read(here.elsewhere.claims)
    assert counts(slaves) == [1, 1]
    assert here.taken() == [here.clock.now] * 2


def test_a_planner_that_takes_over_goes_on_from_where_the_other_was(here: Installation, slaves: FleetOfSlaves) -> None:
    here.planner().start_due()
    here.clock.forward(1)
    with closing(here.reader()) as reader:
        reader.read(here.elsewhere.claims[:1])
        here.clock.forward(CLAIM_SECONDS)
        assert here.planner().start_due() == 1
        reader.read(here.elsewhere.claims[2:])
    assert counts(slaves) == [1, 1]


def test_a_reading_whose_claim_passed_to_somebody_else_stores_nothing(here: Installation) -> None:
    here.planner().start_due()
    old = here.elsewhere.claims[0]
    here.clock.forward(CLAIM_SECONDS)
    here.planner().start_due()
    outcome = Outcome(old, here.clock.now, None)
    Storing(here.database, here.fleet, here.clock, PACE).store([outcome])
    with here.database.write() as connection:
        assert ScheduleRepository(connection).held([old]) == {}
        assert set(ScheduleRepository(connection).held(here.elsewhere.claims[2:])) == {"h1", "h2"}


@pytest.mark.parametrize("change", [{"suspended": True}, None])
def test_a_host_that_was_suspended_or_taken_away_is_not_read(
    here: Installation, slaves: FleetOfSlaves, change: dict[str, Any] | None
) -> None:
    entries = dict(here.fleet.entries)
    h1 = entries.pop("h1")
    if change is not None:
        entries["h1"] = dataclasses.replace(h1, **change)
    here.planner().start_due()
    with closing(here.reader(Fleet(entries))) as reader:
        reader.read(here.elsewhere.claims)
    assert counts(slaves) == [0, 1]
    here.clock.forward(CLAIM_SECONDS)
    assert here.planner(Fleet(entries)).start_due() == 0
    assert here.planner().start_due() == 1


def test_a_reader_that_is_closed_gives_back_the_hosts_that_wait(here: Installation, slaves: FleetOfSlaves) -> None:
    here.planner().start_due()
    reader = here.reader()
    reader.close()
    reader.read(here.elsewhere.claims)
    assert counts(slaves) == [0, 0]
    assert reader.room() == 0
    assert here.planner().start_due() == 2
