"""One line of auditd's log.

Source of the format: auditd.conf(5) (`log_format`), ausearch(8), the audit project's field dictionary. A line is
`type=T msg=audit(SECONDS.MILLIS:SERIAL): name=value …`, since ENRICHED followed by the byte 0x1d and names for numbers,
which were looked up at the time of writing and are not read here. With `name_format` set it begins `node=NAME `. Values
that a user may choose are quoted, or in hexadecimal where they contain a quote, a blank or a control character.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_ENRICHED = b"\x1d"
_HEAD = re.compile(rb"(?:node=\S+ )?type=(\w{1,40}) msg=audit\((\d{1,11})\.(\d{3}):(\d{1,20})\): ?")
_FIELD = re.compile(rb'(\w[\w-]{0,40})=("[^"]*"|\S*)')
_HEX = re.compile(rb"(?:[0-9A-F]{2})+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNSET = 2**32 - 1
"""The uid of nobody: -1, as the kernel prints it."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its type, when the event was, the event's number. The values of `fields` are as they stand there."""

    type: str
    at: datetime
    serial: int
    fields: Mapping[str, bytes]


def find_record(line: bytes) -> Record | None:
    """The record of a line without its line feed, None where it is none: cut short, overwritten, somebody else's."""
    head = _HEAD.match(line)
    if head is None:
        return None
    rest = line[head.end() :].split(_ENRICHED, 1)[0]
    fields = {name.decode("ascii"): value for name, value in reversed(_FIELD.findall(rest))}
    at = _EPOCH + timedelta(seconds=int(head[2]), milliseconds=int(head[3]))
    return Record(head[1].decode("ascii"), at, int(head[4]), fields)


def text_of(value: bytes) -> str:
    """A value that is quoted or in hexadecimal; `(null)` and `?` are what they say."""
    if value.startswith(b'"'):
        value = value.strip(b'"')
    elif _HEX.fullmatch(value):
        value = bytes.fromhex(value.decode("ascii"))
    return value.decode("utf-8", "surrogateescape")


def keys_of(record: Record) -> frozenset[str]:
    """The keys of the rules that the record comes from. Several stand in one field, with 0x01 between them."""
    value = record.fields.get("key", b"")
    return frozenset(text_of(value).split("\x01")) if value.startswith(b'"') or _HEX.fullmatch(value) else frozenset()


def find_number(record: Record, name: str) -> int | None:
    """A decimal number that fits 32 bits, None where there is none."""
    value = record.fields.get(name, b"")
    number = int(value) if value.isascii() and value.isdigit() and len(value) <= len(str(UNSET)) else UNSET + 1
    return number if number <= UNSET else None


def find_uid(record: Record, name: str) -> int | None:
    """A uid; None where it is unset (4294967295, which is -1), or missing."""
    number = find_number(record, name)
    return None if number == UNSET else number
