"""Rows as files: CSV for spreadsheets, JSON for programs."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import orjson

from app.master.wire.rows import RowOut
from app.web.wire import Out, iso_utc

CSV_TYPE: Final = "text/csv; charset=utf-8; header=present"

_COLUMNS: Final[dict[str, Callable[[RowOut], Any]]] = {
    "host": lambda row: row.host,
    "device": lambda row: row.device,
    "kind": lambda row: row.kind.value,
    "mount_points": lambda row: ";".join(row.mount_points),
    "quota_type": lambda row: row.quota_type.value,
    "id": lambda row: row.id,
    "name": lambda row: row.name,
    "person_id": lambda row: row.person.id if row.person else "",
    "person": lambda row: row.person.name if row.person else "",
    "status": lambda row: row.status.value,
    "percent": lambda row: row.percent,
    "block_current_bytes": lambda row: row.block_current,
    "block_soft_limit_kib": lambda row: row.block_soft_limit,
    "block_hard_limit_kib": lambda row: row.block_hard_limit,
    "block_time_limit_unix_seconds": lambda row: row.block_time_limit,
    "inode_current_files": lambda row: row.inode_current,
    "inode_soft_limit_files": lambda row: row.inode_soft_limit,
    "inode_hard_limit_files": lambda row: row.inode_hard_limit,
    "inode_time_limit_unix_seconds": lambda row: row.inode_time_limit,
    "limits_source": lambda row: row.limits_source,
    "docker_container_bytes": lambda row: row.docker_container_bytes,
    "docker_image_layer_bytes": lambda row: row.docker_image_layer_bytes,
    "docker_volume_bytes": lambda row: row.docker_volume_bytes,
    "docker_build_cache_bytes": lambda row: row.docker_build_cache_bytes,
    "taken_at_utc": lambda row: iso_utc(row.taken_at),
    "age_seconds": lambda row: row.age_seconds,
    "stale": lambda row: "true" if row.stale else "false",
    "problem": lambda row: row.problem,
}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_pieces(pages: Iterator[list[RowOut]]) -> Iterator[bytes]:
    """RFC 4180, with a head that names the units; 0 is unlimited, as in every list of qman."""
    yield csv_lines([list(_COLUMNS)])
    for page in pages:
        yield csv_lines([[csv_cell(read(row)) for read in _COLUMNS.values()] for row in page])


def csv_lines(lines: list[list[Any]]) -> bytes:
    """Lines as RFC 4180 has them."""
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()


def csv_cell(value: Any) -> Any:
    """What a spreadsheet would take for a formula gets an apostrophe in front (OWASP, "CSV Injection")."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def json_pieces(pages: Iterator[Sequence[Out]]) -> Iterator[bytes]:
    """`{"items": […], "total": n}`, items as the lists have them."""
    total = 0
    yield b'{"items":['
    for page in pages:
        items = b",".join(orjson.dumps(row.model_dump(mode="json", exclude_unset=True)) for row in page)
        yield items if total == 0 else b"," + items
        total += len(page)
    yield b'],"total":%d}' % total
