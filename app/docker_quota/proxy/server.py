"""Accepts clients, each in a thread of its own, until it is told to stop."""

import os
import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Condition, Thread

import structlog

log = structlog.get_logger(__name__)

GRACEFUL_SECONDS = 10.0
"""How long a stop waits for requests in hand; what goes on for longer, such as an attached terminal, is cut off."""
_EXHAUSTED_SECONDS = 0.1


class ProxyServer:
    """Serves a listening socket."""

    def __init__(self, listener: socket.socket, serve: Callable[[socket.socket], None]) -> None:
        """`serve` has each connection, and closes it."""
        self._listener = listener
        self._serve = serve
        self._wake_reader, self._wake_writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._under_way = 0
        self._changed = Condition()

    def stop(self) -> None:
        """Ends `run`; may be called by a signal handler."""
        with suppress(BlockingIOError):
            os.write(self._wake_writer, b"\0")

    def run(self) -> None:
        """Accepts until `stop`, then waits a moment for what is under way."""
        self._listener.setblocking(False)  # noqa: FBT003 - the standard library's signature
        poll = select.poll()
        poll.register(self._listener, select.POLLIN)
        poll.register(self._wake_reader, select.POLLIN)
        while self._wake_reader not in dict(poll.poll()):
            self._accept()
        with self._changed:
            self._changed.wait_for(lambda: self._under_way == 0, GRACEFUL_SECONDS)

    def _accept(self) -> None:
        try:
            client, _ = self._listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        except OSError as error:  # no more descriptors: those who wait are served when some are free again
            log.warning("docker_proxy_exhausted", problem=str(error))
            time.sleep(_EXHAUSTED_SECONDS)
            return
        client.setblocking(True)  # noqa: FBT003 - as above
        with self._changed:
            self._under_way += 1
        try:
            Thread(target=self._serve_one, args=(client,), daemon=True).start()
        except RuntimeError as error:  # no more threads
            log.warning("docker_proxy_exhausted", problem=str(error))
            client.close()
            self._ended()

    def _serve_one(self, client: socket.socket) -> None:
        try:
            self._serve(client)
        finally:
            self._ended()

    def _ended(self) -> None:
        with self._changed:
            self._under_way -= 1
            self._changed.notify_all()
