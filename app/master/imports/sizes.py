"""Limits as people write them in a CSV file."""

import math
import re
from fractions import Fraction

from app.quota.units import KIB, MAX_BLOCK_LIMIT_KIB, MAX_INODE_LIMIT

_UNITS = {"kib": 1, "mib": KIB, "gib": KIB**2, "tib": KIB**3, "pib": KIB**4}
_SIZE = re.compile(r"(?P<number>[0-9]{1,18}(\.[0-9]{1,9})?) ?(?P<unit>[KMGTP]iB)", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,20}", re.ASCII)
_NO_LIMIT = "unlimited"


def read_kib(text: str) -> int:
    """KiB of `1048576` (KiB), `1GiB`, `1.5 TiB` or `unlimited` (0); a part of a KiB counts as a whole one.

    ValueError says what is expected. `GB` is none of it: it is read in two ways.
    """
    sized = _SIZE.fullmatch(text)
    if sized is not None:
        return _within(math.ceil(Fraction(sized["number"]) * _UNITS[sized["unit"].lower()]), MAX_BLOCK_LIMIT_KIB)
    if _NUMBER.fullmatch(text) is None and text.lower() != _NO_LIMIT:
        message = "KiB as a whole number, a size like 10GiB (KiB, MiB, GiB, TiB, PiB), or unlimited"
        raise ValueError(message)
    return _within(_plain(text), MAX_BLOCK_LIMIT_KIB)


def read_count(text: str) -> int:
    """A number of files of `100000` or `unlimited` (0). ValueError says what is expected."""
    if _NUMBER.fullmatch(text) is None and text.lower() != _NO_LIMIT:
        message = "a whole number of files, or unlimited"
        raise ValueError(message)
    return _within(_plain(text), MAX_INODE_LIMIT)


def _plain(text: str) -> int:
    return 0 if text.lower() == _NO_LIMIT else int(text)


def _within(value: int, most: int) -> int:
    if value > most:
        message = f"at most {most}"
        raise ValueError(message)
    return value
