"""Bytes both ways, and how each direction ends."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Thread

import pytest

from app.docker_quota.proxy.pumping import pump
from tests.unit.docker_proxy.proxied import rest_of

MUCH = bytes(range(256)) * 40_000


@dataclass
class Pumped:
    """A client and a dockerd with the pump between them."""

    client: socket.socket
    dockerd: socket.socket
    thread: Thread

    def ends(self) -> bool:
        self.thread.join(20)
        return not self.thread.is_alive()


@pytest.fixture(params=["spliced", "watched"])
def pumped(request: pytest.FixtureRequest) -> Iterator[Pumped]:
    client, inner = socket.socketpair(socket.AF_UNIX)
    upstream, dockerd = socket.socketpair(socket.AF_UNIX)
    seen: list[bytes] = []
    watch: Callable[[bytes], None] | None = seen.append if request.param == "watched" else None

    def work() -> None:
        with inner, upstream:
            pump(inner, upstream, watch)

    thread = Thread(target=work, daemon=True)
    thread.start()
    for each in (client, dockerd):
        each.settimeout(20)
    with client, dockerd:
        yield Pumped(client, dockerd, thread)


def send(connection: socket.socket, content: bytes) -> Thread:
    def work() -> None:
        connection.sendall(content)
        connection.shutdown(socket.SHUT_WR)

    thread = Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_much_passes_both_ways_at_once(pumped: Pumped) -> None:
    send(pumped.client, MUCH)
    send(pumped.dockerd, MUCH[::-1])
    received: list[bytes] = []
    reader = Thread(target=lambda: received.append(rest_of(pumped.client)), daemon=True)
    reader.start()
    assert rest_of(pumped.dockerd) == MUCH
    reader.join(20)
    assert received == [MUCH[::-1]]
    assert pumped.ends()


def test_who_has_sent_all_still_reads(pumped: Pumped) -> None:
    pumped.client.sendall(b"question")
    pumped.client.shutdown(socket.SHUT_WR)
    assert rest_of(pumped.dockerd) == b"question"
    pumped.dockerd.sendall(b"answer")
    pumped.dockerd.shutdown(socket.SHUT_WR)
    assert rest_of(pumped.client) == b"answer"
    assert pumped.ends()


def test_dockerd_may_end_first_and_still_read(pumped: Pumped) -> None:
    pumped.dockerd.sendall(b"first")
    pumped.dockerd.shutdown(socket.SHUT_WR)
    assert rest_of(pumped.client) == b"first"
    pumped.client.sendall(b"second")
    pumped.client.shutdown(socket.SHUT_WR)
    assert rest_of(pumped.dockerd) == b"second"
    assert pumped.ends()


def test_a_client_that_goes_takes_the_connection_along(pumped: Pumped) -> None:
    """`docker logs -f` that is interrupted: dockerd must hear of it though it has nothing to say."""
    pumped.client.close()
    assert rest_of(pumped.dockerd) == b""
    assert pumped.ends()


def test_a_dockerd_that_goes_takes_the_connection_along(pumped: Pumped) -> None:
    """It is stopped: the client reads what there was, and its end, though it has not ended itself."""
    pumped.dockerd.sendall(b"last words")
    pumped.dockerd.close()
    assert rest_of(pumped.client) == b"last words"
    assert pumped.ends()


def test_an_upload_that_nobody_reads_ends_with_dockerd(pumped: Pumped) -> None:
    def upload() -> None:
        with pytest.raises(OSError):  # noqa: PT011 - reset or broken pipe, as the kernel likes
            pumped.client.sendall(MUCH)

    uploader = Thread(target=upload, daemon=True)
    uploader.start()
    pumped.dockerd.recv(10)
    pumped.dockerd.sendall(b"refused")
    pumped.dockerd.close()
    assert rest_of(pumped.client) == b"refused"
    assert pumped.ends()
    uploader.join(20)
    assert not uploader.is_alive()
