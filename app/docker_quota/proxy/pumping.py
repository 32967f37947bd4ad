"""Moves bytes between two sockets until both directions have ended, each in its own time.

The end of one direction is passed on by shutdown(2), so that a client which has sent all still reads the rest. A side
that has gone for good ends both. The kernel moves the bytes itself (splice(2)), but those that somebody watches.
"""

import fcntl
import os
import select
import socket
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Protocol

_PIPE_BYTES = 1024 * 1024
_BLOCK = 256 * 1024
_FLAGS = os.SPLICE_F_MOVE | os.SPLICE_F_NONBLOCK
_GONE = select.POLLHUP | select.POLLERR

Watch = Callable[[bytes], None]


class _Vessel(Protocol):
    """Holds what was taken from one side until the other takes it."""

    held: int

    def take(self, source: socket.socket) -> bool:
        """Fills itself; False at the end. BlockingIOError, OSError."""

    def give(self, sink: socket.socket) -> None:
        """Passes on what it can. BlockingIOError, OSError."""


class _Pipe:
    def __init__(self, stack: ExitStack) -> None:
        self.held = 0
        self._out, self._in = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        stack.callback(os.close, self._out)
        stack.callback(os.close, self._in)
        with suppress(OSError):  # beyond what the kernel grants: it stays as it is
            fcntl.fcntl(self._in, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

    def take(self, source: socket.socket) -> bool:
        self.held = os.splice(source.fileno(), self._in, _PIPE_BYTES, flags=_FLAGS)
        return self.held > 0

    def give(self, sink: socket.socket) -> None:
        self.held -= os.splice(self._out, sink.fileno(), self.held, flags=_FLAGS)


class _Watched:
    def __init__(self, watch: Watch) -> None:
        self.held = 0
        self._watch = watch
        self._bytes = b""

    def take(self, source: socket.socket) -> bool:
        self._bytes = source.recv(_BLOCK)
        self.held = len(self._bytes)
        self._watch(self._bytes)
        return self.held > 0

    def give(self, sink: socket.socket) -> None:
        self._bytes = self._bytes[sink.send(self._bytes) :]
        self.held = len(self._bytes)


class _Flow:
    """One direction. `is_done`: the source has ended and the sink was told, or takes nothing any more."""

    def __init__(self, source: socket.socket, sink: socket.socket, vessel: _Vessel) -> None:
        self.source = source
        self.sink = sink
        self.is_done = False
        self._vessel = vessel

    @property
    def waits_for(self) -> tuple[socket.socket, int]:
        """What must happen before it can go on; nothing but the source's leaving once it is done."""
        if self.is_done:
            return self.source, 0
        return (self.sink, select.POLLOUT) if self._vessel.held else (self.source, select.POLLIN)

    def advance(self) -> None:
        """Moves what can be moved without waiting."""
        with suppress(BlockingIOError):
            if not self._vessel.held and not self._take():
                with suppress(OSError):  # the sink is gone already
                    self.sink.shutdown(socket.SHUT_WR)
                self.is_done = True
                return
            self._give()

    def _take(self) -> bool:
        try:
            return self._vessel.take(self.source)
        except BlockingIOError:
            raise
        except OSError:  # reset: there comes no more
            return False

    def _give(self) -> None:
        try:
            self._vessel.give(self.sink)
        except BlockingIOError:
            raise
        except OSError:
            self.is_done = True


def pump(client: socket.socket, upstream: socket.socket, watch: Watch | None = None) -> None:
    """Moves bytes both ways until the end. `watch` sees all that goes to the client, before it goes."""
    with ExitStack() as stack:
        for each in (client, upstream):
            each.setblocking(False)  # noqa: FBT003 - the standard library's signature
        request = _Flow(client, upstream, _Pipe(stack))
        answer = _Flow(upstream, client, _Watched(watch) if watch else _Pipe(stack))
        flows = (request, answer)
        while not (request.is_done and answer.is_done):
            events = _await(flows)
            if any(flow.is_done and events.get(flow.source.fileno(), 0) & _GONE for flow in flows):
                return
            for flow in flows:
                if not flow.is_done and flow.waits_for[0].fileno() in events:
                    flow.advance()


def _await(flows: tuple[_Flow, _Flow]) -> dict[int, int]:
    """What has happened, by descriptor."""
    wanted: dict[int, int] = {}
    for flow in flows:
        connection, events = flow.waits_for
        wanted[connection.fileno()] = wanted.get(connection.fileno(), 0) | events
    poll = select.poll()
    for descriptor, events in wanted.items():
        poll.register(descriptor, events)
    return dict(poll.poll())
