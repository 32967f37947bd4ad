"""The file of a backup: JSON by lines, compressed, with a checksum at its end; the same from and for every database.

{"qman_backup": 1, "revision": "0005", …}       the head
{"table": "audit", "columns": [["id", "text"], ["at", "instant"], …]}
["…", "2026-11-21T04:00:00.123456+00:00", …]    its rows
…
{"end": {"audit": 1, …}, "sha256": "…"}         how many rows each table has; of all lines before
"""

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import orjson

FORMAT = 1
Column = tuple[str, str]
"""Name and kind: text, integer, real, boolean, instant, json, bytes."""


class BackupError(Exception):
    """A backup cannot be made, read or restored. The text is for people."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a backup says of itself; `revision` is that of the schema."""

    revision: str
    made_at: str
    version: str


@dataclass(frozen=True, slots=True)
class Part:
    """A table with its rows, which are read once, in order."""

    table: str
    columns: Sequence[Column]
    rows: Iterator[Sequence[Any]]


class DumpWriter:
    """Writes beside the file and puts it in place when it is whole; readable by its owner alone."""

    def __init__(self, path: Path, head: Head) -> None:
        """BackupError: the file is there already."""
        if path.exists():
            raise BackupError(f"{path} exists already.")
        self._path = path
        self._beside = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._counts: dict[str, int] = {}
        self._hash = hashlib.sha256()
        self._file: BinaryIO = os.fdopen(os.open(self._beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._packed = gzip.GzipFile(fileobj=self._file, mode="wb", compresslevel=6, mtime=0, filename="")
        self._line({"qman_backup": FORMAT, "revision": head.revision, "made_at": head.made_at, "version": head.version})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._file.close()
            self._beside.unlink(missing_ok=True)

    def begin_table(self, name: str, columns: Sequence[Column]) -> None:
        """The rows that follow are this table's."""
        self._counts[name] = 0
        self._table = name
        self._line({"table": name, "columns": columns})

    def write_rows(self, rows: Sequence[Sequence[Any]]) -> None:
        """Rows of the table that was begun last."""
        self._counts[self._table] += len(rows)
        for row in rows:
            self._line(row)

    def _line(self, value: object) -> None:
        line = orjson.dumps(value) + b"\n"
        self._hash.update(line)
        self._packed.write(line)

    def _finish(self) -> None:
        end = {"end": self._counts, "sha256": self._hash.hexdigest()}
        self._packed.write(orjson.dumps(end) + b"\n")
        self._packed.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        os.link(self._beside, self._path)


class DumpReader:
    """Reads a backup from its beginning to its end. Whoever has read all parts calls `check_end` before trusting it."""

    def __init__(self, path: Path) -> None:
        """BackupError: it cannot be read, or is no backup."""
        self._path = path
        self._hash = hashlib.sha256()
        self._counts: dict[str, int] = {}
        try:
            self._file = gzip.open(path, "rb")  # noqa: SIM115 - closed by `close`
        except OSError as error:
            raise BackupError(f"{path} cannot be read: {error.strerror}.") from error
        self._next = self._read()
        if not isinstance(self._next, dict) or self._next.get("qman_backup") != FORMAT:
            raise BackupError(f"{path} is no backup of this version of qman.")
        self.head = Head(**{name: str(self._next.get(name)) for name in ("revision", "made_at", "version")})
        self._next = self._read()

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def parts(self) -> Iterator[Part]:
        """The tables in order; the rows of each must be read before the next one."""
        while isinstance(self._next, dict) and "table" in self._next:
            name = str(self._next["table"])
            columns = [(str(column), str(kind)) for column, kind in self._next["columns"]]
            self._next = self._read()
            self._counts[name] = 0
            yield Part(name, columns, self._rows(name))

    def check_end(self) -> Mapping[str, int]:
        """Rows by table, when all of it was read and is as it was written. BackupError."""
        if not isinstance(self._next, dict) or self._next.get("end") != self._counts:
            raise self._broken()
        return self._counts

    def _rows(self, name: str) -> Iterator[Sequence[Any]]:
        while isinstance(self._next, list):
            row = self._next
            self._counts[name] += 1
            self._next = self._read()
            yield row

    def _read(self) -> Any:
        try:
            line = self._file.readline()
            value = orjson.loads(line)
        except (OSError, EOFError, zlib.error, orjson.JSONDecodeError) as error:
            raise self._broken() from error
        if isinstance(value, dict) and "end" in value and value.get("sha256") != self._hash.hexdigest():
            raise self._broken()
        self._hash.update(line)
        return value

    def _broken(self) -> BackupError:
        return BackupError(f"{self._path} is no whole backup: it was cut off, or changed since it was made.")
