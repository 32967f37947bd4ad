"""The socket that the proxy listens on."""

import os
import socket
import stat
from pathlib import Path

import pytest

from app.docker_quota.proxy.listening import SocketError, given_socket, make_socket

GROUP = "root"


def test_a_socket_is_for_root_and_the_group(tmp_path: Path) -> None:
    with make_socket(tmp_path / "s", GROUP) as listener:
        assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o660
        assert listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)


def test_one_that_nobody_serves_is_replaced(tmp_path: Path) -> None:
    make_socket(tmp_path / "s", GROUP).close()
    with make_socket(tmp_path / "s", GROUP), socket.socket(socket.AF_UNIX) as client:
        client.connect(str(tmp_path / "s"))


def test_one_in_use_is_left(tmp_path: Path) -> None:
    with make_socket(tmp_path / "s", GROUP), pytest.raises(SocketError, match="in use"):
        make_socket(tmp_path / "s", GROUP)


def test_no_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("precious")
    with pytest.raises(SocketError, match="something else"):
        make_socket(tmp_path / "s", GROUP)
    assert (tmp_path / "s").read_text() == "precious"


def test_a_group_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SocketError, match="no-such-group"):
        make_socket(tmp_path / "s", "no-such-group")


def test_systemd_gives_the_socket(tmp_path: Path) -> None:
    environment = {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
    listener = make_socket(tmp_path / "s", GROUP)
    given = given_socket(environment, listener.detach())
    assert given is not None
    with given:
        assert given.getsockname() == str(tmp_path / "s")
        assert not given.get_inheritable()


@pytest.mark.parametrize("environment", [{}, {"LISTEN_PID": "1", "LISTEN_FDS": "1"}, {"LISTEN_PID": str(os.getpid())}])
def test_what_is_meant_for_others_is_not_taken(environment: dict[str, str]) -> None:
    assert given_socket(environment) is None


def test_what_is_no_listening_socket_is_refused() -> None:
    environment = {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with theirs, pytest.raises(SocketError, match="no listening"):
        given_socket(environment, ours.detach())
    with pytest.raises(SocketError, match="passes 2"):
        given_socket({**environment, "LISTEN_FDS": "2"})
