"""Chores run in a process of their own, which ends when it shall, whatever happens to either side."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from app.bootstrap.chore_process import COMMAND, EXIT_LEFT_ALONE, ChoreProcess
from app.db.engine import Database
from tests.fakes.fleet_database import HandClock, new_database
from tests.fakes.histories import RecordedHost

WAIT_SECONDS = 30
GIB = 2**30


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = new_database(tmp_path)
    yield database
    database.dispose()


def url_of(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


class Endless:
    """A program that tells its pid and never ends by itself, whatever it is told."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "pid"

    @property
    def command(self) -> Sequence[str]:
        ignoring = "import os, signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
        telling = "file = open(sys.argv[1], 'w'); file.write(str(os.getpid())); file.close()"
        return [sys.executable, "-c", f"{ignoring}; {telling}; [signal.pause() for _ in iter(int, 1)]", str(self._file)]

    def is_up(self) -> bool:
        return self._file.exists() and self._file.read_text() != ""

    def has_ended(self) -> bool:
        try:
            os.kill(int(self._file.read_text()), 0)
        except ProcessLookupError:
            return True
        return False


def test_what_was_read_is_recorded_by_another_process(database: Database) -> None:
    host = RecordedHost(database, HandClock(datetime.now(UTC)))
    host.read({1000: GIB})
    ChoreProcess(url_of(database)).run(lambda: True)
    assert [used for _, used, _ in host.points()] == [GIB]


def test_it_is_ended_when_it_shall_not_go_on(tmp_path: Path) -> None:
    endless = Endless(tmp_path)
    ChoreProcess("sqlite://", endless.command).run(lambda: not endless.is_up())
    assert endless.has_ended()


def test_it_is_ended_when_the_lease_cannot_be_renewed(tmp_path: Path) -> None:
    endless = Endless(tmp_path)

    def fail() -> bool:
        if endless.is_up():
            raise ConnectionError
        return True

    with pytest.raises(ConnectionError):
        ChoreProcess("sqlite://", endless.command).run(fail)
    assert endless.has_ended()


def test_it_is_ended_when_it_takes_too_long(tmp_path: Path) -> None:
    endless = Endless(tmp_path)
    elapsed = count()

    def minutes() -> float:
        return 60.0 * (next(elapsed) if endless.is_up() else 0)

    ChoreProcess("sqlite://", endless.command, timedelta(minutes=15), minutes).run(lambda: True)
    assert endless.has_ended()


@pytest.mark.parametrize("program", ["import sys; sys.exit(3)", "import sys; sys.stdin.close()"])
def test_one_that_ends_early_is_no_error_of_the_server(program: str) -> None:
    ChoreProcess("sqlite://", [sys.executable, "-c", program]).run(lambda: True)


def test_it_ends_with_who_started_it(database: Database) -> None:
    RecordedHost(database, HandClock(datetime.now(UTC))).read({1000: GIB})
    with database.write():  # so it waits for its turn to write
        process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, text=True)
        process.communicate(json.dumps({"database_url": url_of(database)}) + "\n", timeout=WAIT_SECONDS)
    assert process.returncode == EXIT_LEFT_ALONE
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM history_series").scalar_one() == 0
