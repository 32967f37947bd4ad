"""How points stand in the database: only what changed, each as its difference from the one before.

A stretch is one byte, its format, then records. Format 1 is plain, format 2 is compressed by zlib (RFC 1950). A record
is a byte of flags, then variable-length integers: by how many slots it is later than the record before (left out where
it is one), and the differences of those figures that changed. A stretch begins from slot 0 and figures of 0.
"""

import zlib
from collections.abc import Iterable
from typing import NamedTuple

from app.quota.errors import QmanError

PLAIN, COMPRESSED = b"\x01", b"\x02"

_BLOCK, _LIMIT, _INODE, _GONE, _NEXT, _KIB = 1, 2, 4, 8, 16, 32
_CHANGED = _BLOCK | _LIMIT | _INODE
_KIB_BITS = 10


class Figures(NamedTuple):
    """What is kept of a quota: bytes, KiB (0 is unlimited), a count. Of a device: bytes used, its size in KiB, 0."""

    block_current: int
    block_hard_limit: int
    inode_current: int


NOTHING = Figures(0, 0, 0)


class Record(NamedTuple):
    """From this slot on the figures are these; None: it was gone."""

    slot: int
    figures: Figures | None


class Cursor(NamedTuple):
    """Where a stretch ends: the last record's slot, and the last figures before it went, if it is gone."""

    slot: int = 0
    figures: Figures = NOTHING

    def after(self, record: Record) -> "Cursor":
        """Where it ends with this record behind it."""
        return Cursor(record.slot, self.figures if record.figures is None else record.figures)


START = Cursor()


class HistoryFormatError(QmanError):
    """A stretch of history is in no format that this version of qman knows."""


def encode(records: Iterable[Record]) -> bytes:
    """A stretch, plain: more records can be appended to it."""
    cursor, parts = START, [PLAIN]
    for record in records:
        parts.append(encode_record(cursor, record))
        cursor = cursor.after(record)
    return b"".join(parts)


def pack(records: Iterable[Record]) -> bytes:
    """A stretch to keep, compressed where that is shorter."""
    plain = encode(records)
    compressed = COMPRESSED + zlib.compress(plain[1:], 6)
    return min(plain, compressed, key=len)


def encode_record(before: Cursor, record: Record) -> bytes:
    """One record, to append to the stretch that ends there."""
    flags, rest = 0, bytearray()
    step = record.slot - before.slot
    if step == 1:
        flags |= _NEXT
    else:
        _put(rest, step)
    if record.figures is None:
        return bytes([flags | _GONE]) + rest
    block, limit, inode = (new - old for new, old in zip(record.figures, before.figures, strict=True))
    if block:
        flags |= _BLOCK
        if block % (1 << _KIB_BITS) == 0:
            flags |= _KIB
            block >>= _KIB_BITS
        _put_signed(rest, block)
    if limit:
        flags |= _LIMIT
        _put_signed(rest, limit)
    if inode:
        flags |= _INODE
        _put_signed(rest, inode)
    return bytes([flags]) + rest


def decode(stretch: bytes) -> list[Record]:
    """The records of a stretch, oldest first. HistoryFormatError."""
    data = iter(_plain(stretch))
    following = data.__next__

    def take() -> int:
        value = following()
        if value < 0x80:  # noqa: PLR2004 - the last seven bits
            return value
        value, shift = value & 0x7F, 7
        while (byte := following()) >= 0x80:  # noqa: PLR2004 - as above
            value |= (byte & 0x7F) << shift
            shift += 7
        return value | byte << shift

    records: list[Record] = []
    slot, figures = START
    block, limit, inode = figures
    for flags in data:
        slot += 1 if flags & _NEXT else take()
        if flags & _GONE:
            records.append(Record(slot, None))
            continue
        if flags & _BLOCK:
            change = take()
            change = ~(change >> 1) if change & 1 else change >> 1
            block += change << _KIB_BITS if flags & _KIB else change
        if flags & _LIMIT:
            change = take()
            limit += ~(change >> 1) if change & 1 else change >> 1
        if flags & _INODE:
            change = take()
            inode += ~(change >> 1) if change & 1 else change >> 1
        if flags & _CHANGED:
            figures = Figures(block, limit, inode)
        records.append(Record(slot, figures))
    return records


def _plain(stretch: bytes) -> bytes:
    kind = stretch[:1]
    if kind == PLAIN:
        return stretch[1:]
    if kind == COMPRESSED:
        return zlib.decompress(stretch[1:])
    raise HistoryFormatError(f"History of the unknown format {kind.hex() or 'nothing'}.")


def _put(out: bytearray, value: int) -> None:
    """Seven bits in a byte, the low ones first; the highest bit says that more follow (LEB128)."""
    while value > 0x7F:  # noqa: PLR2004 - seven bits
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def _put_signed(out: bytearray, value: int) -> None:
    """With the sign in the lowest bit (zigzag)."""
    _put(out, value << 1 if value >= 0 else ~value << 1 | 1)
