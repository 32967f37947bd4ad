"""Reads the CSV of an import. Each line is read by itself, so that a wrong one takes no other along."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.master.imports.sizes import read_count, read_kib
from app.quota.errors import FieldFault, InvalidInputError
from app.quota.rules import MAX_ID
from app.quota.values import QuotaType

MOST_LINES = 10_000
LIMIT_READERS = {
    "block_soft_limit": read_kib,
    "block_hard_limit": read_kib,
    "inode_soft_limit": read_count,
    "inode_hard_limit": read_count,
}
COLUMNS = ("host", "device", "quota_type", "id", "name", *LIMIT_READERS)
_DELIMITERS = ",;\t"
_LINE_ENDS = re.compile(r"\r\n|\n|\r")
_LONGEST = {"host": 100, "device": 1000, "name": 256}
_MOST_SHOWN = 80


@dataclass(frozen=True, slots=True)
class CsvLine:
    """A line of the file: what it asks for, and what is wrong with its form. Texts are as given, at most cut off."""

    number: int
    host: str
    device: str
    quota_type: QuotaType
    quota_id: int | None
    name: str
    limits: Mapping[str, int]
    faults: Sequence[FieldFault]


def read_csv(text: str) -> list[CsvLine]:
    """The lines below the header, in order; empty ones are passed over.

    The separator is that of the header: comma, semicolon or tab. InvalidInputError: the file as a whole cannot be
    read (no header, a column that is missing, unknown or there twice, no line, more than 10,000).
    """
    numbered = [(number, line) for number, line in enumerate(_LINE_ENDS.split(text.removeprefix("\ufeff")), 1)]
    filled = [(number, line) for number, line in numbered if line.strip(f" {_DELIMITERS}")]
    if not filled:
        raise _wrong_file("an empty file", "a header and at least one line")
    delimiter = max(_DELIMITERS, key=filled[0][1].count)
    header = _header(filled[0][1], delimiter)
    if not 1 <= len(filled) - 1 <= MOST_LINES:
        raise _wrong_file(f"{len(filled) - 1} lines below the header", f"1 to {MOST_LINES} lines")
    return [_line(number, line, delimiter, header) for number, line in filled[1:]]


def _header(line: str, delimiter: str) -> list[str]:
    names = [name.strip().lower() for name in _cells(line, delimiter) or []]
    unknown = [name for name in names if name not in COLUMNS]
    if unknown or len(set(names)) < len(names):
        found = f"column {_shown(unknown[0])}" if unknown else "a column that is there twice"
        raise _wrong_file(found, f"columns of {', '.join(COLUMNS)}")
    if not {"host", "device"} <= set(names) or not {"id", "name"} & set(names) or not set(LIMIT_READERS) & set(names):
        raise _wrong_file(", ".join(names), "host, device, id or name, and at least one limit")
    return names


def _line(number: int, line: str, delimiter: str, header: Sequence[str]) -> CsvLine:
    cells = _cells(line, delimiter)
    if cells is None or len(cells) != len(header):
        found = "quotes that do not match" if cells is None else f"{len(cells)} cells"
        fault = FieldFault("line", found, f"{len(header)} cells, as in the header")
        return CsvLine(number, "", "", QuotaType.USER, None, "", {}, [fault])
    given = dict(zip(header, (cell.strip() for cell in cells), strict=True))
    faults = list(_text_faults(given))
    quota_type = _quota_type(given, faults)
    quota_id = _quota_id(given, faults)
    limits = _limits(given, faults)
    texts = {name: given.get(name, "")[:longest] for name, longest in _LONGEST.items()}
    return CsvLine(number, texts["host"], texts["device"], quota_type, quota_id, texts["name"], limits, faults)


def _cells(line: str, delimiter: str) -> list[str] | None:
    """The cells of one line, None where its quotes do not match."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error:
        return None


def _text_faults(given: Mapping[str, str]) -> Iterator[FieldFault]:
    for name, longest in _LONGEST.items():
        text = given.get(name, "")
        if not text and name != "name":
            yield FieldFault(name, "nothing", f"the {name}")
        elif len(text) > longest or "\0" in text:
            yield FieldFault(name, _shown(text), f"at most {longest} characters, no NUL")
    if not given.get("name") and not given.get("id"):
        yield FieldFault("id" if "id" in given else "name", "nothing", "an id or a name")


def _quota_type(given: Mapping[str, str], faults: list[FieldFault]) -> QuotaType:
    text = given.get("quota_type", "").lower()
    if not text:
        return QuotaType.USER
    if text in {quota_type.value for quota_type in QuotaType}:
        return QuotaType(text)
    faults.append(FieldFault("quota_type", _shown(text), "user, group or project"))
    return QuotaType.USER


def _quota_id(given: Mapping[str, str], faults: list[FieldFault]) -> int | None:
    text = given.get("id", "")
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) <= len(str(MAX_ID)) and int(text) <= MAX_ID:
        return int(text)
    faults.append(FieldFault("id", _shown(text), f"an integer from 0 to {MAX_ID}"))
    return None


def _limits(given: Mapping[str, str], faults: list[FieldFault]) -> dict[str, int]:
    limits: dict[str, int] = {}
    for name, read in LIMIT_READERS.items():
        text = given.get(name, "")
        if not text:
            continue
        try:
            limits[name] = read(text)
        except ValueError as error:
            faults.append(FieldFault(name, _shown(text), str(error)))
    if not limits and not faults:
        faults.append(FieldFault("line", "no limit", "at least one limit to set"))
    return limits


def _shown(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"


def _wrong_file(found: str, expected: str) -> InvalidInputError:
    return InvalidInputError("The file cannot be imported.", fields=[FieldFault("csv", found, expected)])
