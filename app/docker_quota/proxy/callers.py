"""Who is at the other end of a Unix socket, as the kernel tells it.

SO_PEERCRED (unix(7)) has uid, gid and pid of whoever called connect(2); `/proc/PID/loginuid` and `/proc/PID/cgroup` say
who logged in and whether the process runs in a container. SO_PEERPIDFD (Linux 6.5) makes sure that the pid still was
that process when these were read.
"""

import os
import re
import signal
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
_SO_PEERPIDFD = 77
"""asm-generic/socket.h; Python has no name for it."""
_CREDENTIALS = struct.Struct("iII")
_NO_LOGIN = 2**32 - 1
_CONTAINER = re.compile(r"/(?:[a-z-]+-)?([0-9a-f]{64})(?:\.scope)?(?=/|$)", re.MULTILINE)
"""A part of a cgroup's path: `/docker/ID` with cgroupfs, `/system.slice/docker-ID.scope` with systemd."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A process at a socket. `login_uid` is None where nobody logged in.

    `container_id` is that of the container in which it runs, None outside of containers. `is_seen` is False where
    `/proc` could not tell, since the process was gone: it may have run in anybody's container then.
    """

    uid: int
    pid: int
    login_uid: int | None
    container_id: str | None
    is_seen: bool


OwnerOf = Callable[[str], int | None]
"""Gives the uid for whom a container counts, by its id; None where nobody is known."""


def counts_for(caller: Caller, owner_of: OwnerOf) -> int | None:
    """The uid for whom the caller's creations count; None where that cannot be said.

    Who runs in a container counts for that container's own user. Root counts for whoever logged in, else for root.
    """
    if not caller.is_seen:
        return None
    if caller.container_id is not None:
        return owner_of(caller.container_id)
    if caller.uid == 0 and caller.login_uid is not None:
        return caller.login_uid
    return caller.uid


def caller_of(connection: socket.socket, proc: Path = PROC) -> Caller:
    """Who connected. Ask at once: a process that has ended tells nothing any more."""
    peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    pid, uid, _ = _CREDENTIALS.unpack(peer)
    gone = Caller(uid, pid, None, None, is_seen=False)
    try:
        with _held(connection) as is_alive:
            cgroups = (proc / str(pid) / "cgroup").read_text(encoding="utf-8", errors="replace")
            login_uid = _login_uid(proc / str(pid) / "loginuid")
            if not is_alive():
                return gone
    except OSError:
        return gone
    container = _CONTAINER.search(cgroups)
    return Caller(uid, pid, login_uid, container[1] if container else None, is_seen=True)


def _login_uid(file: Path) -> int | None:
    try:
        found = int(file.read_text(encoding="ascii"))
    except FileNotFoundError:  # a kernel without auditing
        return None
    return None if found == _NO_LOGIN else found


@contextmanager
def _held(connection: socket.socket) -> Iterator[Callable[[], bool]]:
    """Tells whether the process that connected is still there. True where the kernel is too old to know."""
    try:
        handle = connection.getsockopt(socket.SOL_SOCKET, _SO_PEERPIDFD)
    except ProcessLookupError:
        raise
    except OSError:
        yield lambda: True
        return
    try:
        yield lambda: _is_alive(handle)
    finally:
        os.close(handle)


def _is_alive(handle: int) -> bool:
    try:
        signal.pidfd_send_signal(handle, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
