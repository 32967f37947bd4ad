"""Who is at the other end."""

import os
import socket
from pathlib import Path

import pytest

from app.docker_quota.proxy.callers import Caller, caller_of, counts_for

CONTAINER = "ab" * 32


def peer_in(proc: Path, cgroup: str | None, login_uid: str | None = "4294967295") -> Caller:
    """This process as a caller, as far as the kernel says it; the rest by a /proc of files."""
    folder = proc / str(os.getpid())
    folder.mkdir()
    if cgroup is not None:
        (folder / "cgroup").write_text(cgroup)
    if login_uid is not None:
        (folder / "loginuid").write_text(login_uid)
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        return caller_of(theirs, proc)


def test_the_kernel_tells_this_process() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        found = caller_of(theirs)
    assert (found.uid, found.pid, found.is_seen) == (os.getuid(), os.getpid(), True)


@pytest.mark.parametrize(
    ("cgroup", "container"),
    [
        (f"0::/system.slice/docker-{CONTAINER}.scope\n", CONTAINER),
        (f"12:memory:/docker/{CONTAINER}\n0::/\n", CONTAINER),
        (f"0::/docker/{CONTAINER}/docker/{'cd' * 32}\n", CONTAINER),
        (f"0::/user.slice/user-1000.slice/libpod-{CONTAINER}.scope/container\n", CONTAINER),
        (f"0::/kubepods/besteffort/pod1/cri-containerd-{CONTAINER}.scope\n", CONTAINER),
        ("0::/user.slice/user-1000.slice/session-3.scope\n", None),
        (f"0::/user.slice/{'ab' * 16}\n", None),
    ],
)
def test_a_container_is_known_by_its_cgroup(tmp_path: Path, cgroup: str, container: str | None) -> None:
    assert peer_in(tmp_path, cgroup).container_id == container


def test_a_kernel_without_auditing_knows_no_login(tmp_path: Path) -> None:
    found = peer_in(tmp_path, "0::/\n", None)
    assert (found.is_seen, found.login_uid) == (True, None)


def test_what_cannot_be_seen_is_said(tmp_path: Path) -> None:
    assert not peer_in(tmp_path, None).is_seen


def test_a_caller_that_has_ended_is_not_seen(tmp_path: Path) -> None:
    """Its number may be another's by now: what stands there must not be taken for its own."""
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(str(path))
            if os.fork() == 0:  # keeps the connection, and ends with this test
                os.close(writer)
                os.read(reader, 1)
            os._exit(0)
        os.waitpid(child, 0)
        server, _ = listener.accept()
        folder = tmp_path / str(child)
        folder.mkdir()
        (folder / "cgroup").write_text("0::/\n")
        (folder / "loginuid").write_text("1000")
        with server:
            found = caller_of(server, tmp_path)
        os.close(writer)
        os.close(reader)
    assert (found.pid, found.is_seen, found.login_uid) == (child, False, None)


def caller(uid: int, login_uid: int | None = None, container_id: str | None = None, *, is_seen: bool = True) -> Caller:
    return Caller(uid, 1, login_uid, container_id, is_seen=is_seen)


@pytest.mark.parametrize(
    ("who", "uid"),
    [
        (caller(1000), 1000),
        (caller(1000, 1001), 1000),
        (caller(0, 1001), 1001),
        (caller(0), 0),
        (caller(0, 0), 0),
        (caller(1001, None, "web"), 1000),
        (caller(0, 1001, "web"), 1000),
        (caller(1001, None, "unknown"), None),
        (caller(0, 1001, "unknown"), None),
        (caller(1001, is_seen=False), None),
        (caller(0, is_seen=False), None),
    ],
)
def test_for_whom_a_caller_counts(who: Caller, uid: int | None) -> None:
    assert counts_for(who, {"web": 1000}.get) == uid
