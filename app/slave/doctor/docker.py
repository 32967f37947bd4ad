"""Docker's socket and store."""

import errno
import os
import pwd
import socket
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.slave.doctor.findings import Finding, error, quoted, warning

DEFAULT_SOCKET = "/var/run/docker.sock"
DEFAULT_ROOT = "/var/lib/docker"
ANSWER_SECONDS = 3.0
OTHERS = stat.S_IWGRP | stat.S_IWOTH
"""Who may connect besides its owner."""


@dataclass(frozen=True, slots=True)
class Docker:
    """How the engine's socket answered (an errno, 0 for well), who asked, and whether its store is there.

    `mode` are the permission bits of the socket, 0 where they are not known. `has_proxy`: ours listens elsewhere.
    """

    socket: str
    answer: int
    user: str
    root: str
    has_root: bool
    mode: int = 0
    has_proxy: bool = False


def of_docker(docker: Docker) -> Iterator[Finding]:
    """What is wrong with either."""
    if docker.answer in {errno.EACCES, errno.EPERM}:
        yield error(
            "docker_forbidden",
            docker.socket,
            found=f"{docker.user} may not connect to it",
            why="Containers, images and volumes cannot be seen: nobody's Docker usage is known.",
            mend=f"usermod -aG docker {quoted(docker.user)}   # then start the slave anew",
        )
    elif docker.answer:
        yield error(
            "docker_unreachable",
            docker.socket,
            found=os.strerror(docker.answer),
            why="Containers, images and volumes cannot be seen: nobody's Docker usage is known.",
            mend="systemctl enable --now docker   # or set DOCKER_HOST, or USE_DOCKER_QUOTA to false",
        )
    yield from _of_others(docker)
    if not docker.has_root:
        yield error(
            "docker_root_missing",
            docker.root,
            found="there is no such directory",
            why="What Docker uses of the disk, and what is left, is measured there.",
            mend="docker info --format '{{.DockerRootDir}}'   # what it says belongs in DOCKER_DATA_ROOT",
        )


def _of_others(docker: Docker) -> Iterator[Finding]:
    if docker.mode & stat.S_IWOTH:
        yield error(
            "docker_open",
            docker.socket,
            found=f"everybody may connect to it (mode {docker.mode:04o})",
            why="Whoever may use Docker is root on this host, and may say of each container that it is another's.",
            mend=f"chmod o-rw {quoted(docker.socket)}",
        )
    elif docker.has_proxy and docker.mode & OTHERS:
        yield warning(
            "docker_beside_proxy",
            docker.socket,
            found=f"others than root may connect to it (mode {docker.mode:04o}), though there is a proxy before it",
            why="Whoever goes around the proxy creates what counts for nobody, or names somebody else as its user.",
            mend="SocketMode=0600 for docker.socket, as docs/docker-proxy.md says; until then: "
            f"chmod 0600 {quoted(docker.socket)}",
        )


def look_at_docker(host: str | None, root: str | None, proxy: str = "") -> Docker:
    """`host` as in DOCKER_HOST; one that is not a Unix socket is not asked.

    `proxy` is where ours may listen; empty: nowhere.
    """
    path, place = (host or DEFAULT_SOCKET).removeprefix("unix://"), root or DEFAULT_ROOT
    answer = ping(path) if path.startswith("/") else 0
    has_proxy = bool(mode_of(proxy)) and Path(proxy).resolve() != Path(path).resolve()
    return Docker(path, answer, _own_name(), place, Path(place).is_dir(), mode_of(path), has_proxy)


def mode_of(path: str) -> int:
    """The permission bits of a socket, 0 where there is none."""
    try:
        found = Path(path).stat().st_mode
    except OSError:
        return 0
    return stat.S_IMODE(found) if stat.S_ISSOCK(found) else 0


def ping(path: str) -> int:
    """What came of asking the engine: 0, or an errno."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(ANSWER_SECONDS)
        try:
            connection.connect(path)
            connection.sendall(b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n")
            return 0 if connection.recv(16).startswith(b"HTTP/1.") else errno.EPROTO
        except TimeoutError:
            return errno.ETIMEDOUT
        except OSError as problem:
            return problem.errno or errno.EIO


def _own_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
