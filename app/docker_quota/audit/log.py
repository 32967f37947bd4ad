"""Reads auditd's log piece by piece: through rotation, truncation, and a last line that is still being written."""

import os
import stat
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

MOST_BYTES = 4 * 1024 * 1024
"""Of one call."""
MOST_ROTATED = 998
"""auditd.conf(5): `num_logs` is 999 at most, and counts the log itself."""
_HEAD_BYTES = 64
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Position:
    """Where reading goes on. `head` is how the file begins: a rotated file's inode is soon another file's."""

    inode: int
    offset: int
    head: bytes


@dataclass(frozen=True, slots=True)
class LogProblem:
    """Why the log cannot be read. `code` is `missing`, `forbidden` or `failed`; `detail` is a sentence for people."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Piece:
    """What one call read: lines without their line feeds. `end` is where the next call goes on.

    `is_gap`: lines between the last position and these are lost, since rotated files were deleted or the log was
    emptied. `is_all`: the end of the log was reached. `problem` says why nothing could be read.
    """

    lines: tuple[bytes, ...]
    end: Position | None
    is_gap: bool = False
    is_all: bool = True
    problem: LogProblem | None = None


@dataclass(frozen=True, slots=True)
class _File:
    """A file of the log, held open: rotation gives it another name, and the same descriptor goes on."""

    descriptor: int
    inode: int
    size: int
    head: bytes

    def continues(self, position: Position) -> bool:
        return self.inode == position.inode and self.head.startswith(position.head) and self.size >= position.offset


def read_piece(path: Path, after: Position | None, most_bytes: int = MOST_BYTES) -> Piece:
    """What was written after the position; everything that is still there where it is None.

    The position is not moved over a line that has no end yet. Reading never waits.
    """
    with ExitStack() as opened:
        try:
            files = _open_all(path, opened)
            index = next((i for i, file in enumerate(files) if after is not None and file.continues(after)), None)
            offset = after.offset if after is not None and index is not None else 0
            end = after if index is not None else None
            piece = _read(files[index or 0 :], offset, end, most_bytes)
            return replace(piece, is_gap=after is not None and index is None)
        except OSError as problem:
            return Piece((), after, is_all=False, problem=_as_problem(path, problem))


def skip_to_end(path: Path) -> Piece:
    """A piece without lines whose end is where the log ends now."""
    with ExitStack() as opened:
        try:
            file = _open(path, opened)
            return Piece((), Position(file.inode, file.size, file.head))
        except OSError as problem:
            return Piece((), None, is_all=False, problem=_as_problem(path, problem))


def _read(files: Sequence[_File], offset: int, end: Position | None, most_bytes: int) -> Piece:
    """From the offset in the first of them. An empty file is no place to go on from: nothing tells it from the next."""
    lines: list[bytes] = []
    left = most_bytes
    for file in files:
        chunk = os.pread(file.descriptor, left, offset)
        whole = chunk.rfind(b"\n") + 1
        lines += chunk[:whole].split(b"\n")[:-1]
        if not whole and len(chunk) == most_bytes:
            whole = len(chunk)  # no record is that long: it is passed over
        if file.head:
            end = Position(file.inode, offset + whole, file.head)
        if len(chunk) == left:
            return Piece(tuple(lines), end, is_all=False)
        left -= len(chunk)
        offset = 0
    return Piece(tuple(lines), end)


def _open_all(path: Path, opened: ExitStack) -> list[_File]:
    """Oldest first, as they were at one moment. The log itself has to be there."""
    for _ in range(_TRIES):
        files = [_open(each, opened) for each in reversed(_list_names(path))]
        if [file.inode for file in files] == [each.stat().st_ino for each in reversed(_list_names(path))]:
            return files
    raise OSError(0, "it is being rotated", str(path))


def _list_names(path: Path) -> list[Path]:
    """Newest first. While auditd rotates, one number is missing for a moment."""
    names, missing = [path], 0
    for number in range(1, MOST_ROTATED + 1):
        rotated = path.with_name(f"{path.name}.{number}")
        if rotated.exists():
            names.append(rotated)
        elif missing:
            break
        else:
            missing += 1
    return names


def _open(path: Path, opened: ExitStack) -> _File:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    opened.callback(os.close, descriptor)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(0, "it is no regular file", str(path))
    return _File(descriptor, status.st_ino, status.st_size, os.pread(descriptor, _HEAD_BYTES, 0))


def _as_problem(path: Path, problem: OSError) -> LogProblem:
    if isinstance(problem, FileNotFoundError):
        return LogProblem("missing", f"There is no {path}: auditd does not run, or writes elsewhere.")
    if isinstance(problem, PermissionError):
        return LogProblem("forbidden", f"This process may not read {path}.")
    return LogProblem("failed", f"{path} cannot be read: {problem.strerror or problem}.")
