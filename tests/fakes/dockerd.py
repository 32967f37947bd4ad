"""FakeDockerd: HTTP/1.1 over a Unix socket as Go's server reads it, which keeps connections alive."""

import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from urllib.parse import unquote

ID = "c0ffee" * 10 + "0000"
_VERSION = re.compile(r"^/v[0-9.]+")
_ECHOING = {"/echo", "/session", "/grpc"}


@dataclass
class Received:
    """A request as it arrived."""

    method: str
    target: str
    fields: dict[str, list[str]]
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.body)
        return found

    @property
    def path(self) -> str:
        """As Go routes it: decoded, without version and query."""
        return _VERSION.sub("", unquote(self.target.partition("?")[0]))


@dataclass
class FakeDockerd:
    """Answers creations with ids, `/echo` and BuildKit with what comes after an upgrade, and the rest with 200."""

    folder: Path
    requests: list[Received] = field(default_factory=list)
    volumes: dict[str, dict[str, str]] = field(default_factory=dict)
    answers: dict[str, bytes] = field(default_factory=dict)
    """Whole answers by path, instead of those it would give; the connection closes behind them."""

    def __post_init__(self) -> None:
        self.path = self.folder / "dockerd.sock"
        self._listener = socket.socket(socket.AF_UNIX)

    @property
    def creations(self) -> list[Received]:
        """The requests that created something here."""
        return [each for each in self.requests if each.method == "POST" and each.path.endswith("/create")]

    @contextmanager
    def running(self) -> Iterator["FakeDockerd"]:
        self._listener.bind(str(self.path))
        self._listener.listen(300)
        Thread(target=self._accept, daemon=True).start()
        try:
            yield self
        finally:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as reader, suppress(OSError):
            while line := reader.readline():
                method, target, _ = line.decode().split(" ")
                fields: dict[str, list[str]] = {}
                while text := reader.readline().decode("latin-1").rstrip("\r\n"):
                    name, _, value = text.partition(":")
                    fields.setdefault(name.lower(), []).append(value.strip())
                if fields.get("expect") == ["100-continue"]:
                    connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                body = reader.read(int(fields.get("content-length", ["0"])[0]))
                if fields.get("transfer-encoding") == ["chunked"]:
                    while size := int(reader.readline(), 16):
                        body += reader.read(size)
                        reader.readline()
                    reader.readline()
                request = Received(method, target, fields, body)
                self.requests.append(request)
                if request.path in self.answers:
                    connection.sendall(self.answers[request.path])
                    return
                if request.path in _ECHOING and "upgrade" in fields:
                    connection.sendall(b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
                    while block := reader.read1():
                        connection.sendall(block)
                    connection.sendall(b"(end)")
                    return
                connection.sendall(self._answer(request))
                if "close" in ", ".join(fields.get("connection", [])):
                    return

    def _answer(self, request: Received) -> bytes:
        status, told = "200 OK", b"OK"
        if request in self.creations:
            status, told = "201 Created", json.dumps(self._create(request)).encode()
        if request.path == "/refuses-upgrades":
            status, told = "404 Not Found", b'{"message":"no such container"}'
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(told)}\r\n\r\n"
        return head.encode() + (b"" if request.method == "HEAD" else told)

    def _create(self, request: Received) -> dict[str, object]:
        if request.path == "/volumes/create":
            name = str(request.json.get("Name") or "anonymous")
            labels = request.json.get("Labels")
            kept = self.volumes.setdefault(name, labels if isinstance(labels, dict) else {})
            return {"Name": name, "Labels": kept}
        return {"Id": ID, "Warnings": []}
