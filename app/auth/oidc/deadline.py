"""Ends requests that outlast their deadline, whatever the other side does.

A time-out of a socket bounds each read, not the whole answer: a provider that sends a line of its head now and then
would be waited for. So the sockets that a thread uses are known, and a timer shuts them.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_thread = threading.local()


@contextmanager
def cut_off_after(seconds: float) -> Iterator[None]:
    """What this thread asks inside the block through a `TimedAdapter` fails at the latest so many seconds from now."""
    used: list[socket.socket] = []
    timer = threading.Timer(seconds, _shut, (used,))
    timer.daemon = True
    _thread.used = used
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        _thread.used = None


def _shut(used: list[socket.socket]) -> None:
    for each in used:
        with suppress(OSError):  # it may be closed by now, which is what is wanted
            each.shutdown(socket.SHUT_RDWR)


class _TimedMixin:
    def putrequest(self, *args: Any, **kwargs: Any) -> None:
        """Called for each request; connects first where it must, so that the socket is known either way."""
        connection: Any = self
        if connection.sock is None:
            connection.connect()
        used: list[socket.socket] | None = getattr(_thread, "used", None)
        if used is not None:
            used.append(connection.sock)
        super().putrequest(*args, **kwargs)  # type: ignore[misc]  # the mixin stands in front of HTTPConnection


class _TimedHTTPConnection(_TimedMixin, HTTPConnection):
    pass


class _TimedHTTPSConnection(_TimedMixin, HTTPSConnection):
    pass


class _TimedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _TimedHTTPConnection


class _TimedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _TimedHTTPSConnection


class TimedAdapter(HTTPAdapter):
    """Connections that `cut_off_after` can end."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As requests does, with connections of ours."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _TimedHTTPPool, "https": _TimedHTTPSPool}
