"""A slave's real app behind a real HTTP server on loopback, for masters and for the contract over HTTP."""

from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Self

from werkzeug.serving import WSGIRequestHandler, make_server

from tests.fakes.slave_app import READ, WRITE, SettableClock, SlaveUnderTest, empty_database, start_slave


class ServedSlave:
    """A mock host, or other backends, on a free port. `slave` is the app behind it."""

    def __init__(self, folder: Path, *, clock: SettableClock | None = None, **how: Any) -> None:
        """`how` goes to `start_slave`."""
        folder.mkdir(parents=True, exist_ok=True)
        self.slave: SlaveUnderTest = start_slave(empty_database(folder), clock=clock, **how)
        self._server = make_server("127.0.0.1", 0, self.slave.app, threaded=True, request_handler=_QuietHandler)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def entry(self, host_id: str) -> dict[str, Any]:
        """This host as it stands in a master's SLAVES."""
        return {"id": host_id, "url": self.url, "read_key": _as_json(READ), "write_key": _as_json(WRITE)}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self.slave.database.dispose()


class _QuietHandler(WSGIRequestHandler):
    """HTTP/1.1 as gunicorn speaks it, without a line for each request."""

    protocol_version = "HTTP/1.1"

    def log_request(self, *_: object) -> None:
        return


def _as_json(key: Any) -> dict[str, str]:
    return {"id": key.id, "secret": key.secret.get_secret_value()}
