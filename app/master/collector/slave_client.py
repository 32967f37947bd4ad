"""Talks to slaves: one reading, one change. What goes wrong is told by a code, never by an exception of a library."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

from pydantic import BaseModel, RootModel, ValidationError
from urllib3 import BaseHTTPResponse, Timeout, exceptions

from app import __version__
from app.auth.signatures import signature_headers
from app.master.collector.connection import CONNECT_SECONDS, Connections, Deadline, Watchdog
from app.master.errors import HostFailedError, HostRefusedError, HostSuspendedError, HostTimeoutError, SlaveRefusedError
from app.master.fleet import HostEntry
from app.master.wire.hosts import FetchProblemCode
from app.quota.clock import Clock
from app.quota.errors import FieldFault, QmanError
from app.web.problems import PROBLEMS, FieldFaultOut
from app.web.quota_rows import DeviceOut
from app.web.wire import Out, has_nul

READ_SECONDS = 10.0
CHANGE_SECONDS = 12.0
MAX_BODY_BYTES = 16 * 2**20
_CHUNK_BYTES = 2**16
_TOO_LATE = "The host did not answer in time."
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": f"qman/{__version__}"}
_REFUSALS = {503, 507}
"""With these a slave says that nothing was changed: it cannot now, or has no space to write down that it does."""


M = TypeVar("M", bound=BaseModel)


class DevicesOut(RootModel[list[DeviceOut]]):
    """The body of `GET /remote-api/quotas`."""


class SlaveProblem(Out):
    """What matters of a slave's problem document."""

    code: str
    detail: str = ""
    errors: list[FieldFaultOut] = []


class FetchError(Exception):
    """A reading failed; `code` is one of `FetchProblemCode`."""

    def __init__(self, code: FetchProblemCode, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Reading:
    """What a slave answered; `body` None: nothing has changed since the ETag that was sent."""

    body: bytes | None
    etag: str | None
    version: str | None

    def devices(self) -> list[DeviceOut]:
        """The body understood, which costs as much as all the rest. FetchError."""
        body = self.body or b""
        if has_nul(body):
            raise FetchError("garbage", "There are NUL characters in the answer.")
        try:
            return DevicesOut.model_validate_json(body).root
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"])
            raise FetchError(
                "garbage", f"The answer is not a list of devices with quotas (at {where or 'its start'})."
            ) from error


class SlaveClient:
    """HTTP to all slaves of a fleet, safe to use from many threads."""

    def __init__(
        self,
        clock: Clock,
        *,
        hosts: int,
        read_seconds: float = READ_SECONDS,
        change_seconds: float = CHANGE_SECONDS,
    ) -> None:
        """`hosts`: about how many there are, for the size of the pool. The deadlines are for an exchange in all."""
        self._clock = clock
        self._read_seconds = read_seconds
        self._change_seconds = change_seconds
        self._watchdog = Watchdog()
        self._connections = Connections(hosts=hosts)

    def close(self) -> None:
        """Closes all connections."""
        self._connections.close()

    def read(self, host: HostEntry, etag: str | None) -> Reading:
        """All quotas of the host. FetchError."""
        headers = {"If-None-Match": f'"{etag}"'} if etag else {}
        with self._exchange(self._read_seconds) as deadline:
            response = self._send("GET", host, "/remote-api/quotas", deadline, headers=headers)
            with response:
                version = response.headers.get("Qman-Version", "")[:50] or None
                if response.status == HTTPStatus.NOT_MODIFIED and etag:
                    response.drain_conn()
                    if _opaque(response.headers.get("ETag")) != etag:  # RFC 9110, 15.4.5: it comes with the ETag
                        raise FetchError("garbage", "The host says that nothing has changed, but not since when.")
                    return Reading(None, etag, version)
                _check_status(response)
                body = _bounded_body(response, deadline)
        return Reading(body, _opaque(response.headers.get("ETag")), version)

    def fetch(self, host: HostEntry, path: str, answer: type[M]) -> M:
        """Something else that the host has. FetchError."""
        with self._exchange(self._read_seconds) as deadline:
            response = self._send("GET", host, path, deadline)
            with response:
                _check_status(response)
                body = _bounded_body(response, deadline)
        if has_nul(body):
            raise FetchError("garbage", "There are NUL characters in the answer.")
        try:
            return answer.model_validate_json(body)
        except ValidationError as error:
            raise FetchError("garbage", f"The answer to {path} is not as it should be.") from error

    def change(self, host: HostEntry, method: str, path: str, body: bytes, answer: type[M]) -> M:
        """Sends a change with the write key and gives the slave's answer.

        HostSuspendedError, HostRefusedError: nothing was sent. SlaveRefusedError: the slave says no, with its own code.
        HostTimeoutError, HostFailedError: what became of it is not known.
        """
        if host.suspended:
            raise HostSuspendedError(f"{host.id} is suspended. Resume it first.")
        with told_as_host_error(), self._exchange(self._change_seconds) as deadline:
            response = self._send(method, host, path, deadline, body=body)
            with response:
                answered = _bounded_body(response, deadline)
        if has_nul(answered):
            raise HostFailedError("There are NUL characters in the answer of the host.")
        if response.status == HTTPStatus.OK:
            try:
                return answer.model_validate_json(answered)
            except ValidationError as error:
                raise HostFailedError("The host took the change, but its answer is not as it should be.") from error
        raise _refusal(response.status, answered)

    def _send(
        self,
        method: str,
        host: HostEntry,
        path: str,
        deadline: Deadline,
        *,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> BaseHTTPResponse:
        place = self._connections.place(host.url, host.ca_file)
        key = host.read_key if method == "GET" else host.write_key
        return place.pool.urlopen(
            method,
            place.base_path + path,
            body=body,
            headers={
                **_HEADERS,
                **(headers or {}),
                **({"Content-Type": "application/json"} if body is not None else {}),
                **signature_headers(method, place.url + path, body or b"", key, self._clock()),
            },
            timeout=Timeout(connect=CONNECT_SECONDS, read=deadline.remaining_seconds),
            redirect=False,
            retries=False,
            preload_content=False,
        )

    @contextmanager
    def _exchange(self, seconds: float) -> Iterator[Deadline]:
        """One request and its answer within so many seconds; whatever goes wrong is a FetchError."""
        with self._watchdog.watching(seconds) as deadline:
            try:
                yield deadline
            except (exceptions.HTTPError, ValueError) as error:
                raise _connection_fault(error, deadline) from error


@contextmanager
def told_as_host_error() -> Iterator[None]:
    """A FetchError of the block becomes HostRefusedError, HostTimeoutError or HostFailedError."""
    try:
        yield
    except FetchError as error:
        if error.code in {"refused", "tls"}:
            raise HostRefusedError(error.detail) from error
        if error.code == "timeout":
            raise HostTimeoutError(f"{_TOO_LATE} The next reading shows what became of it.") from error
        raise HostFailedError(error.detail) from error


def _connection_fault(error: Exception, deadline: Deadline) -> FetchError:
    if not deadline.passed and isinstance(error, exceptions.NewConnectionError):  # to urllib3 a kind of time-out
        return FetchError("refused", "The host refused the connection, or cannot be reached.")
    if deadline.passed or isinstance(error, exceptions.TimeoutError):
        return FetchError("timeout", _TOO_LATE)
    if isinstance(error, exceptions.SSLError):
        return FetchError("tls", "The certificate of the host is not accepted.")
    if isinstance(error, exceptions.ProtocolError):
        return FetchError("garbage", "The host closed the connection before its answer was complete.")
    return FetchError("garbage", "The answer of the host is not HTTP as it should be.")


def _check_status(response: BaseHTTPResponse) -> None:
    status = response.status
    if status in {401, 403}:
        raise FetchError("unauthorized", "The host does not accept the master's key.")
    if 300 <= status < 400:  # noqa: PLR2004 - redirects
        raise FetchError("redirected", "The host answered with a redirect, which is never followed.")
    if status != HTTPStatus.OK:
        raise FetchError("http_error", f"The host answered with status {status}.")


def _bounded_body(response: BaseHTTPResponse, deadline: Deadline) -> bytes:
    announced = response.headers.get("Content-Length", "")
    if announced.isdigit() and int(announced) > MAX_BODY_BYTES:
        raise FetchError("too_large", f"The answer of the host is larger than {MAX_BODY_BYTES // 2**20} MiB.")
    chunks, size = [], 0
    for chunk in response.stream(_CHUNK_BYTES, decode_content=True):
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise FetchError("too_large", f"The answer of the host is larger than {MAX_BODY_BYTES // 2**20} MiB.")
        if time.monotonic() > deadline.ends_at:
            raise FetchError("timeout", _TOO_LATE)
    if deadline.passed:
        raise FetchError("timeout", _TOO_LATE)
    return b"".join(chunks)


def _opaque(header: str | None) -> str | None:
    """The ETag without quotes and without a compression's suffix."""
    return header.removeprefix("W/").strip('"').split(":", 1)[0][:200] if header else None


def _refusal(status: int, body: bytes) -> QmanError:
    if status in {401, 403}:
        return HostFailedError("The host does not accept the master's key for changes.")
    try:
        problem = SlaveProblem.model_validate_json(body)
    except ValidationError:
        return HostFailedError(f"The host answered with status {status}.")
    is_refusal = status < 500 or status in _REFUSALS  # noqa: PLR2004 - failures of the host itself
    if problem.code not in PROBLEMS or PROBLEMS[problem.code][0] != status or not is_refusal:
        return HostFailedError(f"The host answered with status {status}: {problem.detail[:200]}")
    refusal = SlaveRefusedError(problem.code, problem.detail[:500])
    refusal.fields = tuple(FieldFault(fault.field, fault.found, fault.expected) for fault in problem.errors)
    return refusal
