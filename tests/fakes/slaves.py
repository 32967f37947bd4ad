"""Slaves on loopback: a fleet that behaves, and bad ones, each wrong in one named way.

    with FleetOfSlaves(hosts=50, users=50) as fleet, HangingSlave() as hanging:
        fleet.url("h1"), hanging.url
        fleet.count("h1")               # readings of /remote-api/quotas that h1 was asked for

Every slave counts what it was asked (`requests`), frees its port when it is closed, and never keeps the process alive.
"""

import gzip
import itertools
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self

from tests.fakes.fleet import FleetOfSlaves

__all__ = [
    "BlackHoleSlave",
    "DrippingHandshakeSlave",
    "DrippingSlave",
    "FleetOfSlaves",
    "GarbageSlave",
    "GzipBombSlave",
    "HalfAnswerSlave",
    "HalfChunkedSlave",
    "HangingSlave",
    "HugeSlave",
    "RedirectingSlave",
    "RefusingSlave",
    "SlowSlave",
    "all_bad_slaves",
]

LOOPBACK = "127.0.0.1"
MEBIBYTE = 1024 * 1024


class BadSlave:
    """A server on a free port of its own that lets `answer` speak raw bytes to each caller."""

    def __init__(self) -> None:
        self._listener = socket.create_server((LOOPBACK, 0), backlog=128)
        self.url = f"http://{LOOPBACK}:{self._listener.getsockname()[1]}"
        self.requests = 0
        self.closed = Event()
        self._open: set[socket.socket] = set()
        self._lock = Lock()
        self._thread: Thread | None = None

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Drop all connections and free the port."""
        self.closed.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        if self._thread is not None:
            self._thread.join(5)

    def answer(self, connection: socket.socket) -> None:
        """What is said to a caller whose request has been read."""
        raise NotImplementedError

    def _accept(self) -> None:
        while not self.closed.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(connection)
            Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            if read_head(connection):
                with self._lock:
                    self.requests += 1
                self.answer(connection)
        with self._lock:
            self._open.discard(connection)


def read_head(connection: socket.socket) -> bytes:
    """The request's head; empty when the caller hung up before its end."""
    head = b""
    while b"\r\n\r\n" not in head:
        more = connection.recv(65536)
        if not more:
            return b""
        head += more
    return head


def http_answer(body: bytes, status: str = "200 OK", length: int | None = None, extra: str = "") -> bytes:
    """A whole HTTP answer in JSON; `length` lies about its size."""
    size = len(body) if length is None else length
    headers = f"Content-Type: application/json\r\nContent-Length: {size}\r\nConnection: close\r\n{extra}"
    return f"HTTP/1.1 {status}\r\n{headers}\r\n".encode() + body


class HangingSlave(BadSlave):
    """Accepts, reads the request, never answers."""

    def answer(self, connection: socket.socket) -> None:
        self.closed.wait()


class GarbageSlave(BadSlave):
    """Answers 200 with what is no quota list: HTML by default."""

    def __init__(self, body: bytes = b"<html>It works!</html>") -> None:
        super().__init__()
        self.body = body

    def answer(self, connection: socket.socket) -> None:
        connection.sendall(http_answer(self.body))


class RedirectingSlave(BadSlave):
    """Sends every caller elsewhere, by default to itself, for ever."""

    def __init__(self, to: str | None = None, status: str = "302 Found") -> None:
        super().__init__()
        self.to = to or f"{self.url}/elsewhere"
        self.status = status

    def answer(self, connection: socket.socket) -> None:
        connection.sendall(http_answer(b"", self.status, extra=f"Location: {self.to}\r\n"))


class HugeSlave(BadSlave):
    """Answers with more than anybody should read: 100 MiB of blanks in valid JSON by default."""

    def __init__(self, size: int = 100 * MEBIBYTE, *, tell_length: bool = True) -> None:
        super().__init__()
        self.size = size
        self.tell_length = tell_length
        self.sent = 0

    def answer(self, connection: socket.socket) -> None:
        length = f"Content-Length: {self.size}\r\n" if self.tell_length else ""
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{length}\r\n[".encode())
        chunk = b" " * MEBIBYTE
        for _ in range(self.size // MEBIBYTE):
            if self.closed.is_set():
                return
            connection.sendall(chunk)
            self.sent += len(chunk)


class GzipBombSlave(BadSlave):
    """Answers with a few kilobytes that become so many bytes of blanks in valid JSON."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.body = gzip.compress(b"[" + b" " * (size - 2) + b"]")

    def answer(self, connection: socket.socket) -> None:
        connection.sendall(http_answer(self.body, extra="Content-Encoding: gzip\r\n"))


class HalfAnswerSlave(BadSlave):
    """Promises a body, sends half of it, hangs up. What came is valid by itself."""

    def __init__(self, half: bytes = b"[]") -> None:
        super().__init__()
        self.half = half

    def answer(self, connection: socket.socket) -> None:
        connection.sendall(http_answer(self.half, length=2 * len(self.half)))


class HalfChunkedSlave(BadSlave):
    """The same in chunks: hangs up before the one that says that there are no more."""

    def answer(self, connection: socket.socket) -> None:
        head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(f"{head}2\r\n[]\r\n".encode())


class HalfUnchangedSlave(BadSlave):
    """Begins to say that nothing has changed, and hangs up among the headers."""

    def answer(self, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 304 Not Modified\r\nCache-Control: no-cache\r\nETa")


class SlowSlave(BadSlave):
    """Answers an empty list of devices, so many seconds late."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def answer(self, connection: socket.socket) -> None:
        self.closed.wait(self.seconds)
        connection.sendall(http_answer(b"[]"))


class DrippingSlave(BadSlave):
    """Sends a byte every so many seconds, so that no single read ever times out."""

    def __init__(self, seconds: float = 0.2) -> None:
        super().__init__()
        self.seconds = seconds

    def answer(self, connection: socket.socket) -> None:
        connection.sendall(http_answer(b"", length=100_000))
        while not self.closed.wait(self.seconds):
            connection.sendall(b" ")


class DrippingHandshakeSlave(BadSlave):
    """Speaks TLS: of its first record a byte every so many seconds."""

    def __init__(self, seconds: float = 0.1) -> None:
        super().__init__()
        self.url = self.url.replace("http://", "https://")
        self.seconds = seconds

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            self.requests += bool(connection.recv(65536))
            connection.sendall(b"\x16\x03\x03\x40\x00")
            while not self.closed.wait(self.seconds):
                connection.sendall(b"\x02")


class RefusingSlave(BadSlave):
    """A port on which nobody listens; it stays reserved, so that nobody else can take it."""

    def __init__(self) -> None:
        super().__init__()
        port = self._listener.getsockname()[1]
        self._listener.close()
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((LOOPBACK, port))

    def __enter__(self) -> Self:
        return self


class BlackHoleSlave(BadSlave):
    """Drops every packet, as a firewall or a machine without power does: connecting never ends.

    The queue of connections to accept is kept full, so that Linux drops each further SYN.
    """

    def __init__(self) -> None:
        super().__init__()
        self._listener.close()
        self._listener = socket.create_server((LOOPBACK, 0), backlog=0)
        address = self._listener.getsockname()
        self.url = f"http://{LOOPBACK}:{address[1]}"
        self._waiting: list[socket.socket] = []
        for _ in range(16):
            plug = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            plug.settimeout(0)
            plug.connect_ex(address)
            self._waiting.append(plug)
            time.sleep(0.01)

    def __enter__(self) -> Self:
        return self

    def close(self) -> None:
        for plug in self._waiting:
            plug.close()
        super().close()


def all_bad_slaves() -> Sequence[BadSlave]:
    """One of each that never gives a usable answer, not yet entered."""
    kinds = (HangingSlave, RefusingSlave, BlackHoleSlave, GarbageSlave, HalfAnswerSlave, HugeSlave, RedirectingSlave)
    return [kind() for kind in itertools.chain(kinds, (DrippingSlave,))]
