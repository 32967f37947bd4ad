"""From a device's quotas to the bytes of its JSON, once for all who ask within the reading's time."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any

import orjson

from app.quota.defaults import NO_LIMITS, LimitSet
from app.quota.errors import QmanError
from app.quota.values import Device, DeviceUsage, GracePeriods, Quota, QuotaType
from app.web.quota_rows import ID_FIELD, device_head, grace_members, limit_members, quota_rows, usage_members
from app.web.wire import iso_utc

Names = Mapping[int, str | None]

ROWS_AT_ONCE = 200
"""So many rows exist as objects at a time: ten thousand of them would leave 15 MB of memory behind."""


@dataclass(frozen=True, slots=True)
class Part:
    """Members of a JSON object, in pieces that are joined once, when they are sent; and the digest of them."""

    pieces: tuple[bytes, ...]
    digest: bytes


@dataclass(frozen=True, slots=True)
class DeviceReading:
    """A device as it was at `measured_at`: members known of all its types, and rows by type.

    A failed one has no rows, or, where it does not answer, those of its last good reading.
    """

    name: str
    measured_at: datetime
    head: Part
    rows: Mapping[QuotaType, Part]

    def parts(self, quota_type: QuotaType | None) -> list[Part]:
        """What is sent: everything, or one type's rows."""
        return [self.head, *(part for its, part in self.rows.items() if quota_type in {None, its})]

    def pieces(self, quota_type: QuotaType | None = None) -> Iterator[bytes]:
        """The device as a JSON object, in pieces."""
        yield b'{"measured_at":"%b"' % iso_utc(self.measured_at).encode()
        for part in self.parts(quota_type):
            yield b","
            yield from part.pieces
        yield b"}"


def list_pieces(readings: Iterable[DeviceReading], quota_type: QuotaType | None = None) -> tuple[bytes, ...]:
    """The devices as a JSON list, in pieces."""
    pieces = [b"["]
    for reading in readings:
        pieces += [b","] if len(pieces) > 1 else []
        pieces += reading.pieces(quota_type)
    return (*pieces, b"]")


def list_etag(readings: Iterable[DeviceReading], quota_type: QuotaType | None = None) -> str:
    """The ETag of `list_pieces`: alike whenever everything but the time of measuring is alike."""
    digest = blake2b(digest_size=16)
    for reading in readings:
        parts = reading.parts(quota_type)
        digest.update(len(parts).to_bytes(2, "big"))
        for part in parts:
            digest.update(part.digest)
    return digest.hexdigest()


def head_part(device: Device, usage: DeviceUsage) -> Part:
    """The members of a device that was read, but for its rows."""
    return _part({**device_head(device), "status": "ok", **usage_members(usage)})


def failed_reading(head: Mapping[str, Any], error: QmanError, since: datetime, now: datetime) -> DeviceReading:
    """A device that could not be read: its description and the reason, no rows."""
    return DeviceReading(str(head["name"]), now, _failed_part(head, error, since), {})


def stuck_reading(
    head: Mapping[str, Any], error: QmanError, since: datetime, *, last: DeviceReading, usage: DeviceUsage
) -> DeviceReading:
    """A device that does not answer: its description, the reason, and usage and rows as of its last good reading."""
    return replace(last, head=_failed_part({**head, **usage_members(usage)}, error, since))


def rows_part(
    device: Device,
    quota_type: QuotaType,
    quotas: Sequence[Quota],
    *,
    names: Names,
    on_defaults: Container[int],
    defaults: LimitSet,
    grace: GracePeriods | None,
    now: datetime,
) -> Part:
    """One type's rows, with the format, the grace periods and the default limits that hold for them."""
    members: dict[str, Any] = {}
    if quota_type in device.quota_formats:
        members[f"{quota_type}_quota_format"] = device.quota_formats[quota_type]
    if grace is not None:
        members[f"{quota_type}_quota_info"] = grace_members(grace)
    if defaults != NO_LIMITS:
        members[f"{quota_type}_default_limits"] = limit_members(defaults)
    id_field = ID_FIELD[quota_type]
    pieces = [b'"%b_quotas":[' % quota_type.encode()]
    for start in range(0, len(quotas), ROWS_AT_ONCE):
        rows = quota_rows(quotas[start : start + ROWS_AT_ONCE], id_field, names, now, on_defaults=on_defaults)
        pieces += [b"," if start else b"", orjson.dumps(rows)[1:-1]]
    return _part(members, *pieces, b"]")


def iter_rows(part: Part) -> Iterator[list[dict[str, Any]]]:
    """The rows of a `rows_part`, some at a time."""
    for piece in part.pieces:
        if piece.startswith(b"{"):
            yield orjson.loads(b"[%b]" % piece)


def _failed_part(head: Mapping[str, Any], error: QmanError, since: datetime) -> Part:
    problem = {"code": error.code, "detail": error.detail, "since": iso_utc(since)}
    return _part({**head, "status": "failed", "problem": problem})


def _part(members: Mapping[str, Any], *more: bytes) -> Part:
    text = orjson.dumps(members)[1:-1]
    pieces = (text, b"," if text and more else b"", *more)
    digest = blake2b(digest_size=16)
    for piece in pieces:
        digest.update(piece)
    return Part(pieces, digest.digest())
