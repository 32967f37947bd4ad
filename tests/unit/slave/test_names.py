"""Names of ids: an unreachable directory costs names, never rows, and nobody waits for it twice."""

import os
import pwd
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from threading import enumerate as living_threads

import pytest

from app.quota.errors import BackendError, UserNotFoundError
from app.quota.values import QuotaType
from app.slave.directory import Directory, FixedDirectory, Listing, NssDirectory
from app.slave.names import NameBook
from tests.fakes.slave_app import SettableClock

USER, GROUP = QuotaType.USER, QuotaType.GROUP
TEN_MINUTES = 600
LONG = 30.0
"""What no healthy run waits for, in seconds."""


class AskedDirectory:
    """Lists nobody; knows users by their number, and counts how often it is asked. Hangs while told to."""

    def __init__(self, *, is_complete: bool = False) -> None:
        self.is_complete = is_complete
        self.asked: list[int] = []
        self.fails = False
        self.go_on = Event()
        self.go_on.set()

    def list_names(self, quota_type: QuotaType) -> Listing:
        self.go_on.wait()
        return Listing({0: "root"}, self.is_complete)

    def find_name(self, quota_type: QuotaType, quota_id: int) -> str | None:
        self.asked.append(quota_id)
        self.go_on.wait()
        if self.fails:
            raise OSError("no such directory")
        return f"user{quota_id}" if quota_id % 2 else None

    def find_uid(self, name: str) -> int | None:
        self.go_on.wait()
        return int(name.removeprefix("user")) if name.startswith("user") else None


@pytest.fixture
def directory() -> Iterator[AskedDirectory]:
    made = AskedDirectory()
    yield made
    made.go_on.set()


def patient_book(directory: Directory, clock: SettableClock | None = None) -> NameBook:
    """For directories that do not hang, on machines that may be slow."""
    return NameBook(directory, clock or SettableClock(), LONG, LONG)


def names(book: NameBook, *ids: int, quota_type: QuotaType = USER) -> dict[int, str]:
    found = book.names_of(quota_type, ids).by_id
    return {quota_id: name for quota_id in ids if (name := found.get(quota_id)) is not None}


def learn(book: NameBook, *ids: int) -> dict[int, str]:
    """The names, when all that are on their way have come."""
    until = time.monotonic() + LONG
    while not book.names_of(USER, ids).is_final:
        assert time.monotonic() < until
    return names(book, *ids)


def test_names_found_and_not_found_are_asked_for_once(directory: AskedDirectory) -> None:
    book = patient_book(directory)
    for _ in range(3):
        assert names(book, 0, 1, 2, 3) == {0: "root", 1: "user1", 3: "user3"}
    assert directory.asked == [1, 2, 3]


def test_they_are_asked_for_again_after_ten_minutes(directory: AskedDirectory) -> None:
    clock = SettableClock()
    book = patient_book(directory, clock)
    names(book, 1)
    clock.advance(TEN_MINUTES - 1)
    names(book, 1)
    assert directory.asked == [1]
    clock.advance(1)
    assert names(book, 1) == {1: "user1"}
    assert directory.asked == [1, 1]


def test_what_a_complete_list_lacks_has_no_name() -> None:
    directory = AskedDirectory(is_complete=True)
    assert names(patient_book(directory), 0, 1, 2) == {0: "root"}
    assert directory.asked == []


def test_a_directory_that_hangs_costs_names_and_little_time(directory: AskedDirectory) -> None:
    book = NameBook(directory, SettableClock(), 2 * LONG)
    assert learn(book, 1) == {1: "user1"}
    directory.go_on.clear()
    started = time.monotonic()
    found = book.names_of(USER, [1, 3])
    assert time.monotonic() - started < LONG
    assert (found.by_id[1], found.by_id.get(3), found.is_final) == ("user1", None, False)
    directory.go_on.set()
    assert learn(book, 1, 3) == {1: "user1", 3: "user3"}


def test_outdated_names_serve_while_the_directory_hangs(directory: AskedDirectory) -> None:
    clock = SettableClock()
    book = NameBook(directory, clock, LONG)
    learn(book, 1)
    directory.go_on.clear()
    clock.advance(TEN_MINUTES)
    assert names(book, 1) == {1: "user1"}


def test_a_directory_that_fails_costs_names(directory: AskedDirectory) -> None:
    directory.fails = True
    book = patient_book(directory)
    assert names(book, 0, 1) == {0: "root"}
    directory.fails = False
    assert names(book, 0, 1) == {0: "root", 1: "user1"}


def test_by_name(directory: AskedDirectory) -> None:
    book = patient_book(directory)
    assert book.resolve("user7") == 7
    for unknown in ("nobody", "", "x" * 257, "a\0b"):
        with pytest.raises(UserNotFoundError):
            book.resolve(unknown)


def test_by_name_is_unavailable_while_the_directory_hangs(directory: AskedDirectory) -> None:
    book = NameBook(directory, SettableClock(), timeout_seconds=0.05)
    directory.go_on.clear()
    for call in (lambda: book.resolve("user1"), book.list_users):
        with pytest.raises(BackendError) as refused:
            call()
        assert refused.value.retry_after_seconds


def test_a_directory_that_hangs_holds_one_thread_for_names_of_all_types_and_one_for_each_way_to_ask(
    directory: AskedDirectory,
) -> None:
    before, book = set(living_threads()), NameBook(directory, SettableClock(), timeout_seconds=0.05)
    directory.go_on.clear()

    def threads_after_asking() -> list[str]:
        for quota_type in QuotaType:
            assert book.names_of(quota_type, [1]).by_id.get(1) is None
        for call in (lambda: book.resolve("user1"), book.list_users):
            with pytest.raises(BackendError):
                call()
        return sorted(thread.name for thread in set(living_threads()) - before)

    for _ in range(10):
        threads_after_asking()
    until = time.monotonic() + LONG
    while threads_after_asking() != ["lane a user by name", "lane names", "lane the list of users"]:
        assert time.monotonic() < until, "one that was given up before it began may need another turn"


@pytest.mark.parametrize("made", [NssDirectory(), FixedDirectory({0: "root"}, {0: "root"})])
def test_every_directory_knows_root(made: Directory) -> None:
    for quota_type in (USER, GROUP):
        assert made.list_names(quota_type).names[0] == made.find_name(quota_type, 0) == "root"
        assert made.find_name(quota_type, 2**32 - 2) is None
    assert made.find_uid("root") == 0
    assert made.find_uid("no such user") is None
    assert made.list_names(QuotaType.PROJECT) == Listing({}, is_complete=True)


def test_the_operating_system_lists_this_process_owner() -> None:
    uid = os.getuid()
    assert NssDirectory().list_names(USER).names[uid] == pwd.getpwuid(uid).pw_name


@pytest.mark.parametrize(
    ("text", "is_complete"),
    [
        ("passwd: files systemd\n", True),
        ("passwd:\tcompat\n", True),
        ("passwd: files sss\n", False),
        ("passwd: files [NOTFOUND=return] ldap\n", False),
        ("# passwd: files\n", False),
        ("passwd:\n", False),
        (None, False),
    ],
)
def test_only_sources_that_list_everybody_are_complete(tmp_path: Path, text: str | None, is_complete: bool) -> None:
    file = tmp_path / "nsswitch.conf"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    assert NssDirectory(file).list_names(USER).is_complete is is_complete
