"""An engine in memory, which can be down, slow or restarted."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any, TypeVar

from app.docker_quota.objects import (
    CacheRecord,
    Container,
    Detail,
    EngineDown,
    EngineInfo,
    EngineState,
    Estimate,
    EventNote,
    Flavour,
    Image,
    Mount,
    Store,
    Volume,
)

T = TypeVar("T")

NOW = 1_790_000_000
INFO = EngineInfo(Flavour.DOCKER, "20.10.24", Store.LAYERDB, "overlay2", "/var/lib/docker")


class FakeFeed:
    """The notes since the subscription. `lose` is what a stalled reader sees: notes are gone, without an error."""

    def __init__(self, notes: Sequence[EventNote] = ()) -> None:
        self.line = deque(notes)
        self.ended = False

    def take(self, wait_seconds: float) -> Sequence[EventNote]:
        taken = list(self.line)
        self.line.clear()
        return taken

    def lose(self) -> None:
        self.line.clear()

    def close(self) -> None:
        self.ended = True


class FakeEngine:
    """Keeps what a test makes. While `down` is set every call answers with it, or those from `down_from` on."""

    def __init__(self, info: EngineInfo = INFO) -> None:
        self.its_info = info
        self.down: EngineDown | None = None
        self.down_from = ""
        self.containers: dict[str, Container] = {}
        self.images: dict[str, Image] = {}
        self.volumes: dict[str, Volume] = {}
        self.estimates = Estimate({}, {}, {}, {})
        self.feeds: list[FakeFeed] = []
        self.notes: list[EventNote] = []
        self.calls: list[str] = []
        self.changes: list[tuple[str, str]] = []
        self.auto_removed: set[str] = set()
        self.before_images: Callable[[], object] = lambda: None
        """Called when images are listed, before they are."""
        self.cache: dict[str, CacheRecord] = {}
        self.cache_down: EngineDown | None = None
        self.before_cache: Callable[[], object] = lambda: None
        """Called when the build cache is asked for, before it is told."""
        self._numbers = count(1)

    def add_image(self, name: str, *layers: str, labels: Mapping[str, str] | None = None) -> str:
        image_id = f"sha256:{next(self._numbers):064x}"
        self.images[image_id] = Image(image_id, (name,), NOW, layers, labels or {})
        return image_id

    def add_volume(self, name: str, *, anonymous: bool = False, labels: Mapping[str, str] | None = None) -> str:
        self.volumes[name] = Volume(name, "local", NOW, labels or {}, anonymous=anonymous)
        self.tell("volume", "create", name)
        return name

    def add_container(self, name: str, image: str = "", *volumes: str, labels: Mapping[str, str] | None = None) -> str:
        number = next(self._numbers)
        container_id = f"{number:064x}"
        mounts = tuple(Mount(volume, f"/{volume}") for volume in volumes)
        made = Container(container_id, name, image, image, "created", NOW + number, labels or {}, mounts)
        self.containers[container_id] = made
        self.tell("container", "create", container_id)
        return container_id

    def stop(self, down: EngineDown) -> None:
        self.down = down
        for feed in self.feeds:
            feed.ended = True

    def start(self) -> None:
        self.down = None

    def info(self) -> EngineInfo | EngineDown:
        return self._answer("info", self.its_info)

    def list_containers(self) -> Sequence[Container] | EngineDown:
        return self._answer("list_containers", list(self.containers.values()))

    def list_images(self) -> Sequence[Image] | EngineDown:
        self.before_images()
        return self._answer("list_images", list(self.images.values()))

    def list_volumes(self) -> Sequence[Volume] | EngineDown:
        return self._answer("list_volumes", list(self.volumes.values()))

    def estimate(self) -> Estimate | EngineDown:
        return self._answer("estimate", self.estimates)

    def build_cache(self) -> Mapping[str, CacheRecord] | EngineDown:
        self.before_cache()
        answer = self._answer("build_cache", dict(self.cache))
        return self.cache_down or answer

    def detail(self, container_id: str) -> Detail | EngineDown | None:
        found = self.containers.get(container_id)
        return self._answer(
            "detail",
            Detail(found.created_at * 10**9 + 5, auto_remove=container_id in self.auto_removed) if found else None,
        )

    def inspect(self, kind: str, object_id: str) -> Mapping[str, Any] | EngineDown | None:
        places: Mapping[str, Mapping[str, Any]] = {
            "container": self.containers,
            "image": self.images,
            "volume": self.volumes,
        }
        found = places[kind].get(object_id)
        shown = {"name": object_id} if kind == "volume" else {"id": object_id}
        return self._answer("inspect", {"labels": {}, **shown} if found else None)

    def run(self, container_id: str, state: str = "running") -> str:
        """Has it run, or be in another state."""
        self.containers[container_id] = replace(self.containers[container_id], state=state)
        return container_id

    def stop_container(self, container_id: str, timeout_seconds: int) -> bool | EngineDown:
        if (found := self.containers.get(container_id)) is None:
            return self._answer("stop_container", answer=False)
        answer = self._answer("stop_container", answer=True)
        if answer is True:
            self.changes.append(("stop", found.name))
            self.containers[container_id] = replace(found, state="exited")
            if container_id in self.auto_removed:
                self.remove_container(container_id)
        return answer

    def remove_container(self, container_id: str) -> bool | EngineDown:
        if (found := self.containers.get(container_id)) is None:
            return self._answer("remove_container", answer=False)
        if found.state in {"running", "paused", "restarting"}:
            return EngineDown(EngineState.FAILING, "The engine answered with status 409.")
        answer = self._answer("remove_container", answer=True)
        if answer is True:
            self.changes.append(("remove", found.name))
            del self.containers[container_id]
            self.tell("container", "destroy", container_id)
        return answer

    def events(self, since: float | None = None) -> FakeFeed | EngineDown:
        replayed = () if since is None else [note for note in self.notes if note.time_ns >= since * 10**9][-256:]
        feed = self._answer("events", FakeFeed(replayed))
        if isinstance(feed, FakeFeed):
            self.feeds.append(feed)
        return feed

    def _answer(self, call: str, answer: T) -> T | EngineDown:
        self.calls.append(call)
        if call == self.down_from:
            self.down_from = ""
        return answer if self.down is None or self.down_from else self.down

    def tell(self, kind: str, action: str, object_id: str) -> None:
        note = EventNote(kind, action, object_id, (NOW + next(self._numbers)) * 10**9)
        self.notes.append(note)
        for feed in self.feeds:
            feed.line.append(note)
