"""Serves an app by gunicorn from `python run.py`: one worker process with threads."""

import socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication

if TYPE_CHECKING:  # the process that watches over the worker needs none of it, and would keep its memory
    from flask import Flask

EXIT_PORT_IN_USE = 1
GRACEFUL_SECONDS = 8


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn is untyped
    def __init__(self, make_app: Callable[[], "Flask"], options: dict[str, Any]) -> None:
        self._make_app = make_app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Only our own options: no gunicorn.conf.py, no environment."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> "Flask":
        """Called in the worker."""
        return self._make_app()


def serve(make_app: Callable[[], "Flask"], *, bind: str, port: int, threads: int) -> None:
    """Serves until SIGTERM or SIGINT, then lets requests in flight finish for at most 8 s.

    A port in use: one line on stderr and exit status 1. Never returns.
    """
    try:
        listener = socket.create_server((bind, port), family=_family(bind), backlog=2048)
    except OSError as error:
        sys.stderr.write(f"qman: cannot listen on {bind}:{port}: {error.strerror or error}\n")
        raise SystemExit(EXIT_PORT_IN_USE) from error
    listener.set_inheritable(True)
    options = {
        "bind": f"fd://{listener.fileno()}",
        "worker_class": "gthread",
        "workers": 1,
        "threads": threads,
        "timeout": 60,
        "graceful_timeout": GRACEFUL_SECONDS,
        "keepalive": 75,
        "loglevel": "warning",
        "proc_name": "qman",
        "control_socket_disable": True,
    }
    _Server(make_app, options).run()


def _family(bind: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in bind else socket.AF_INET
