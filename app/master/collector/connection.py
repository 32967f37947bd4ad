"""HTTP to slaves: pooled, without redirects or proxies, and cut off at a deadline whatever the other side does.

A time-out of a socket bounds each read, not the whole answer: a slave that sends a byte now and then would be waited
for forever. So the sockets in use are known by request, and the watchdog shuts down those past their deadline.

It stands on urllib3 alone: what requests does on top for each call costs more than the rest of a reading.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util import parse_url

SWEEP_SECONDS = 0.25
IDLE_SECONDS = 30.0
KEPT_PER_HOST = 4
MOST_PLACES = 1000

CONNECT_SECONDS = 3.0

_OPTIONS = [
    *HTTPConnection.default_socket_options,
    # a kept connection to a machine that is gone: as long as for a new one, not for ever (tcp(7))
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(CONNECT_SECONDS * 1000)),
]
_current = threading.local()


@dataclass(eq=False, slots=True)
class Deadline:
    """One request's deadline on the monotonic clock, and the socket that it uses by now."""

    ends_at: float
    sock: socket.socket | None = field(default=None, repr=False)
    passed: bool = False
    _double: socket.socket | None = field(default=None, repr=False)

    @property
    def remaining_seconds(self) -> float:
        """Never below a tenth of a second, since a time-out of 0 means "do not block"."""
        return max(0.1, self.ends_at - time.monotonic())

    def use(self, sock: socket.socket, *, is_double: bool = False) -> None:
        """From now on the request goes over this socket. A double is ours to close."""
        self.release()
        self.sock, self._double = sock, sock if is_double else None
        if self.passed:
            self.cut_off()

    def cut_off(self) -> None:
        """Ends the request at once: its thread sees the connection closed."""
        self.passed = True
        if self.sock is not None:
            with suppress(OSError):  # it may have been closed in the meantime, which is what is wanted
                self.sock.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """The request uses no socket any more."""
        self.sock, double = None, self._double
        if double is not None:
            self._double = None
            double.close()


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
            deadline.release()

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

    def _new_conn(self) -> socket.socket:
        """The deadline gets a double: TLS takes the socket over for its handshake, which may hang too."""
        sock: socket.socket = super()._new_conn()  # type: ignore[misc]  # the mixin stands in front of HTTPConnection
        if deadline := _current_deadline():
            deadline.use(sock.dup(), is_double=True)
        return sock

    def putrequest(self, *args: Any, **kwargs: Any) -> None:
        """Called for each request, on a new connection or a kept one."""
        if (deadline := _current_deadline()) and self.sock is not None:
            deadline.use(self.sock)
        super().putrequest(*args, **kwargs)  # type: ignore[misc]  # as above


class _WatchedHTTPConnection(_WatchedMixin, HTTPConnection):
    pass


class _WatchedHTTPSConnection(_WatchedMixin, HTTPSConnection):
    pass


class _WatchedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHTTPConnection


class _WatchedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHTTPSConnection


class Place(NamedTuple):
    """Where a slave answers: its connections, and its URL in the form in which it goes over the wire."""

    pool: HTTPConnectionPool
    url: str
    base_path: str


class Connections:
    """Kept connections to slaves, by URL and authority, safe to use from many threads."""

    def __init__(self, *, hosts: int) -> None:
        """`hosts`: about how many there are."""
        self._most = max(MOST_PLACES, 2 * hosts)
        self._lock = threading.Lock()
        self._places: dict[tuple[str, str | None], Place] = {}

    def place(self, url: str, ca_file: str | None) -> Place:
        """The place of this base URL; `ca_file` None: certificates are checked by the usual authorities."""
        known = self._places.get((url, ca_file))
        if known is not None:
            return known
        with self._lock:
            if len(self._places) >= self._most:  # hosts came and went
                self._close()
            place = self._places[url, ca_file] = _new_place(url, ca_file)
        return place

    def close(self) -> None:
        """Closes what is idle; what is in use is closed by its user."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        for place in self._places.values():
            place.pool.close()
        self._places.clear()


def _new_place(url: str, ca_file: str | None) -> Place:
    """LocationParseError: no URL."""
    parsed = parse_url(url)
    base_path = (parsed.path or "").rstrip("/")
    wire = parsed._replace(path=base_path or None).url
    host, port = parsed.host or "", parsed.port
    if parsed.scheme == "https":
        authorities = ca_file or DEFAULT_CA_BUNDLE_PATH
        pool: HTTPConnectionPool = _WatchedHTTPSPool(
            host, port, maxsize=KEPT_PER_HOST, cert_reqs="CERT_REQUIRED", ca_certs=authorities, socket_options=_OPTIONS
        )
    else:
        pool = _WatchedHTTPPool(host, port, maxsize=KEPT_PER_HOST, socket_options=_OPTIONS)
    return Place(pool, wire, base_path)


def _current_deadline() -> Deadline | None:
    deadline: Deadline | None = getattr(_current, "deadline", None)
    return deadline
