"""The keys file of an enrolled host: missing, unreadable, open to others, or not to be changed."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.settings.files import SettingsError
from app.settings.keys_file import read_keys
from app.slave.doctor.findings import Finding, error, quoted, warning

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class KeysFile:
    """The file as this process sees it. `mode` None: it is not there; `problem`: why it cannot be read."""

    path: Path
    mode: int | None
    pairs: int = 0
    problem: str | None = None
    is_changeable: bool = True


def look_at_keys_file(path: Path) -> KeysFile:
    """Reads it, with the rights of this process."""
    is_changeable = os.access(path.parent, os.W_OK | os.X_OK)
    try:
        mode = path.stat().st_mode
        pairs = len(read_keys(path).pairs)
    except FileNotFoundError:
        return KeysFile(path, None, is_changeable=is_changeable)
    except OSError as problem:
        return KeysFile(path, 0, problem=f"it cannot be looked at ({problem.strerror})", is_changeable=is_changeable)
    except SettingsError as problem:
        return KeysFile(path, mode, problem=str(problem), is_changeable=is_changeable)
    return KeysFile(path, mode, pairs, is_changeable=is_changeable)


def of_keys_file(seen: KeysFile, settings_file: Path, *, has_other_keys: bool) -> Iterator[Finding]:
    """`has_other_keys`: the settings name some too."""
    name = str(seen.path)
    if seen.mode is None or (seen.problem is None and seen.pairs == 0):
        yield _without_keys(seen, settings_file, has_other_keys=has_other_keys)
    if seen.problem is not None:
        yield error(
            "keys_file_unreadable",
            name,
            found=seen.problem,
            why="The slave knows no keys of it, and answers 401 to a master that signs with them.",
            mend=f'chown "$SLAVE_USER" {quoted(name)}   # where it is broken, enrol the host again',
        )
    if seen.mode is not None and seen.mode & _OTHERS:
        yield error(
            "keys_file_open",
            name,
            found=f"its mode is {stat.S_IMODE(seen.mode):04o}: others than its owner can open it",
            why="Who knows the keys in it can read all quotas of this host, and set them.",
            mend=f"chmod 600 {quoted(name)}   # then rotate the keys, on the master: qman keys rotate",
        )
    if not seen.is_changeable:
        folder = str(seen.path.parent)
        yield warning(
            "keys_file_fixed",
            name,
            found=f"this process may not write in {folder}",
            why="The host cannot be enrolled, and its keys cannot be rotated.",
            mend=f'mkdir -p {quoted(folder)} && chown "$SLAVE_USER" {quoted(folder)}',
        )


def _without_keys(seen: KeysFile, settings_file: Path, *, has_other_keys: bool) -> Finding:
    make = warning if has_other_keys else error
    return make(
        "keys_file_missing",
        str(seen.path),
        found="there is no such file" if seen.mode is None else "there are no keys in it",
        why="The keys of API_KEYS count alone."
        if has_other_keys
        else "The slave has no keys: it answers 401 to every master, and nobody sees its quotas.",
        mend=f"qman enrol --master URL --config {quoted(str(settings_file))}   # the code is made on the page Hosts",
    )
