"""Ports on which a test has something listen later: no two of a run get the same one.

They are below those that Linux gives to outgoing connections (ip_local_port_range(7) from 32768 on): one of these may
take a port that is free at this moment, and also that of a server which was killed and is to come back.
"""

import os
import secrets
import socket
from collections import deque
from collections.abc import Callable, Sequence

SERVER_PORTS = range(20_000, 32_000)
WORKERS = 8
"""Processes of pytest-xdist whose ports are kept apart; were there more, some would share theirs."""
REMEMBERED = 500
_given: deque[int] = deque(maxlen=REMEMBERED)


def is_free(port: int) -> bool:
    """Could a server listen there now?"""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def of_this_worker(choices: Sequence[int]) -> Sequence[int]:
    """The share of this process, when several run tests side by side."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    return choices[int(worker.removeprefix("gw")) % WORKERS :: WORKERS]


def choose(choices: Sequence[int], is_good: Callable[[int], bool]) -> int:
    """A good one of this process's share, at random; the newest that were given are not given again."""
    share = of_this_worker(choices)
    while (found := secrets.choice(share)) in _given or not is_good(found):
        pass
    _given.append(found)
    return found


def free_port() -> int:
    """A port on which nobody listens now."""
    return choose(SERVER_PORTS, is_free)
