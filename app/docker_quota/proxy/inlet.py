"""Reads a client's socket, buffered, within a bound of bytes and of time."""

import socket
import time
from http import HTTPStatus

from app.docker_quota.proxy.refusals import RefusedRequestError

_BLOCK = 65_536


class Inlet:
    """The bytes that a socket gave and nobody has taken yet."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.buffer = bytearray()
        self._until = 0.0

    def allow(self, seconds: float) -> None:
        """From now on, all reading together may take so long."""
        self._until = time.monotonic() + seconds

    def fill(self) -> bool:
        """Waits for more bytes; False where the other side sends no more. Raises RefusedRequestError, OSError."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise RefusedRequestError(HTTPStatus.REQUEST_TIMEOUT, "the request took too long to arrive")
        self.connection.settimeout(left)
        try:
            block = self.connection.recv(_BLOCK)
        except TimeoutError as error:
            raise RefusedRequestError(HTTPStatus.REQUEST_TIMEOUT, "the request took too long to arrive") from error
        self.buffer += block
        return bool(block)

    def take(self, count: int | None = None) -> bytes:
        """The first bytes of the buffer, or all of it."""
        taken = bytes(self.buffer[:count])
        del self.buffer[:count]
        return taken
