"""The job runs in exactly one of several processes, and in another as soon as the first ends or is killed."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.db.engine import Database
from app.db.errors import DatabaseUnavailableError
from app.docker_quota.embedded import LEASE_DURATION, EmbeddedKeeper
from app.docker_quota.ledger import Holder, Ledger
from tests.fakes.slave_app import SettableClock, empty_database

PATIENCE_SECONDS = 20
RENEW_SECONDS = 0.02


class WatchedRounds:
    """Tells when it began and ended."""

    def __init__(self, holder: Holder, *, fails: bool = False) -> None:
        self.holder = holder
        self.began = threading.Event()
        self.ended = threading.Event()
        self.fails = fails

    def run(self, stopped: threading.Event) -> None:
        self.began.set()
        try:
            if self.fails:
                raise DatabaseUnavailableError("The database does not answer.")
            stopped.wait()
        finally:
            self.ended.set()


class Process:
    """As a server process: its keeper, and the rounds that it made."""

    def __init__(self, database: Database, clock: SettableClock, *, fails_first: bool = False) -> None:
        self.made: list[WatchedRounds] = []
        self.has_made = threading.Condition()
        self.fails_first = fails_first
        self.keeper = EmbeddedKeeper(database, clock, self.make, RENEW_SECONDS)

    def make(self, holder: Holder) -> WatchedRounds:
        with self.has_made:
            self.made.append(WatchedRounds(holder, fails=self.fails_first and not self.made))
            self.has_made.notify_all()
            return self.made[-1]

    def wait_for(self, number: int) -> WatchedRounds:
        with self.has_made:
            assert self.has_made.wait_for(lambda: len(self.made) >= number, PATIENCE_SECONDS)
        assert self.made[number - 1].began.wait(PATIENCE_SECONDS)
        return self.made[number - 1]


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def start(tmp_path: Path, clock: SettableClock) -> Iterator[Callable[..., Process]]:
    database, processes = empty_database(tmp_path), []

    def begin(**how: bool) -> Process:
        processes.append(Process(database, clock, **how))
        processes[-1].keeper.start()
        return processes[-1]

    yield begin
    for process in processes:
        process.keeper.stop()


def test_one_is_at_work_and_the_next_when_it_ends(start: Callable[..., Process]) -> None:
    first = start()
    rounds = first.wait_for(1)
    second = start()
    first.keeper.stop()
    assert rounds.ended.is_set()
    second.wait_for(1)
    assert len(first.made) == 1


def test_a_lease_that_nobody_renews_is_anothers_after_a_while(
    start: Callable[..., Process], clock: SettableClock, tmp_path: Path
) -> None:
    killed = Holder("killed", LEASE_DURATION)
    ledger = Ledger(Database(f"sqlite:///{tmp_path}/slave.sqlite"))
    assert ledger.acquire(killed, clock.now)
    process = start()
    assert not ledger.acquire(Holder("somebody", timedelta(seconds=1)), clock.now)
    assert process.made == []
    clock.advance(LEASE_DURATION.total_seconds() + 1)
    process.wait_for(1)


def test_who_loses_the_lease_ends_its_rounds(
    start: Callable[..., Process], clock: SettableClock, tmp_path: Path
) -> None:
    process = start()
    rounds = process.wait_for(1)
    ledger = Ledger(Database(f"sqlite:///{tmp_path}/slave.sqlite"))
    ledger.release(rounds.holder)
    thief = Holder("thief", timedelta(days=1))
    while not ledger.acquire(thief, clock.now):
        ledger.release(rounds.holder)
    assert rounds.ended.wait(PATIENCE_SECONDS)


def test_rounds_that_end_for_the_databases_sake_are_begun_again(start: Callable[..., Process]) -> None:
    process = start(fails_first=True)
    assert process.wait_for(1).ended.wait(PATIENCE_SECONDS)
    process.wait_for(2)
