"""Uids of names: asked for once, and never guessed when nobody answers."""

from collections.abc import Collection, Iterator
from threading import Event

import pytest

from app.quota.errors import BackendError
from app.quota.values import QuotaType
from app.slave.directory import Listing
from app.slave.uids import UidBook, Uids
from tests.fakes.fleet_database import eventually
from tests.fakes.slave_app import SettableClock

USERS = {"alice": 1000, "toor": 0}


class ListedAndAsked:
    """Lists root and alice; knows toor too, another name of root. Counts, fails and hangs as told to."""

    def __init__(self) -> None:
        self.lists = 0
        self.asked: list[str] = []
        self.users = dict(USERS)
        self.fails = False
        self.go_on = Event()
        self.go_on.set()

    def list_names(self, quota_type: QuotaType) -> Listing:
        self.lists += 1
        self.go_on.wait(30)
        if self.fails:
            raise OSError("no such directory")
        return Listing({0: "root", 1000: "alice"}, is_complete=False)

    def find_name(self, quota_type: QuotaType, quota_id: int) -> str | None:
        raise AssertionError("nobody needs a name here")

    def find_uid(self, name: str) -> int | None:
        self.asked.append(name)
        self.go_on.wait(30)
        return self.users.get(name)


@pytest.fixture
def directory() -> Iterator[ListedAndAsked]:
    made = ListedAndAsked()
    yield made
    made.go_on.set()


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def book(directory: ListedAndAsked, clock: SettableClock) -> UidBook:
    """For a directory that answers, on a machine that may be slow."""
    return UidBook(directory, clock, 30, 30)


@pytest.fixture
def hasty(directory: ListedAndAsked, clock: SettableClock) -> UidBook:
    """For one that hangs."""
    return UidBook(directory, clock, 0.5, 0.05)


def learn(book: UidBook, names: Collection[str]) -> Uids:
    """The uids, as soon as they are known."""
    while True:
        try:
            return book.uids_of(names)
        except BackendError:
            continue


NAMES = ("alice", "toor", "nobody-here")
KNOWN = {"alice": 1000, "toor": 0, "nobody-here": None}


def test_who_is_not_listed_is_asked_for_and_all_only_once(directory: ListedAndAsked, book: UidBook) -> None:
    for _ in range(3):
        assert book.uids_of(NAMES) == KNOWN
    assert (directory.lists, directory.asked) == (1, ["toor", "nobody-here"])


def test_no_names_ask_nobody(directory: ListedAndAsked, book: UidBook) -> None:
    assert book.uids_of(()) == {}
    assert directory.lists == 0


def test_nobody_may_soon_be_somebody(directory: ListedAndAsked, book: UidBook, clock: SettableClock) -> None:
    book.uids_of(NAMES)
    directory.users["nobody-here"] = 1005
    clock.advance(59)
    assert book.uids_of(NAMES) == KNOWN
    clock.advance(1)
    assert book.uids_of(NAMES) == {**KNOWN, "nobody-here": 1005}
    assert directory.asked == ["toor", "nobody-here", "nobody-here"]
    clock.advance(600)
    book.uids_of(NAMES)
    assert directory.asked[-2:] == ["toor", "nobody-here"]


def test_outdated_uids_serve_while_nobody_answers(
    directory: ListedAndAsked, hasty: UidBook, clock: SettableClock
) -> None:
    learn(hasty, NAMES)
    directory.go_on.clear()
    clock.advance(7 * 24 * 3600)
    for _ in range(3):
        assert hasty.uids_of(NAMES) == KNOWN
    eventually(lambda: directory.lists == 2)


def test_a_directory_that_fails_costs_nothing_that_was_known(
    directory: ListedAndAsked, book: UidBook, clock: SettableClock
) -> None:
    book.uids_of(NAMES)
    directory.fails = True
    clock.advance(7 * 24 * 3600)
    assert book.uids_of(NAMES) == KNOWN
    with pytest.raises(BackendError, match="user database") as refused:
        book.uids_of([*NAMES, "dave"])
    assert refused.value.retry_after_seconds


def test_what_was_never_known_is_not_guessed(directory: ListedAndAsked, hasty: UidBook) -> None:
    directory.go_on.clear()
    for _ in range(2):
        with pytest.raises(BackendError, match="user database"):
            hasty.uids_of(NAMES)
    eventually(lambda: directory.lists == 1)
    directory.go_on.set()
    assert learn(hasty, NAMES) == KNOWN


def test_what_nobody_asks_for_is_forgotten(directory: ListedAndAsked, hasty: UidBook, clock: SettableClock) -> None:
    learn(hasty, ["toor"])
    clock.advance(3600)
    learn(hasty, ["alice"])
    directory.asked.clear()
    directory.go_on.clear()
    with pytest.raises(BackendError):
        hasty.uids_of(["toor"])
