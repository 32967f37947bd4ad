"""HTTP/1.1 for simulated hosts: each listens on a loopback address of its own, all on one port."""

import asyncio
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from ssl import SSLContext
from typing import Protocol

from tests.bench.simulator.answers import Answer, Request
from tests.bench.simulator.hosts import SimulatedHost
from tests.bench.simulator.misbehaving import Kind, misbehave

PLUGS = 3
"""Connections that fill the queue of a listener that never accepts: from then on Linux drops each further SYN."""
_HEAD_END = b"\r\n\r\n"


class Server(Protocol):
    """What a connection belongs to."""

    def serve(self, connection: "Connection", request: Request) -> None:
        """Answers now or later."""


class Connection(asyncio.Protocol):
    """Reads requests, one at a time."""

    def __init__(self, server: Server, open_ones: "set[Connection]") -> None:
        self.server = server
        self.transport: asyncio.Transport
        self.room, self.lost = asyncio.Event(), asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self._open_ones = open_ones
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.room.set()
        self._open_ones.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._open_ones.discard(self)
        self.room.set()
        self.lost.set()
        if self.task is not None:
            self.task.cancel()

    def pause_writing(self) -> None:
        self.room.clear()

    def resume_writing(self) -> None:
        self.room.set()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, rest = self._buffer.partition(_HEAD_END)
        if not end:
            return
        start, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", "0"))
        if len(rest) < length:
            return
        self._buffer = rest[length:]
        method, target, _ = start.split(" ", 2)
        self.server.serve(self, Request(method, target, headers, rest[:length]))

    def write(self, answer: Answer) -> None:
        """The answer, unless the caller has hung up."""
        if not self.transport.is_closing():
            self.transport.write(answer.on_the_wire())


class Site:
    """A host on its address, with how it behaves at the moment."""

    def __init__(
        self, host: SimulatedHost, address: str, port: int, *, right: SSLContext | None, wrong: SSLContext | None
    ) -> None:
        self.host = host
        self.address = address
        self.port = port
        self.kind: Kind | None = None
        self.delay_seconds = 0.0
        self.elsewhere = ""
        self._right, self._wrong = right, wrong
        self._listener: asyncio.Server | None = None
        self._hole: list[socket.socket] = []
        self._open: set[Connection] = set()
        self.asked_at: list[float] = []
        self.most_at_once = 0
        self._under_way = 0

    @property
    def url(self) -> str:
        """The base URL, as it stands in a master's settings."""
        return f"{'http' if self._right is None else 'https'}://{self.address}:{self.port}"

    async def listen(self) -> None:
        """Starts. OSError: the port is taken there."""
        context = self._wrong if self.kind is Kind.WRONG_CERTIFICATE else self._right
        self._listener = await asyncio.get_running_loop().create_server(
            lambda: Connection(self, self._open), self.address, self.port, ssl=context, backlog=128
        )

    async def behave(self, kind: Kind | None) -> None:
        """From now on so; None is well. ValueError: a host without TLS has no certificate."""
        if kind is Kind.WRONG_CERTIFICATE and self._wrong is None:
            message = f"{self.host.id} does not speak TLS"
            raise ValueError(message)
        before, self.kind = self.kind, kind
        if kind is not Kind.BLACK_HOLE:
            await self._hang_up()
        if not any(each is not None and each.is_about_listening for each in (before, kind)):
            return
        self.close()
        if kind is Kind.BLACK_HOLE:
            self._hole = _black_hole(self.address, self.port)
        elif kind is not Kind.REFUSED:
            await self.listen()

    def close(self) -> None:
        """Frees the port; open connections stay."""
        for each in self._hole:
            each.close()
        self._hole = []
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    async def _hang_up(self) -> None:
        """Returns when the connections are gone: a request that comes afterwards makes a new one."""
        leaving = set(self._open)
        for connection in leaving:
            connection.transport.abort()
        await asyncio.gather(*(connection.lost.wait() for connection in leaving))

    def serve(self, connection: Connection, request: Request) -> None:
        """See `Server`."""
        if (request.method, request.path) == ("GET", "/remote-api/quotas"):
            self.asked_at.append(time.time())
        self._under_way += 1
        self.most_at_once = max(self.most_at_once, self._under_way)
        connection.task = asyncio.get_running_loop().create_task(self._serve(connection, request))

    async def _serve(self, connection: Connection, request: Request) -> None:
        try:
            if self.delay_seconds:
                await asyncio.sleep(self.delay_seconds)
            if self.kind is None:
                connection.write(self.host.answer(request))
                return
            if self.kind is Kind.HALF:  # of an answer that has a body
                request = request._replace(headers={**request.headers, "if-none-match": ""})
            answer: Callable[[], Answer] = lambda: self.host.answer(request)  # noqa: E731 - one argument of one call
            await misbehave(self.kind, connection.transport, connection.room, answer, self.elsewhere)
        finally:
            self._under_way -= 1


def _black_hole(address: str, port: int) -> list[socket.socket]:
    hole = [socket.create_server((address, port), backlog=0)]
    for _ in range(PLUGS):
        plug = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        plug.settimeout(0)
        with suppress(BlockingIOError):
            plug.connect((address, port))
        hole.append(plug)
    return hole
