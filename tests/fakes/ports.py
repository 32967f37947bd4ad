"""Ports on which a test has something listen later: nobody else who runs tests on this machine is given the same one.

They are below those that Linux gives to outgoing connections (ip_local_port_range, from 32768 on): one of these may
take a port that is free at this moment, and also that of a server which was killed and is to come back.
"""

import fcntl
import os
import secrets
import socket
import tempfile
from functools import cache
from pathlib import Path

SERVER_PORTS = range(20_000, 32_000)
_taken: set[int] = set()


def is_free(port: int) -> bool:
    """Could a server listen there now?"""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def take(port: int) -> bool:
    """The port is this process's until it ends; False where somebody has it, or listens there."""
    if port in _taken or not is_free(port):
        return False
    try:
        fcntl.lockf(_table(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    _taken.add(port)
    return True


def free_port() -> int:
    """A port on which nobody listens now."""
    while not take(port := secrets.choice(SERVER_PORTS)):
        pass
    return port


@cache
def _table() -> int:
    """A file with a byte for each port; who has it has locked it (fcntl(2): such a lock ends with its process)."""
    path = Path(tempfile.gettempdir(), f"qman-test-ports-{os.getuid()}")
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
