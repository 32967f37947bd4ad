"""The socket that the proxy listens on: given by systemd (sd_listen_fds(3)), or made here."""

import errno
import grp
import os
import socket
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

FIRST_DESCRIPTOR = 3
BACKLOG = 4096
MODE = 0o660


class SocketError(Exception):
    """The proxy cannot listen on its socket. Its text is one line."""


def given_socket(environment: Mapping[str, str], first: int = FIRST_DESCRIPTOR) -> socket.socket | None:
    """The one socket that systemd passes to this process; None where it passes none. Raises SocketError."""
    if environment.get("LISTEN_PID") != str(os.getpid()):
        return None
    count = environment.get("LISTEN_FDS", "0")
    if count == "0":
        return None
    if count != "1":
        raise SocketError(f"systemd passes {count} sockets, expected one: ListenStream= stands once in the unit.")
    listener = socket.socket(fileno=first)
    is_listening = listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    if (listener.family, listener.type) != (socket.AF_UNIX, socket.SOCK_STREAM) or not is_listening:
        raise SocketError("What systemd passes is no listening Unix stream socket.")
    os.set_inheritable(first, False)  # noqa: FBT003 - the standard library's signature
    return listener


def make_socket(path: Path, group: str) -> socket.socket:
    """Listens at the path, with mode 0660 for root and the group. One that nobody serves any more is replaced.

    Raises SocketError.
    """
    try:
        gid = grp.getgrnam(group).gr_gid
    except KeyError:
        raise SocketError(f"There is no group {group}, as DOCKER_PROXY_SOCKET_GROUP wants it.") from None
    listener = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        _remove_stale(path)
        listener.bind(str(path))
        os.chown(path, -1, gid)
        path.chmod(MODE)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise SocketError(f"Cannot listen at {path}: {error.strerror or error}.") from error
    finally:
        os.umask(before)
    return listener


def _remove_stale(path: Path) -> None:
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise OSError(errno.EEXIST, "something else than a socket is there")
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(path))
            except ConnectionRefusedError:
                path.unlink()
            else:
                raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
