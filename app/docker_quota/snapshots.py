"""Which directory has the files of which record of BuildKit, as dockerd keeps it in `buildkit/snapshots.db`.

A record that was made read-only has another id from then on, while its directory keeps its name: the record's bucket
says it in `committed` (moby, builder/builder-next/adapters/snapshot). The file is a bbolt database (go.etcd.io/bbolt,
page.go and bucket.go): little-endian pages; two pages of metadata in turn, of which the newer valid one counts.
"""

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

_LARGEST = 64 * 2**20
_MAGIC, _VERSION = 0xED0CDAED, 2
_META = struct.Struct("<IIIIQQQQQ")
"""Magic, version, page size, flags, root page with its sequence, free list, pages, transaction; then a checksum."""
_SUM = struct.Struct("<Q")
_PAGE = struct.Struct("<QHHI")
"""Its number, flags, how many elements, and how many pages it goes on for."""
_BRANCH_ELEMENT, _LEAF_ELEMENT = struct.Struct("<IIQ"), struct.Struct("<IIII")
_BUCKET = struct.Struct("<QQ")
"""Its root page, 0 where its one page follows at once, and its sequence."""
_BRANCH, _LEAF, _IS_BUCKET = 0x01, 0x02, 0x01
_DEEPEST = 20
"""Pages that were overwritten while they were read may lead in circles."""
_COMMITTED = b"committed"


class _DamagedError(Exception):
    """It is no such file, or was written to in the midst of being read."""


def read_snapshots(file: Path) -> Mapping[str, str]:
    """The directory's name by the record's id, where they differ. Nothing where the file is gone or cannot be read."""
    try:
        if file.stat().st_size > _LARGEST:
            return {}
        return dict(_committed(file.read_bytes()))
    except FileNotFoundError:
        return {}
    except (OSError, _DamagedError, struct.error, UnicodeDecodeError) as error:
        log.info("docker_snapshots_unreadable", problem=str(error))
        return {}


def _committed(data: bytes) -> Iterator[tuple[str, str]]:
    size, root = _newest_root(data)
    for record, is_bucket, value in _elements(data, size, _page_at(data, size, root)):
        if is_bucket:
            for key, _, directory in _elements(data, size, _page_of_bucket(data, size, value)):
                if key == _COMMITTED:
                    yield record.decode("ascii"), bytes(directory).decode("ascii")


def _newest_root(data: bytes) -> tuple[int, int]:
    """The page size, and the number of the root page."""
    found: list[tuple[int, int, int]] = []
    for start in _places_of_meta(data):
        magic, version, size, _, root, _, _, _, transaction = _META.unpack_from(data, start)
        told = _SUM.unpack_from(data, start + _META.size)[0]
        if (magic, version) == (_MAGIC, _VERSION) and size and told == _fnv(data[start : start + _META.size]):
            found.append((transaction, size, root))
    if not found:
        message = "no valid page of metadata"
        raise _DamagedError(message)
    return max(found)[1:]


def _places_of_meta(data: bytes) -> Iterator[int]:
    yield _PAGE.size
    size = _META.unpack_from(data, _PAGE.size)[2]
    if _PAGE.size < size < len(data):
        yield size + _PAGE.size


def _page_at(data: bytes, size: int, number: int) -> memoryview:
    if (number + 1) * size > len(data):
        message = f"page {number} is beyond the end"
        raise _DamagedError(message)
    return memoryview(data)[number * size :]


def _page_of_bucket(data: bytes, size: int, value: memoryview) -> memoryview:
    root = _BUCKET.unpack_from(value)[0]
    return _page_at(data, size, root) if root else value[_BUCKET.size :]


def _elements(data: bytes, size: int, page: memoryview, depth: int = 0) -> Iterator[tuple[bytes, bool, memoryview]]:
    """Key, whether it is a bucket, and value."""
    _, flags, count, _ = _PAGE.unpack_from(page)
    if depth > _DEEPEST or flags not in {_BRANCH, _LEAF}:
        message = f"a page with flags {flags} at depth {depth}"
        raise _DamagedError(message)
    for number in range(count):
        at = _PAGE.size + number * _LEAF_ELEMENT.size  # both kinds are of one size
        if flags == _BRANCH:
            below = _BRANCH_ELEMENT.unpack_from(page, at)[2]
            yield from _elements(data, size, _page_at(data, size, below), depth + 1)
            continue
        its, start, key, value = _LEAF_ELEMENT.unpack_from(page, at)
        middle, end = at + start + key, at + start + key + value
        yield bytes(page[at + start : middle]), bool(its & _IS_BUCKET), page[middle:end]


def _fnv(data: bytes) -> int:
    """FNV-1a, 64 bits."""
    told = 0xCBF29CE484222325
    for byte in data:
        told = (told ^ byte) * 0x100000001B3 % 2**64
    return told
