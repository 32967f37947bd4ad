"""A master's chores in a process of their own: they may take a whole core, and no request of a person waits for them.

    python -m app.bootstrap.chore_process

is started for each turn and ends after it. The first line of its input is JSON, {"database_url": "…"}; when its input
ends, so has who started it, and it ends too. It may be killed at any moment: each piece of work is whole in itself.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from subprocess import TimeoutExpired
from time import monotonic

import structlog

from app.bootstrap.chores import QUARTER, master_chores
from app.bootstrap.logs import configure_logs
from app.db.engine import Database
from app.master.chores import Chore, ChoreRounds, EmbeddedChores, KeepGoing, run_chore
from app.quota.clock import Clock, utc_now

log = structlog.get_logger(__name__)

NICENESS = 10
POLL_SECONDS = 0.5
EXIT_LEFT_ALONE = 3
LONGEST = QUARTER
"""Whoever takes longer is ended. What is left undone waits for the next time."""
_KILLED_AFTER_SECONDS = 2.0
_ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "app.bootstrap.chore_process")


@dataclass(frozen=True, slots=True)
class ChoreProcess:
    """One turn of the chores, run aside."""

    database_url: str
    command: Sequence[str] = COMMAND
    longest: timedelta = LONGEST
    elapsed: Callable[[], float] = monotonic
    """Seconds since some moment."""

    def run(self, keep_going: KeepGoing) -> None:
        """Returns when the process has ended by itself, or was ended because it shall not go on."""
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(_ROOT), *_old_path()])}
        process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, env=environment, start_new_session=True, text=True
        )
        try:
            _tell(process, self.database_url)
            self._wait(process, keep_going)
        finally:
            _end(process)

    def _wait(self, process: "subprocess.Popen[str]", keep_going: KeepGoing) -> None:
        until = self.elapsed() + self.longest.total_seconds()
        while keep_going():
            try:
                status = process.wait(POLL_SECONDS)
            except TimeoutExpired:
                if self.elapsed() > until:
                    log.warning("chores_took_too_long", longest_seconds=self.longest.total_seconds())
                    return
            else:
                if status != 0:
                    log.warning("chores_ended_early", status=status)
                return


def start_chores(database: Database, clock: Clock) -> None:
    """Has a turn of them run every quarter hour, by one of all server processes."""
    url = database.url.render_as_string(hide_password=False)
    turn = Chore("history", QUARTER, ChoreProcess(url).run)
    EmbeddedChores(database, lambda: ChoreRounds(database, clock, [turn])).start()


def _old_path() -> list[str]:
    return [path] if (path := os.environ.get("PYTHONPATH")) else []


def _tell(process: "subprocess.Popen[str]", database_url: str) -> None:
    assert process.stdin is not None  # noqa: S101 - it is a pipe
    try:
        process.stdin.write(json.dumps({"database_url": database_url}) + "\n")
        process.stdin.flush()
    except BrokenPipeError:
        log.warning("chores_ended_early", status=process.wait())


def _end(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    try:
        process.communicate(timeout=_KILLED_AFTER_SECONDS)
    except TimeoutExpired:
        process.kill()
        process.communicate()


def _end_with_parent() -> None:
    os.read(0, 1)  # not sys.stdin: a thread that waits in its lock breaks the end of the interpreter
    os._exit(EXIT_LEFT_ALONE)


def main() -> None:
    """Runs all chores once, in their order."""
    configure_logs()
    os.nice(NICENESS)
    database = Database(json.loads(sys.stdin.readline())["database_url"])
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for chore in master_chores(database, utc_now):
        run_chore(chore, lambda: True)


if __name__ == "__main__":
    main()
