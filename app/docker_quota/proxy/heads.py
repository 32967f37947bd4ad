"""Heads of requests (RFC 9112): parsed strictly, and written anew for a connection that carries one request alone.

What two parsers could read in two ways is refused, not mended: bare LF, folded lines, spaces before a colon, two
lengths, a length beside a coding.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from http import HTTPStatus

from app.docker_quota.proxy.inlet import Inlet
from app.docker_quota.proxy.refusals import RefusedRequestError, bad_request

MAX_HEAD_BYTES = 64 * 1024
_END = b"\r\n\r\n"
_BARE_LINE_FEED = re.compile(rb"(?<!\r)\n")
_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_REQUEST_LINE = re.compile(rb"(%s) ([^\x00-\x20\x7f]+) (HTTP/1\.[01])" % _TOKEN)
_FIELD = re.compile(rb"(%s):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)" % _TOKEN)
_LENGTH = re.compile(rb"[0-9]{1,18}")
_OF_THE_HOP = frozenset({b"connection", b"keep-alive", b"proxy-connection", b"http2-settings"})
"""The last one would let a connection go on as HTTP/2 with any number of requests."""

Field = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Head:
    """A request's first line and fields, names as they came. `length` is None without Content-Length."""

    method: bytes
    target: bytes
    version: bytes
    fields: tuple[Field, ...]
    length: int | None
    is_chunked: bool

    def values(self, name: bytes) -> list[bytes]:
        """All values of a field; `name` in small letters."""
        return [value for its, value in self.fields if its.lower() == name]

    @property
    def has_body(self) -> bool:
        """Does a body follow?"""
        return self.is_chunked or bool(self.length)

    @property
    def expects_continue(self) -> bool:
        """Does the client wait for a go-ahead before it sends the body?"""
        return any(value.lower() == b"100-continue" for value in self.values(b"expect"))

    def without(self, names: Collection[bytes]) -> "Head":
        """The same without these fields; names in small letters."""
        return replace(self, fields=tuple(field for field in self.fields if field[0].lower() not in names))


def read_head(inlet: Inlet) -> Head | None:
    """The head that comes next; the inlet stands behind it. None where the client says nothing at all.

    Raises RefusedRequestError.
    """
    while (end := inlet.buffer.find(_END)) < 0 or end > MAX_HEAD_BYTES:
        if len(inlet.buffer) > MAX_HEAD_BYTES:
            raise RefusedRequestError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the head exceeds 64 KiB")
        if _BARE_LINE_FEED.search(inlet.buffer):
            raise bad_request("a line of the head ends without CR")
        if not inlet.fill():
            if inlet.buffer:
                raise bad_request("the head is not complete")
            return None
    head = parse_head(inlet.take(end))
    inlet.take(len(_END))
    return head


def parse_head(text: bytes) -> Head:
    """The head that these lines are, without the empty one at the end. Raises RefusedRequestError."""
    first, *lines = text.split(b"\r\n")
    request = _REQUEST_LINE.fullmatch(first)
    if request is None:
        raise bad_request("the first line is no HTTP/1.0 or HTTP/1.1 request")
    matches = [_FIELD.fullmatch(line) for line in lines]
    fields = tuple((match[1], match[2].rstrip(b" \t")) for match in matches if match)
    if len(fields) != len(lines):
        raise bad_request("a line of the head is no field")
    method, target, version = request.groups()
    length, is_chunked = _framing(version, fields)
    return Head(method, target, version, fields, length, is_chunked)


def _framing(version: bytes, fields: Iterable[Field]) -> tuple[int | None, bool]:
    """Length and whether chunked, where they can be read in one way only."""
    named = [(name.lower(), value) for name, value in fields]
    lengths = [value for name, value in named if name == b"content-length"]
    codings = [value for name, value in named if name == b"transfer-encoding"]
    if lengths and codings:
        raise bad_request("both Content-Length and Transfer-Encoding")
    if len(lengths) > 1 or (lengths and not _LENGTH.fullmatch(lengths[0])):
        raise bad_request("Content-Length is no single number")
    if codings and (len(codings) > 1 or codings[0].lower() != b"chunked" or version != b"HTTP/1.1"):
        raise bad_request("Transfer-Encoding is something else than chunked")
    return (int(lengths[0]) if lengths else None), bool(codings)


def written(head: Head) -> bytes:
    """The head for dockerd: the same, but no other request may follow, nor another protocol than was asked for."""
    connection = b"Upgrade, close" if _upgrades(head) else b"close"
    lines = [b"%s %s %s" % (head.method, head.target, head.version), b"Connection: " + connection]
    lines += [b"%s: %s" % field for field in head.without(_OF_THE_HOP).fields]
    return b"\r\n".join(lines) + _END


def _upgrades(head: Head) -> bool:
    tokens = b",".join(head.values(b"connection")).lower().split(b",")
    return bool(head.values(b"upgrade")) and b"upgrade" in {token.strip() for token in tokens}
