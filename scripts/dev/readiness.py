"""Waits until everything answers."""

import sqlite3
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

from scripts.dev.ports import StartError
from scripts.dev.processes import Child, Children

START_SECONDS = 120.0
POLL_SECONDS = 0.1
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def answers(url: str) -> bool:
    """Does a GET of this URL end in 200 now?"""
    try:
        with _OPENER.open(url, timeout=2) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 - that is OK
    except (OSError, ValueError):
        return False


def fail_if_one_ended(children: Children) -> None:
    """Raises StartError with the last words of a process that has ended."""
    ended = children.take_ended()
    if ended is not None:
        raise StartError(f"{ended.name} ended with status {ended.status}: {ended.last_line()} (see {ended.log})")


def wait_until_answering(urls: dict[Child, str], children: Children) -> None:
    """Returns when each process answers at its URL. Raises StartError naming those that do not in time."""
    deadline = time.monotonic() + START_SECONDS
    waiting = dict(urls)
    while waiting:
        fail_if_one_ended(children)
        waiting = {child: url for child, url in waiting.items() if not answers(url)}
        if waiting and time.monotonic() > deadline:
            late = "\n".join(
                f"--- {child.name}, {url}, the end of {child.log}:\n{child.tail()}" for child, url in waiting.items()
            )
            names = ", ".join(child.name for child in waiting)
            raise StartError(f"not answering after {START_SECONDS:.0f} s: {names}\n{late}")
        time.sleep(POLL_SECONDS)


def wait_until_every_host_was_asked(database: Path, children: Children) -> None:
    """Returns when the master's first round is over, so that the first page that somebody opens has figures."""
    deadline = time.monotonic() + START_SECONDS
    while not _every_host_was_asked(database):
        fail_if_one_ended(children)
        if time.monotonic() > deadline:
            raise StartError(f"the master has not asked every host within {START_SECONDS:.0f} s")
        time.sleep(POLL_SECONDS)


def _every_host_was_asked(database: Path) -> bool:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        known, asked = connection.execute("SELECT count(*), count(attempted_at) FROM host").fetchone()
    return bool(known == asked > 0)
