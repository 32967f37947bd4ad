"""The settings file: secrets that others can read, keys that everybody knows, keys that are missing."""

import stat
from collections.abc import Iterator
from pathlib import Path

from app.settings.keys import is_example
from app.settings.slave import SlaveSettings
from app.slave.doctor.findings import Finding, error, quoted, warning

_MAKE_KEY = "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"


def of_mode(path: Path, mode: int) -> Iterator[Finding]:
    """`mode` is st_mode."""
    others = mode & (stat.S_IROTH | stat.S_IWOTH)
    if others or mode & stat.S_IWGRP:
        what = "anybody on this host can read" if mode & stat.S_IROTH else "others than its owner can write"
        yield error(
            "settings_open",
            str(path),
            found=f"its mode is {stat.S_IMODE(mode):04o}: {what} it",
            why="Who knows the keys in it can read all quotas of this host, and set them.",
            mend=f"chmod o-rwx,g-w {quoted(str(path))}",
        )


def of_keys(path: Path, settings: SlaveSettings) -> Iterator[Finding]:
    """Keys of the master, and the one that signs events."""
    examples = [key.id for key in settings.API_KEYS if is_example(key.secret)]
    if settings.MASTER_EVENT_CALLBACK_SECRET and is_example(settings.MASTER_EVENT_CALLBACK_SECRET):
        examples.append("MASTER_EVENT_CALLBACK_SECRET")
    if examples:
        yield _example(path, ", ".join(examples))
    scopes = {key.scope for key in settings.API_KEYS}
    if "write" not in scopes and settings.API_KEYS_FILE is None:
        yield warning(
            "no_write_key",
            str(path),
            found="no key of API_KEYS has the scope write",
            why="No limit can be set through this slave.",
            mend=f"{_MAKE_KEY}   # for a key of API_KEYS with the scope write, here and on the master",
        )
    if settings.MASTER_EVENT_CALLBACK_URL and not settings.MASTER_EVENT_CALLBACK_SECRET:
        yield error(
            "no_event_key",
            str(path),
            found="MASTER_EVENT_CALLBACK_URL is set and MASTER_EVENT_CALLBACK_SECRET is not",
            why="The master refuses events that are not signed.",
            mend=f"{_MAKE_KEY}   # then MASTER_EVENT_CALLBACK_SECRET, and SLAVE_EVENT_KEYS of the master",
        )


def look_at_mode(path: Path) -> int:
    """OSError where the file cannot be seen."""
    return path.stat().st_mode


def _example(path: Path, where: str) -> Finding:
    return warning(
        "example_key",
        str(path),
        found=f"secrets of the example are in use: {where}",
        why="Everybody knows them. The slave starts with it on a loopback address only.",
        mend=f"{_MAKE_KEY}   # a new one for each, here and on the master",
    )
