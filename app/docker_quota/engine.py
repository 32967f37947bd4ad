"""The engine behind a socket, by the Docker SDK: the only file that knows the SDK."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from queue import Empty, Full, Queue
from threading import Lock, Thread
from typing import Any, TypeVar

import docker
import requests
import urllib3
from docker.errors import APIError, DockerException, NotFound

from app.docker_quota import parsing
from app.docker_quota.objects import (
    CacheRecord,
    Container,
    Detail,
    EngineDown,
    EngineInfo,
    EngineState,
    Estimate,
    EventNote,
    Image,
    Volume,
)

T = TypeVar("T")

DEFAULT_HOST = "unix:///var/run/docker.sock"
ANSWER_SECONDS = 20.0
ESTIMATE_SECONDS = 300.0
"""For the engine's own figures: it measures everything for them."""
CACHE_SECONDS = 120.0
_KNOWS_TYPES = (1, 42)
"""Since this version of the API `/system/df` can be asked for the build cache alone."""
_NOTES_IN_LINE = 100_000
_IS_REMOVED_ALREADY = "already in progress"
"""What the engine says of a container that is being removed, with status 409 (moby, daemon/delete.go)."""
_DAMAGED = (OSError, requests.RequestException, urllib3.exceptions.HTTPError)


class SdkEngine:
    """An `Engine` at `host` (as in DOCKER_HOST). It connects when it is first asked, and anew after a failure."""

    def __init__(self, host: str | None = None, *, timeout_seconds: float = ANSWER_SECONDS) -> None:
        """`timeout_seconds` bound each wait for the engine, connecting and reading alike."""
        self._host = host or DEFAULT_HOST
        self._timeout = timeout_seconds
        self._lock = Lock()
        self._client: Any = None
        self._layers: dict[str, tuple[str, ...]] = {}

    def info(self) -> EngineInfo | EngineDown:
        """See `Engine`."""
        return self._asked(lambda client: parsing.engine_info(client.version(), client.info()))

    def list_containers(self) -> Sequence[Container] | EngineDown:
        """See `Engine`."""
        return self._asked(lambda client: [parsing.container(each) for each in client.containers(all=True)])

    def list_images(self) -> Sequence[Image] | EngineDown:
        """See `Engine`. The layers of an image never change, so that each image is inspected once."""
        return self._asked(lambda client: list(self._images(client)))

    def list_volumes(self) -> Sequence[Volume] | EngineDown:
        """See `Engine`."""
        return self._asked(lambda client: [parsing.volume(each) for each in client.volumes().get("Volumes") or ()])

    def estimate(self) -> Estimate | EngineDown:
        """See `Engine`."""

        def ask(client: Any) -> Estimate:
            usage = client._result(client._get(client._url("/system/df"), timeout=ESTIMATE_SECONDS), json=True)  # noqa: SLF001 - the SDK's df() has no deadline of its own
            histories = {
                image_id: steps
                for each in usage.get("Images") or ()
                if (steps := _if_there(partial(client.history, image_id := each["Id"]))) is not None
            }
            return parsing.estimate(usage, client.containers(all=True, size=True), histories)

        return self._asked(ask)

    def build_cache(self) -> Mapping[str, CacheRecord] | EngineDown:
        """See `Engine`."""

        def ask(client: Any) -> Mapping[str, CacheRecord]:
            version = tuple(int(part) for part in client.api_version.split("."))
            only = {"type": "build-cache"} if version >= _KNOWS_TYPES else {}
            answer = client._get(client._url("/system/df"), params=only, timeout=CACHE_SECONDS)  # noqa: SLF001 - as above
            return parsing.build_cache(client._result(answer, json=True))  # noqa: SLF001 - as above

        return self._asked(ask)

    def detail(self, container_id: str) -> Detail | EngineDown | None:
        """See `Engine`."""
        return self._asked(lambda client: _if_there(lambda: parsing.detail(client.inspect_container(container_id))))

    def inspect(self, kind: str, object_id: str) -> Mapping[str, Any] | EngineDown | None:
        """See `Engine`."""

        def ask(client: Any) -> Mapping[str, Any] | None:
            by_kind = {
                "container": client.inspect_container,
                "image": client.inspect_image,
                "volume": client.inspect_volume,
            }
            return _if_there(lambda: parsing.shown(kind, by_kind[kind](object_id)))

        return self._asked(ask)

    def stop_container(self, container_id: str, timeout_seconds: int) -> bool | EngineDown:
        """See `Engine`."""

        def ask(client: Any) -> bool:
            return _is_there(lambda: client.stop(container_id, timeout=timeout_seconds))

        return self._asked(ask)

    def remove_container(self, container_id: str) -> bool | EngineDown:
        """See `Engine`."""

        def ask(client: Any) -> bool:
            try:
                return _is_there(lambda: client.remove_container(container_id))
            except APIError as error:
                if _IS_REMOVED_ALREADY not in str(error.explanation):
                    raise
                return True

        return self._asked(ask)

    def events(self, since: float | None = None) -> "SdkFeed | EngineDown":
        """See `Engine`."""
        return self._asked(lambda client: SdkFeed(client.events(since=None if since is None else int(since))))

    def close(self) -> None:
        """Closes what is connected; the next call connects anew."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _images(self, client: Any) -> Iterator[Image]:
        entries = client.images(all=True)
        self._layers = {key: its for key, its in self._layers.items() if key in {each["Id"] for each in entries}}
        for entry in entries:
            image_id = entry["Id"]
            if image_id not in self._layers:
                found = _if_there(lambda: parsing.layers_of(client.inspect_image(image_id)))  # noqa: B023 - called at once
                if found is None:
                    continue  # deleted since it was listed
                self._layers[image_id] = found
            yield parsing.image(entry, self._layers[image_id])

    def _asked(self, ask: Callable[[Any], T]) -> T | EngineDown:
        try:
            return ask(self._connected())
        except (*_DAMAGED, DockerException, *parsing.MALFORMED) as error:
            if not isinstance(error, APIError):
                self.close()
            return _down(error)

    def _connected(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = docker.APIClient(base_url=self._host, version="auto", timeout=self._timeout)
            return self._client


class SdkFeed:
    """An `EventFeed` with a thread that reads the stream and does nothing but put its lines in line."""

    def __init__(self, stream: Any) -> None:
        """`stream` gives chunks of the answer, and is closed by whoever has enough."""
        self._stream = stream
        self._line: Queue[bytes] = Queue(_NOTES_IN_LINE)
        self._is_over = False
        self._reader = Thread(target=self._read, name="docker events", daemon=True)
        self._reader.start()
        self._rest = b""
        self._is_damaged = False

    @property
    def ended(self) -> bool:
        """See `EventFeed`."""
        return self._is_damaged or (self._is_over and self._line.empty())

    def take(self, wait_seconds: float) -> Sequence[EventNote]:
        """See `EventFeed`."""
        chunks: list[bytes] = []
        with suppress(Empty):
            chunks.append(self._line.get(timeout=wait_seconds))
            while True:
                chunks.append(self._line.get_nowait())
        *lines, self._rest = (self._rest + b"".join(chunks)).split(b"\n")
        return list(self._notes(lines))

    def close(self) -> None:
        """See `EventFeed`."""
        with suppress(*_DAMAGED, *parsing.MALFORMED, DockerException):
            self._stream.close()

    def _notes(self, lines: Iterable[bytes]) -> Iterator[EventNote]:
        for line in lines:
            if not line.strip():
                continue
            try:
                note = parsing.event(json.loads(line))
            except parsing.MALFORMED:
                self._is_damaged = True
                return
            if note is not None:
                yield note

    def _read(self) -> None:
        with suppress(*_DAMAGED, *parsing.MALFORMED, DockerException, Full):
            for chunk in self._stream:
                self._line.put_nowait(chunk.encode() if isinstance(chunk, str) else chunk)
        self._is_over = True


def _if_there(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except NotFound:
        return None


def _is_there(change: Callable[[], object]) -> bool:
    try:
        change()
    except NotFound:
        return False
    return True


def _down(error: Exception) -> EngineDown:
    causes = list(_causes(error))
    if any(isinstance(each, requests.Timeout | TimeoutError | urllib3.exceptions.TimeoutError) for each in causes):
        return EngineDown(EngineState.SLOW, "The engine did not answer in time.")
    if any(isinstance(each, PermissionError) for each in causes):
        return EngineDown(EngineState.FORBIDDEN, "This process may not connect to the engine's socket.")
    if any(isinstance(each, FileNotFoundError | ConnectionError) for each in causes):
        return EngineDown(EngineState.STOPPED, "No engine listens at the socket.")
    if isinstance(error, APIError):
        return EngineDown(EngineState.FAILING, f"The engine answered with status {error.status_code}.")
    return EngineDown(EngineState.FAILING, "The engine answered with something that is not Docker's API.")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what is packed into it: the SDK, requests and urllib3 wrap each other's."""
    pending, seen = [error], set()
    while pending:
        each = pending.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        packed = (each.__cause__, each.__context__, *each.args)
        pending += [inner for inner in packed if isinstance(inner, BaseException)]
