"""`qman docker-proxy` as a process before a real dockerd, and clients of other users."""

import json
import os
import pickle
import secrets
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import text

from app.db.engine import Database
from app.db.errors import DatabaseUnavailableError

ROOT = Path(__file__).resolve().parents[2]
DEBIANS = "/usr/bin/docker"
"""The CLI with both builders; there may be a newer one before it in PATH."""
GROUP = "docker"
SECONDS = 60
T = TypeVar("T")


class ProxyProcess:
    """Started by `with`. `folder`, which is made, has its socket, settings and database; others may enter it.

    pytest's own folders are root's alone: clients of other users need one elsewhere.
    """

    def __init__(self, folder: Path, upstream: Path, **settings: object) -> None:
        self.folder = folder
        self.upstream = upstream
        self.socket = folder / "p.sock"
        folder.mkdir(mode=0o755)
        key = {"id": "read", "secret": secrets.token_urlsafe(48), "scope": "read"}
        told = {"ROLE": "slave", "SLAVE_HOST_ID": "h", "API_KEYS": [key], "USE_DOCKER_QUOTA": True, **settings}
        (folder / "config.json").write_text(json.dumps(told))
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        arguments = ("--listen", str(self.socket), "--upstream", str(self.upstream))
        self.launch(sys.executable, "-m", "app.cli", "docker-proxy", *arguments)
        return self

    def launch(self, *command: str) -> None:
        """Starts it, and waits until it says that it listens."""
        self._process = subprocess.Popen(
            command,
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if "listening at" in line:
                break
        else:
            raise AssertionError(f"it ended with status {self._process.wait(10)}")
        # read on, so that what it logs is taken off its hands
        self._drain = subprocess.Popen(["cat"], stdin=self._process.stderr, stdout=subprocess.DEVNULL)

    def __exit__(self, *_: object) -> None:
        assert self.stop() == 0

    def stop(self) -> int:
        """Its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        status = self._process.wait(20)
        self._drain.wait(20)
        return status

    def descriptors(self) -> int:
        """How many pipes and sockets it has open. Not its database, which is opened when something is to be kept."""
        assert self._process is not None
        found = []
        for each in Path(f"/proc/{self._process.pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # it was closed since
                found.append(str(each.readlink()))
        return sum(each.startswith(("pipe:", "socket:")) for each in found)

    def journal(self) -> dict[str, list[int | None]]:
        """The uids for which each object counts, by its id, in their order."""
        found: dict[str, list[int | None]] = {}
        query = text("SELECT object_id, uid FROM docker_journal ORDER BY id")
        database = Database(f"sqlite:///{self.folder}/qman-slave-h.sqlite")
        with suppress(DatabaseUnavailableError), database.read() as connection:  # the proxy has just begun to make it
            for object_id, uid in connection.execute(query):
                found.setdefault(object_id, []).append(uid)
        return found

    def owners_of(self, image: str, times: int = 1) -> list[int | None]:
        """The uids of an image that was brought so often, as soon as that stands: it is written after the answer."""
        deadline = time.monotonic() + SECONDS
        while len(found := self.journal().get(image, [])) < times and time.monotonic() < deadline:
            time.sleep(0.05)
        return found

    def docker(self, *arguments: str, stdin: bytes = b"", **environment: str) -> tuple[int, bytes, bytes]:
        """Status, output and errors of Debian's CLI through the proxy."""
        return docker(self.socket, *arguments, stdin=stdin, **environment)


def docker(path: Path, *arguments: str, stdin: bytes = b"", **environment: str) -> tuple[int, bytes, bytes]:
    """Status, output and errors of Debian's CLI at this socket, but for its own log, which depends on who is first."""
    done = subprocess.run(
        [DEBIANS, "-H", f"unix://{path}", *arguments],
        env={**os.environ, "DOCKER_CONFIG": str(path.parent / "cli"), **environment},
        input=stdin,
        check=False,
        capture_output=True,
        timeout=SECONDS,
    )
    errors = b"".join(line for line in done.stderr.splitlines(keepends=True) if not line.startswith(b"time="))
    return done.returncode, done.stdout, errors


def cli(path: Path, *arguments: str) -> "subprocess.Popen[str]":
    """Debian's CLI at this socket, under way."""
    command = [DEBIANS, "-H", f"unix://{path}", *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def said_by(process: "subprocess.Popen[str]") -> str:
    """Its next line."""
    assert process.stdout is not None
    return process.stdout.readline()


def told(process: "subprocess.Popen[str]", line: str) -> None:
    """Tells it this line."""
    assert process.stdin is not None
    process.stdin.write(line)
    process.stdin.flush()


def as_user(uid: int, gid: int, work: Callable[[], T], *, login_uid: int | None = None) -> Callable[[], T]:
    """Begins the work in a child of that user; what is given back waits for its result."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if login_uid is not None:
                Path("/proc/self/loginuid").write_text(str(login_uid))
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
            with os.fdopen(writer, "wb") as pipe:
                pickle.dump(work(), pipe)
            status = 0
        except BaseException:  # noqa: BLE001 - a child ends here, whatever happened
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(writer)

    def result() -> T:
        with os.fdopen(reader, "rb") as pipe:
            told = pipe.read()
        assert os.waitpid(child, 0)[1] == 0
        found: T = pickle.loads(told)  # noqa: S301 - our own child wrote it
        return found

    return result


def raw(path: Path, request: bytes, *, half_close: bool = False) -> bytes:
    """All that is answered to these bytes until the other side closes; with `half_close` it hears that they are all."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(SECONDS)
        connection.connect(str(path))
        connection.sendall(request)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        told = bytearray()
        with suppress(ConnectionResetError):  # it closed while more was on its way
            while block := connection.recv(65536):
                told += block
        return bytes(told)


def creation(body: Any, target: str = "/v1.41/containers/create", fields: Sequence[str] = ()) -> bytes:
    """A request that creates something; `body` is JSON, or bytes as they are."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"POST {target} HTTP/1.1", "Host: docker", "Content-Type: application/json", *fields]
    return "\r\n".join([*head, f"Content-Length: {len(content)}", "", ""]).encode() + content


def created(answer: bytes) -> str:
    """The id in an answer."""
    found: dict[str, str] = json.loads(answer.partition(b"\r\n\r\n")[2])
    return found.get("Id") or found["Name"]
