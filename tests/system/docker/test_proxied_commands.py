"""Docker's CLI through the proxy: same output and exit status as without it."""

import fcntl
import os
import signal
import struct
import subprocess
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.docker_archives import tar_of
from tests.fakes.docker_rig import IMAGE, DockerRig
from tests.fakes.proxy_process import DEBIANS, ProxyProcess, cli, docker, said_by, told

OFF = ("--network", "none")
WEB = "for i in 1 2 3; do echo line $i; done; read x; echo got $x; read x; exit 6"


@pytest.fixture(scope="module")
def proxy(dockerd: DockerRig) -> Iterator[ProxyProcess]:
    with ProxyProcess(dockerd.folder / "commands", dockerd.socket) as process:
        yield process


def test_commands_do_what_they_do_without_it(rig: DockerRig, proxy: ProxyProcess) -> None:
    rig.docker("run", "-di", "--name", "web", *OFF, IMAGE, "sh", "-c", WEB)
    much = os.urandom(3_000_000)
    commands: list[tuple[tuple[str, ...], bytes]] = [
        (("run", "--rm", *OFF, IMAGE, "sh", "-c", "echo out; echo err >&2; exit 3"), b""),
        (("run", "--rm", "-i", *OFF, IMAGE, "cat"), much),
        (("run", "--rm", *OFF, IMAGE, "no-such-program"), b""),
        (("create", "--pull", "never", "no-such-image"), b""),
        (("create", "--name", "web", IMAGE), b""),
        (("exec", "web", "sh", "-c", "echo in; exit 5"), b""),
        (("exec", "-i", "web", "md5sum"), much),
        (("cp", "-", "web:/tmp"), tar_of("much", much)),
        (("cp", "web:/tmp/much", "-"), b""),
        (("logs", "web"), b""),
        (("inspect", "--format", "{{.Id}}", "web"), b""),
        (("inspect", "nothing"), b""),
        (("rm", "nothing"), b""),
        (("ps", "-a", "--no-trunc", "--format", "{{.ID}} {{.Image}} {{.Names}}"), b""),
        (("images", "--format", "{{.ID}} {{.Repository}}"), b""),
        (("version",), b""),
        (("volume", "create", "d/a"), b""),
        (("network", "ls"), b""),
    ]
    for command, stdin in commands:
        plain = docker(rig.socket, *command, stdin=stdin)
        assert proxy.docker(*command, stdin=stdin) == plain, command


def test_an_attached_container_ends_with_its_status(rig: DockerRig, proxy: ProxyProcess) -> None:
    for path in (rig.socket, proxy.socket):
        rig.docker("run", "-di", "--name", "web", *OFF, IMAGE, "sh", "-c", WEB)
        following = cli(path, "logs", "-f", "web")
        assert [said_by(following) for _ in range(3)] == ["line 1\n", "line 2\n", "line 3\n"]
        attached = cli(path, "attach", "web")  # only now: it is told what is said from here on
        told(attached, "hello\n")
        assert said_by(attached) == said_by(following) == "got hello\n"
        told(attached, "bye\n")
        assert (attached.wait(60), following.wait(60)) == (6, 0)
        rig.docker("rm", "-f", "web")


RESIZED = "test -t 0 && echo name? && until [ \"$(stty size)\" = '33 99' ]; do sleep 0.1; done; read x && exit $x"


def test_a_terminal_works_and_is_resized(rig: DockerRig, proxy: ProxyProcess) -> None:
    for path in (rig.socket, proxy.socket):
        ours, theirs = os.openpty()
        command = ("run", "--rm", "-it", *OFF, IMAGE, "sh", "-c", RESIZED)
        process = subprocess.Popen(
            [DEBIANS, "-H", f"unix://{path}", *command], stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        shown = b""
        while b"name?" not in shown:
            shown += os.read(ours, 1000)
        fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 99, 0, 0))
        process.send_signal(signal.SIGWINCH)
        os.write(ours, b"4\n")
        assert process.wait(60) == 4
        os.close(ours)


@pytest.mark.parametrize("buildkit", ["0", "1"])
def test_both_builders_build(rig: DockerRig, proxy: ProxyProcess, buildkit: str) -> None:
    good = f"FROM {IMAGE}\nRUN echo {buildkit} >/x\n".encode()
    bad = f"FROM {IMAGE}\nRUN exit 7\n".encode()
    build = ("build", "-q", *OFF)
    status, image, errors = proxy.docker(*build, "-", stdin=good, DOCKER_BUILDKIT=buildkit)
    assert status == 0, errors
    plain = docker(rig.socket, *build, "-", stdin=good, DOCKER_BUILDKIT=buildkit)
    assert plain[:2] == (0, image)  # from the cache: no label changed the image
    assert proxy.owners_of(image.decode().strip()) == [0]
    failed = [docker(path, *build, "-", stdin=bad, DOCKER_BUILDKIT=buildkit)[0] for path in (rig.socket, proxy.socket)]
    assert failed[0] == failed[1] != 0


def test_images_that_are_brought_are_journalled(rig: DockerRig, proxy: ProxyProcess, tmp_path: Path) -> None:
    rig.docker("create", "--name", "big", *OFF, IMAGE)
    (tmp_path / "content").write_bytes(os.urandom(30_000_000))
    assert proxy.docker("cp", str(tmp_path / "content"), "big:/content")[0] == 0
    committed = proxy.docker("commit", "big", "big:1")[1].decode().strip()
    assert proxy.docker("save", "big:1", "-o", str(tmp_path / "big.tar"))[0] == 0
    rig.docker("rmi", "big:1")
    loaded = proxy.docker("load", "-i", str(tmp_path / "big.tar"))
    assert loaded == (0, b"Loaded image: big:1\n", b"")
    imported = proxy.docker("import", "-", stdin=tar_of("x", b"x"))[1].decode().strip()
    assert rig.docker("images", "-q", "--no-trunc", "big:1") == committed
    assert (proxy.owners_of(committed, 2), proxy.owners_of(imported)) == ([0, 0], [0])


def test_compose_1_29_brings_a_project_up(rig: DockerRig, proxy: ProxyProcess, tmp_path: Path) -> None:
    service: dict[str, Any] = {"image": IMAGE, "network_mode": "none", "command": "sh -c 'echo up; exit 3'"}
    lines = [f"    {key}: {value}" for key, value in service.items()]
    (tmp_path / "docker-compose.yml").write_text(
        "\n".join(["version: '3'", "services:", "  web:", *lines, "    volumes: ['data:/data']", "volumes: {data: {}}"])
    )
    assert compose(proxy.socket, tmp_path, "version", "--short").stdout.startswith("1.29.")
    done = [compose(path, tmp_path, "up", "--exit-code-from", "web") for path in (rig.socket, proxy.socket)]
    assert [each.returncode for each in done] == [3, 3], done
    plain, proxied = (each.stdout.replace("plain", "").replace("proxied", "") for each in done)
    assert "exited with code 3" in proxied
    assert sorted(plain.split()) == sorted(proxied.split())
    labels = rig.docker("inspect", "proxied_web_1", "--format", '{{index .Config.Labels "qman.user"}}')
    volume = rig.docker("volume", "inspect", "proxied_data", "--format", '{{index .Labels "qman.user"}}')
    assert (labels, volume) == ("root", "root")
    assert proxy.journal()["proxied_data"] == [0]


def compose(path: Path, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    project = "proxied" if path.name == "p.sock" else "plain"
    return subprocess.run(
        ["docker-compose", "--project-name", project, "--no-ansi", *arguments],
        env={**os.environ, "DOCKER_HOST": f"unix://{path}", "PYTHONPATH": ""},
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
