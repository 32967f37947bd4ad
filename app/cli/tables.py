"""What people read on a terminal: columns, sizes, and how long ago something was."""

from collections.abc import Sequence
from datetime import datetime, timedelta

_AGES = ((86_400, "day"), (3600, "hour"), (60, "minute"))
_GIB = 2**30
_SIZES = ((2**40, "TiB"), (_GIB, "GiB"), (2**20, "MiB"), (2**10, "KiB"))


def as_table(head: Sequence[str], rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset()) -> str:
    """Lines in columns; those named by `right` end together."""
    lines = [list(head), *([*row] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(head))]
    return "".join(
        "  ".join(
            text.rjust(width) if place in right else text.ljust(width)
            for place, (text, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        + "\n"
        for line in lines
    )


def size(count: int | None) -> str:
    """Bytes with one digit behind the point; `-` for None."""
    if count is None:
        return "-"
    factor, unit = next(((factor, unit) for factor, unit in _SIZES if count >= factor), (1, "B"))
    return f"{count} B" if factor == 1 else f"{count / factor:.1f} {unit}"


def ago(at: datetime | None, now: datetime) -> str:
    """Such as `3 days ago`; `-` for None. What is to come, by a clock that was set, is now."""
    if at is None:
        return "-"
    seconds = max(now - at, timedelta()).total_seconds()
    length, unit = next(((length, unit) for length, unit in _AGES if seconds >= length), (0, ""))
    if not length:
        return "just now"
    count = int(seconds // length)
    return f"{count} {unit}{'' if count == 1 else 's'} ago"
