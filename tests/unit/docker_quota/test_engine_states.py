"""An engine that does not answer is a state, whatever is wrong with it."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest

from app.docker_quota.engine import SdkEngine
from app.docker_quota.objects import EngineDown, EngineState

HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"
BROKEN = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\n{}"
ANOTHER_SHAPE = b'HTTP/1.1 200 OK\r\nContent-Length: 23\r\n\r\n{"ApiVersion": ["1.41"]}'


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[bytes | None], str]]:
    """Starts a server that answers every connection with these bytes, or never (None); gives its DOCKER_HOST."""
    listeners: list[socket.socket] = []

    def start(answer: bytes | None) -> str:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(tmp_path / "docker.sock"))
        listener.listen()
        listeners.append(listener)
        if answer is not None:
            Thread(target=_answer_all, args=(listener, answer), daemon=True).start()
        return f"unix://{tmp_path}/docker.sock"

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _answer_all(listener: socket.socket, answer: bytes) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            connection.recv(65536)
            connection.sendall(answer)


@pytest.mark.parametrize("answer", [HTML, BROKEN, ANOTHER_SHAPE, b"", b"SSH-2.0-OpenSSH_9.2\r\n"])
def test_garbage_is_a_failing_or_stopped_engine(serve: Callable[[bytes], str], answer: bytes) -> None:
    engine = SdkEngine(serve(answer), timeout_seconds=30)
    for found in (engine.info(), engine.list_containers(), engine.list_images(), engine.events()):
        assert isinstance(found, EngineDown)
        assert found.state in {EngineState.FAILING, EngineState.STOPPED}


def test_silence_is_a_slow_engine(serve: Callable[[None], str]) -> None:
    engine = SdkEngine(serve(None), timeout_seconds=0.2)
    found = engine.info()
    assert isinstance(found, EngineDown)
    assert found.state is EngineState.SLOW


def test_nothing_there_is_a_stopped_engine(tmp_path: Path) -> None:
    found = SdkEngine(f"unix://{tmp_path}/nothing.sock").info()
    assert isinstance(found, EngineDown)
    assert found.state is EngineState.STOPPED


def test_what_is_no_address_is_a_state_too() -> None:
    found = SdkEngine("gopher://nowhere").info()
    assert isinstance(found, EngineDown)
    assert found.state is EngineState.FAILING
