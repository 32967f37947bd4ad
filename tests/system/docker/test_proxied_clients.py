"""Clients that hang up, stop half-way, come all at once or send very much: through the proxy all goes as without it."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.fakes.docker_archives import write_image
from tests.fakes.docker_rig import IMAGE, DockerRig
from tests.fakes.proxy_process import SECONDS, ProxyProcess, cli, created, creation, docker, raw, said_by

OFF = ("--network", "none")
AT_ONCE = 50
LOADED_BYTES = 1_000_000_000
UPGRADE = ["Connection: Upgrade", "Upgrade: tcp"]
Told = tuple[int, bytes, bytes]


@pytest.fixture(scope="module")
def proxy(dockerd: DockerRig) -> Iterator[ProxyProcess]:
    with ProxyProcess(dockerd.folder / "clients", dockerd.socket) as process:
        yield process


def await_that(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_fifty_commands_at_once_end_as_without_it(rig: DockerRig, proxy: ProxyProcess) -> None:
    rig.docker("run", "-d", "--name", "web", *OFF, IMAGE, "sh", "-c", "echo begun; exec sleep 1000")

    def work(path: Path, number: int) -> Told:
        ways: list[tuple[tuple[str, ...], bytes]] = [
            (("exec", "-i", "web", "sh", "-c", f"md5sum; echo {number} >&2; exit {number}"), b"x" * 100_000 * number),
            (("run", "--rm", "-i", *OFF, IMAGE, "sh", "-c", f"cat; exit {number}"), b"%d" % number),
            (("cp", "web:/etc/passwd", "-"), b""),
            (("logs", "web"), b""),
            (("inspect", f"none-{number}"), b""),
        ]
        command, stdin = ways[number % len(ways)]
        return docker(path, *command, stdin=stdin)

    def all_at(path: Path) -> list[Told]:
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            return list(pool.map(work, [path] * AT_ONCE, range(AT_ONCE)))

    plain, proxied = all_at(rig.socket), all_at(proxy.socket)
    assert proxied == plain
    assert [status for status, _, _ in proxied[:10]] == [0, 1, 0, 0, 1, 5, 6, 0, 0, 1]


def test_a_killed_client_is_gone_for_dockerd_too_and_leaves_nothing(rig: DockerRig, proxy: ProxyProcess) -> None:
    assert docker(proxy.socket, "ps")[0] == 0
    before = proxy.descriptors()
    for path in (rig.socket, proxy.socket):
        script = "echo up; read x; echo its end came; exec sleep 1000"
        client = cli(path, "run", "-i", "--name", "web", *OFF, IMAGE, "sh", "-c", script)
        following = cli(path, "logs", "-f", "web") if said_by(client) == "up\n" else None
        assert following is not None
        client.kill()
        client.communicate(timeout=SECONDS)
        assert [said_by(following), said_by(following)] == ["up\n", "its end came\n"]
        following.kill()
        following.communicate(timeout=SECONDS)
        assert rig.states() == {"web": "running"}
        rig.docker("rm", "-f", "web")
    await_that(lambda: proxy.descriptors() <= before)


def test_one_who_has_sent_all_still_hears_the_rest(rig: DockerRig, proxy: ProxyProcess) -> None:
    rig.docker("run", "-d", "--name", "web", *OFF, IMAGE, "sleep", "1000")
    exec_body = json.dumps({"AttachStdin": True, "AttachStdout": True, "Cmd": ["wc", "-l"]}).encode()
    heard = []
    for path in (rig.socket, proxy.socket):
        made = created(raw(path, creation(exec_body, "/containers/web/exec", ["Connection: close"]), half_close=True))
        heard.append(hijacked(path, creation(b"{}", f"/exec/{made}/start", UPGRADE), b"one\ntwo\n"))
    assert heard == [b"\x01\0\0\0\0\0\0\x022\n"] * 2
    container = created(raw(proxy.socket, creation({"Image": IMAGE}), half_close=True))
    assert proxy.journal()[container] == [0]


def hijacked(path: Path, request: bytes, stdin: bytes) -> bytes:
    """What comes back of all that goes in, after dockerd said that this is no HTTP any more."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(SECONDS)
        connection.connect(str(path))
        connection.sendall(request)
        stream = connection.makefile("rb")
        assert b" 101 " in stream.readline()
        while stream.readline().strip():
            pass
        connection.sendall(stdin)
        connection.shutdown(socket.SHUT_WR)
        return stream.read()


def test_a_gigabyte_is_loaded_as_it_was_sent(rig: DockerRig, proxy: ProxyProcess, tmp_path: Path) -> None:
    """Its id tells: dockerd computes it of all that arrived."""
    file = tmp_path / "big.tar"
    image = write_image(file, "big:1", LOADED_BYTES)
    assert proxy.docker("load", "-i", str(file)) == (0, b"Loaded image: big:1\n", b"")
    file.unlink()
    assert rig.docker("images", "-q", "--no-trunc", "big:1") == image
    assert proxy.owners_of(image) == [0]
