"""The chunked coding (RFC 9112, 7.1), decoded as it comes."""

import re

_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\x00-\x08\x0a-\x1f\x7f]*)?")
_LONGEST_LINE = 8192


class ChunkError(ValueError):
    """This is no chunked coding."""


class Dechunker:
    """Takes bytes as they come and gives those of the body. `is_done` after the last chunk and its trailer."""

    def __init__(self) -> None:
        self.is_done = False
        self._pending = bytearray()
        self._left = 0
        self._is_in_trailer = False

    def feed(self, block: bytes) -> bytes:
        """The body's next bytes; what comes after the body's end is dropped. Raises ChunkError."""
        self._pending += block
        body = bytearray()
        while not self.is_done and (self._take_data(body) if self._left else self._take_line()):
            pass
        return bytes(body)

    def _take_data(self, body: bytearray) -> bool:
        """Of the chunk and the CRLF behind it, as much as is there. `_left` counts both."""
        data = self._pending[: max(0, self._left - 2)]
        body += data
        del self._pending[: len(data)]
        self._left -= len(data)
        if self._left > 2 or len(self._pending) < self._left:  # noqa: PLR2004 - the CRLF behind a chunk
            return False
        if self._pending[:2] != b"\r\n":
            raise ChunkError("a chunk is longer than it says")
        del self._pending[:2]
        self._left = 0
        return True

    def _take_line(self) -> bool:
        end = self._pending.find(b"\r\n")
        if end < 0 or end > _LONGEST_LINE:
            if len(self._pending) > _LONGEST_LINE:
                raise ChunkError("a line is too long")
            return False
        line = bytes(self._pending[:end])
        del self._pending[: end + 2]
        if self._is_in_trailer:
            self.is_done = not line
            return True
        size = _SIZE.fullmatch(line)
        if size is None:
            raise ChunkError("a chunk has no size")
        length = int(size[1], 16)
        self._is_in_trailer = length == 0
        self._left = length + 2 if length else 0
        return True
