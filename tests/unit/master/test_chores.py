"""Chores run at their times, in one process, and one that fails takes nothing along."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from app.db.engine import Database
from app.db.errors import NoSpaceError
from app.db.repositories.leases import LeaseRepository
from app.master.chores import LEASE, Chore, ChoreRounds, EmbeddedChores, KeepGoing
from tests.fakes.fleet_database import HandClock, new_database

QUARTER = timedelta(minutes=15)
WAIT_SECONDS = 20


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = new_database(tmp_path)
    yield database
    database.dispose()


@dataclass
class Diary:
    """What ran, and when."""

    clock: HandClock
    entries: list[tuple[str, str]] = field(default_factory=list)

    def chore(self, name: str, every: timedelta = QUARTER, *, does: Callable[[], None] | None = None) -> Chore:
        def run(keep_going: KeepGoing) -> None:
            self.entries.append((name, f"{self.clock.now:%H:%M:%S}"))
            if does is not None:
                does()

        return Chore(name, every, run)


def rounds_of(database: Database, clock: HandClock, *chores: Chore) -> ChoreRounds:
    return ChoreRounds(database, clock, chores)


def pass_time(clock: HandClock, seconds: int, *rounds: ChoreRounds) -> None:
    """Each takes a turn every second."""
    for _ in range(seconds):
        clock.forward(1)
        for each in rounds:
            each.turn()


def test_a_chore_runs_soon_after_the_start_and_then_at_quarter_hours(database: Database, clock: HandClock) -> None:
    diary = Diary(clock)
    clock.forward(7 * 60)
    pass_time(clock, 40 * 60, rounds_of(database, clock, diary.chore("record")))
    assert [at for _, at in diary.entries] == ["12:07:31", "12:15:00", "12:30:00", "12:45:00"]


def test_one_of_many_does_the_work_and_another_when_it_is_gone(database: Database, clock: HandClock) -> None:
    diary = Diary(clock)
    first, second = (rounds_of(database, clock, diary.chore(name)) for name in ("first", "second"))
    pass_time(clock, 20 * 60, first, second)
    assert {name for name, _ in diary.entries} == {"first"}
    pass_time(clock, 20 * 60, second)
    assert [name for name, _ in diary.entries] == ["first", "first", "second", "second"]


def test_a_lease_given_up_passes_on_at_once(database: Database, clock: HandClock) -> None:
    diary = Diary(clock)
    first, second = (rounds_of(database, clock, diary.chore(name)) for name in ("first", "second"))
    pass_time(clock, 60, first, second)
    first.stop()
    first.release()
    pass_time(clock, 60, first, second)
    assert [name for name, _ in diary.entries] == ["first", "second"]


def test_a_chore_that_fails_is_tried_again_and_holds_up_no_other(database: Database, clock: HandClock) -> None:
    diary = Diary(clock)

    def break_down() -> None:
        raise ZeroDivisionError

    def find_no_space() -> None:
        raise NoSpaceError("full")

    chores = (diary.chore("broken", does=break_down), diary.chore("full", does=find_no_space), diary.chore("good"))
    pass_time(clock, 16 * 60, rounds_of(database, clock, *chores))
    assert [name for name, _ in diary.entries] == ["broken", "full", "good"] * 2


def test_a_chore_under_way_is_told_that_somebody_else_does_the_work(database: Database, clock: HandClock) -> None:
    told: list[bool] = []

    def run(keep_going: KeepGoing) -> None:
        told.append(keep_going())
        clock.forward(61)  # it slept: its lease ran out, and another took it
        with database.write() as connection:
            assert LeaseRepository(connection).acquire(LEASE, "another", clock.now, QUARTER)
        told.append(keep_going())

    rounds = rounds_of(database, clock, Chore("slow", QUARTER, run))
    pass_time(clock, 40, rounds)
    assert told == [True, False]
    assert rounds.turn() == []


def test_a_long_chore_keeps_its_lease(database: Database, clock: HandClock) -> None:
    told: list[bool] = []

    def run(keep_going: KeepGoing) -> None:
        for _ in range(10):
            clock.forward(30)
            told.append(keep_going())
            with database.write() as connection:
                assert not LeaseRepository(connection).acquire(LEASE, "another", clock.now, QUARTER)

    pass_time(clock, 40, rounds_of(database, clock, Chore("long", QUARTER, run)))
    assert told == [True] * 10


def test_a_clock_that_was_ahead_does_not_stop_the_work(database: Database, clock: HandClock) -> None:
    diary = Diary(clock)
    rounds = rounds_of(database, clock, diary.chore("record"))
    clock.forward(86_400)
    pass_time(clock, 60, rounds)
    clock.forward(-86_400)
    pass_time(clock, 20 * 60, rounds)
    assert len(diary.entries) >= 3


def test_the_thread_ends_with_the_piece_at_hand_and_gives_the_lease_up(database: Database, clock: HandClock) -> None:
    begun, told, holders = threading.Event(), threading.Event(), []

    def run(keep_going: KeepGoing) -> None:
        begun.set()
        while keep_going():
            stopping.wait(0.01)
        told.set()

    def rounds() -> ChoreRounds:
        made = rounds_of(database, clock, Chore("endless", QUARTER, run))
        holders.append(made)
        made.turn()
        clock.forward(31)
        return made

    stopping = threading.Event()
    chores = EmbeddedChores(database, rounds)
    chores.start()
    assert begun.wait(WAIT_SECONDS)
    chores.stop()
    assert told.is_set()
    with database.write() as connection:
        assert LeaseRepository(connection).acquire(LEASE, "another", clock.now, QUARTER)
