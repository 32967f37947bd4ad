"""HTTP to slaves: pooled, without redirects or proxies, and cut off at a deadline whatever the other side does.

A time-out of a socket bounds each read, not the whole answer: a slave that sends a byte now and then would be waited
for forever. So the sockets in use are known by request, and the watchdog shuts down those past their deadline.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

SWEEP_SECONDS = 0.25
IDLE_SECONDS = 30.0

_current = threading.local()


@dataclass(eq=False, slots=True)
class Deadline:
    """One request's deadline on the monotonic clock, and the socket that it uses by now."""

    ends_at: float
    sock: socket.socket | None = field(default=None, repr=False)
    passed: bool = False

    @property
    def remaining_seconds(self) -> float:
        """Never below a tenth of a second, since a time-out of 0 means "do not block"."""
        return max(0.1, self.ends_at - time.monotonic())

    def cut_off(self) -> None:
        """Ends the request at once: its thread sees the connection closed."""
        self.passed = True
        if self.sock is not None:
            with suppress(OSError):  # it may have been closed in the meantime, which is what is wanted
                self.sock.shutdown(socket.SHUT_RDWR)


class Watchdog:
    """Knows the requests under way and cuts off those past their deadline, in a thread that lives while there are any.

    The thread is looked for at each request, so that a process that was forked gets its own.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: set[Deadline] = set()
        self._thread: threading.Thread | None = None

    @contextmanager
    def watching(self, seconds: float) -> Iterator[Deadline]:
        """The requests of this thread inside the block must end within `seconds` in all."""
        deadline = Deadline(time.monotonic() + seconds)
        with self._lock:
            self._under_way.add(deadline)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
                self._thread.start()
        _current.deadline = deadline
        try:
            yield deadline
        finally:
            _current.deadline = None
            with self._lock:
                self._under_way.discard(deadline)

    def _watch(self) -> None:
        idle_since = time.monotonic()
        while True:
            time.sleep(SWEEP_SECONDS)
            now = time.monotonic()
            with self._lock:
                overdue = [deadline for deadline in self._under_way if deadline.ends_at <= now]
                idle_since = now if self._under_way else idle_since
                if now - idle_since > IDLE_SECONDS:
                    self._thread = None
                    return
            for deadline in overdue:
                deadline.cut_off()


class _WatchedMixin:
    sock: socket.socket | None

    def putrequest(self, *args: Any, **kwargs: Any) -> None:
        """Called for each request; connects first where it must, so the deadline learns the socket either way."""
        connection: Any = self
        if connection.sock is None:
            connection.connect()
        deadline: Deadline | None = getattr(_current, "deadline", None)
        if deadline is not None:
            deadline.sock = connection.sock
        super().putrequest(*args, **kwargs)  # type: ignore[misc]  # the mixin stands in front of HTTPConnection


class _WatchedHTTPConnection(_WatchedMixin, HTTPConnection):
    pass


class _WatchedHTTPSConnection(_WatchedMixin, HTTPSConnection):
    pass


class _WatchedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHTTPConnection


class _WatchedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHTTPSConnection


class WatchedAdapter(HTTPAdapter):
    """Connections whose requests the watchdog can cut off."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As requests does, with watched pools."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _WatchedHTTPPool, "https": _WatchedHTTPSPool}
