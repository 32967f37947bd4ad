"""A master's real app behind a real HTTP server on loopback, and what may stand between it and a host."""

import ssl
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import NamedTuple, Self

import requests
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server


class ServedApp:
    """Any app on a free port; by https with the certificate of this context."""

    def __init__(self, app: Flask, tls: ssl.SSLContext | None = None) -> None:
        self._scheme = "http" if tls is None else "https"
        self._server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet, ssl_context=tls)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_: object) -> None:
        return


class Heard(NamedTuple):
    """One call as it went over the wire."""

    path: str
    headers: dict[str, str]
    body: bytes
    status: int
    answer: bytes


class EavesdroppingProxy:
    """Stands between a host and the master at `url`: hears all, and may alter what passes."""

    def __init__(self, url: str) -> None:
        self.heard: list[Heard] = []
        self.alter_request: Callable[[bytes], bytes] = lambda body: body
        self.alter_answer: Callable[[bytes], bytes] = lambda body: body
        self._master = url
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def forward(self, path: str, headers: dict[str, str], body: bytes) -> Heard:
        """To the master, and what it says."""
        body = self.alter_request(body)
        kept = {name: value for name, value in headers.items() if name.lower() not in {"content-length", "host"}}
        answer = requests.post(self._master + path, data=body, headers=kept, timeout=10)
        heard = Heard(path, kept, body, answer.status_code, self.alter_answer(answer.content))
        self.heard.append(heard)
        return heard

    def replay(self, heard: Heard) -> requests.Response:
        """The same call once more, as it was."""
        return requests.post(self._master + heard.path, data=heard.body, headers=heard.headers, timeout=10)

    @property
    def everything(self) -> bytes:
        """All that passed."""
        return b"".join(repr(heard.headers).encode() + heard.body + heard.answer for heard in self.heard)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    proxy: EavesdroppingProxy


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        heard = self.server.proxy.forward(self.path, dict(self.headers.items()), body)
        self.send_response(heard.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(heard.answer)))
        self.end_headers()
        self.wfile.write(heard.answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is BaseHTTPRequestHandler's
        """Quiet."""
