"""The mounts of this process, as /proc/self/mountinfo tells (proc_pid_mountinfo(5)). Pure: text in, values out."""

import os
import re
from collections.abc import Container, Iterator
from pathlib import Path
from typing import NamedTuple

from app.quota.errors import BackendError

MOUNTINFO = Path("/proc/self/mountinfo")
_OCTAL = re.compile(r"\\([0-7]{3})")


class Mount(NamedTuple):
    """One line of mountinfo. `root` is the part of the filesystem that is mounted, `/` unless it is a bind mount."""

    number: int
    root: str
    mount_point: str
    options: tuple[str, ...]
    fstype: str
    source: str
    super_options: tuple[str, ...]


def read_mounts(fstypes: Container[str], mountinfo: Path = MOUNTINFO) -> list[Mount]:
    """The mounts of those types now. BackendError."""
    try:
        text = mountinfo.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise BackendError(f"The mounts of this host cannot be read: {error.strerror}.") from error
    return list(iter_mounts(text, fstypes))


def iter_mounts(mountinfo: str, fstypes: Container[str]) -> Iterator[Mount]:
    """The mounts of those types in mountinfo's text; lines that are not of its form are passed over."""
    for line in mountinfo.split("\n"):
        head, separator, tail = line.partition(" - ")
        before, after = head.split(" "), tail.split(" ")
        if not separator or len(before) < 6 or len(after) < 3 or after[0] not in fstypes:  # noqa: PLR2004 - the format
            continue
        number = _device_number(before[2])
        if number is not None:
            root, mount_point, source = _unescaped(before[3]), _unescaped(before[4]), _unescaped(after[1])
            yield Mount(
                number, root, mount_point, tuple(before[5].split(",")), after[0], source, tuple(after[2].split(","))
            )


def shown(text: str) -> str:
    """The text without bytes that are not UTF-8, which JSON cannot hold: each becomes a backslash, x and two digits."""
    return text.encode(errors="surrogateescape").decode(errors="backslashreplace")


def _device_number(text: str) -> int | None:
    major, separator, minor = text.partition(":")
    if not separator or not (major.isascii() and major.isdigit() and minor.isascii() and minor.isdigit()):
        return None
    try:
        return os.makedev(int(major), int(minor))
    except (OverflowError, ValueError):
        return None


def _unescaped(text: str) -> str:
    """Undo the kernel's octal escapes of space, tab, newline and backslash (fs/seq_file.c, mangle_path)."""
    return _OCTAL.sub(lambda match: chr(int(match[1], 8)), text) if "\\" in text else text
