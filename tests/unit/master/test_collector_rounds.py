"""Each host is read once per round, never twice at a time, and soon when somebody asks for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.db.engine import Database
from app.db.repositories.hosts import HostRepository
from app.db.repositories.leases import LeaseRepository
from app.master.collector.rounds import Rounds
from app.master.collector.service import LEASE, LEASE_DURATION, EmbeddedCollector
from app.quota.clock import utc_now
from tests.fakes.fleet_database import HandClock, eventually, fleet_of, new_database, rounds_of
from tests.fakes.slaves import FleetOfSlaves


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def slaves() -> Iterator[FleetOfSlaves]:
    with FleetOfSlaves(hosts=2, users=2) as fleet:
        yield fleet


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = new_database(tmp_path)
    yield database
    database.dispose()


@pytest.fixture
def rounds(database: Database, slaves: FleetOfSlaves, clock: HandClock) -> Iterator[Rounds]:
    rounds = rounds_of(database, fleet_of(slaves.entries()), clock)
    yield rounds
    rounds.close()


def taken(database: Database) -> list[object]:
    with database.read() as connection:
        return [host.taken_at for host in HostRepository(connection).list_all()]


def run_round(rounds: Rounds, database: Database, clock: HandClock) -> int:
    started = rounds.start_due()
    if started:
        eventually(lambda: taken(database) == [clock.now] * 2)
        eventually(lambda: not rounds.busy)
    return started


def test_a_host_is_due_once_per_interval(
    rounds: Rounds, database: Database, clock: HandClock, slaves: FleetOfSlaves
) -> None:
    assert run_round(rounds, database, clock) == 2
    clock.forward(59)
    assert run_round(rounds, database, clock) == 0
    clock.forward(1)
    assert run_round(rounds, database, clock) == 2
    assert (slaves.count("h1"), slaves.count("h2")) == (2, 2)


def test_a_clock_set_back_does_not_stop_the_rounds(rounds: Rounds, database: Database, clock: HandClock) -> None:
    run_round(rounds, database, clock)
    clock.forward(-3600)
    assert run_round(rounds, database, clock) == 2


def test_a_refresh_is_answered_before_the_round(rounds: Rounds, database: Database, clock: HandClock) -> None:
    run_round(rounds, database, clock)
    clock.forward(5)
    with database.write() as connection:
        HostRepository(connection).request_refresh("h2", clock.now)
    assert rounds.start_due() == 1
    eventually(lambda: taken(database)[1] == clock.now)
    eventually(lambda: not rounds.busy)
    assert rounds.start_due() == 0


def test_a_hanging_host_is_not_asked_again_and_holds_up_nobody(
    rounds: Rounds, database: Database, clock: HandClock, slaves: FleetOfSlaves
) -> None:
    slaves.hang("h1")
    rounds.start_due()
    eventually(lambda: taken(database)[1] == clock.now)
    eventually(lambda: rounds.busy == {"h1"})
    clock.forward(60)
    assert rounds.start_due() == 1
    eventually(lambda: taken(database)[1] == clock.now)
    assert slaves.count("h1") == 1
    slaves.mend("h1")
    eventually(lambda: not rounds.busy)
    assert taken(database)[0] is not None


def test_two_collectors_read_each_host_once(database: Database, slaves: FleetOfSlaves) -> None:
    clock = HandClock()

    def new_rounds() -> Rounds:
        return rounds_of(database, fleet_of(slaves.entries()), clock)

    collectors = [EmbeddedCollector(database, utc_now, new_rounds) for _ in range(2)]
    for collector in collectors:
        collector.start()
    eventually(lambda: taken(database) == [clock.now] * 2)
    for collector in collectors:
        collector.stop()
    assert (slaves.count("h1"), slaves.count("h2")) == (1, 1)


def test_a_collector_that_stops_gives_its_lease_up(database: Database, slaves: FleetOfSlaves) -> None:
    clock = HandClock()
    collector = EmbeddedCollector(database, utc_now, lambda: rounds_of(database, fleet_of(slaves.entries()), clock))
    collector.start()
    eventually(lambda: taken(database) == [clock.now] * 2)
    collector.stop()
    with database.write() as connection:
        assert LeaseRepository(connection).acquire(LEASE, "the next", utc_now(), LEASE_DURATION)
