"""What an engine tells of itself and its objects, and the seam behind which a real one or a fake stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, Protocol


class ObjectKind(StrEnum):
    """What of Docker's store can be somebody's."""

    CONTAINER = "container"
    IMAGE = "image"
    LAYER = "layer"
    VOLUME = "volume"
    CACHE = "cache"


class EngineState(StrEnum):
    """Why an engine cannot be asked."""

    STOPPED = "stopped"
    FORBIDDEN = "forbidden"
    SLOW = "slow"
    FAILING = "failing"


class Flavour(StrEnum):
    """Whose engine answers at the socket."""

    DOCKER = "docker"
    PODMAN = "podman"


class Store(StrEnum):
    """How the engine keeps images: what can be measured follows from it."""

    LAYERDB = "layerdb"
    CONTAINERD = "containerd"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class EngineDown:
    """The engine does not answer as it should. A state that passes, never a reason to forget anything."""

    state: EngineState
    detail: str


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """The engine that answers. `lacks` says in sentences what of it cannot be known."""

    flavour: Flavour
    version: str
    store: Store
    driver: str
    data_root: str
    lacks: tuple[str, ...] = ()

    @property
    def estimated(self) -> bool:
        """Are figures the engine's own, since its store is not one that can be measured?"""
        return self.store is not Store.LAYERDB


class Mount(NamedTuple):
    """A volume in a container; bind mounts are no part of Docker's store."""

    volume: str
    destination: str


@dataclass(frozen=True, slots=True)
class Container:
    """A container as the list has it. `created_at` is in whole seconds there; `Detail` has nanoseconds."""

    id: str
    name: str
    image: str
    image_id: str
    state: str
    created_at: int
    labels: Mapping[str, str] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()


@dataclass(frozen=True, slots=True)
class Detail:
    """What only an inspect tells of a container, and what never changes of it."""

    created_ns: int
    auto_remove: bool


@dataclass(frozen=True, slots=True)
class Image:
    """An image. `layers` are the diff ids (`sha256:…`, 71 characters) from the lowest up."""

    id: str
    tags: tuple[str, ...]
    created_at: int
    layers: tuple[str, ...]
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume. `created_at` in Unix seconds, 0 where the engine does not say."""

    name: str
    driver: str
    created_at: int
    labels: Mapping[str, str] = field(default_factory=dict)
    anonymous: bool = False


class ImageSize(NamedTuple):
    """The engine's own figures of an image: `steps` are those of its history, oldest first, 0 for ENV and the like."""

    total: int
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """The engine's own figures in bytes, by id or name: apparent sizes, without logs."""

    containers: Mapping[str, int]
    images: Mapping[str, ImageSize]
    volumes: Mapping[str, int]
    cache: Mapping[str, int]


class CacheRecord(NamedTuple):
    """What the engine tells of a record of its build cache. Unix nanoseconds, `last_used_ns` None before a first use.

    `in_use`: a build has it at this moment. `shared`: an image has it too, so that its removal frees nothing.
    """

    created_ns: int
    last_used_ns: int | None
    in_use: bool
    shared: bool
    usage_count: int


class EventNote(NamedTuple):
    """That something happened to an object. Who did it, and with what command, no event tells or is kept."""

    kind: str
    action: str
    id: str
    time_ns: int


class EventFeed(Protocol):
    """A subscription. Its reader does nothing but put notes in line; nobody need be fast."""

    def take(self, wait_seconds: float) -> Sequence[EventNote]:
        """What is in line, after a wait for the first at most so long; empty where nothing came."""

    @property
    def ended(self) -> bool:
        """Is the line dead, or were notes lost? Then only a full listing tells what is there."""

    def close(self) -> None:
        """Gives the subscription up."""


class Engine(Protocol):
    """An engine with Docker's API. Each call is bounded in time, and answers `EngineDown` instead of raising.

    Every method is safe to call from several threads.
    """

    def info(self) -> EngineInfo | EngineDown:
        """What answers there."""

    def list_containers(self) -> Sequence[Container] | EngineDown:
        """All, also stopped ones, without sizes: those are measured."""

    def list_images(self) -> Sequence[Image] | EngineDown:
        """All, also untagged and intermediate ones."""

    def list_volumes(self) -> Sequence[Volume] | EngineDown:
        """All."""

    def estimate(self) -> Estimate | EngineDown:
        """The engine's own figures, for a store that cannot be measured. May take minutes: nothing waits for it."""

    def build_cache(self) -> Mapping[str, CacheRecord] | EngineDown:
        """The records of the build cache by id. Older engines measure all they have for it: nothing waits for it."""

    def detail(self, container_id: str) -> Detail | EngineDown | None:
        """What only an inspect tells; None where there is no such container."""

    def inspect(self, kind: str, object_id: str) -> Mapping[str, Any] | EngineDown | None:
        """What may be shown of a `container`, `image` or `volume`, never environment, command lines or options.

        None where there is no such object.
        """

    def stop_container(self, container_id: str, timeout_seconds: int) -> bool | EngineDown:
        """Stops it, also where it is paused; killed after the time-out. True: it does not run; False: there is none."""

    def remove_container(self, container_id: str) -> bool | EngineDown:
        """Removes one that does not run; its volumes stay. False: there is none. Of one that runs: `EngineDown`."""

    def events(self, since: float | None = None) -> EventFeed | EngineDown:
        """Subscribed when this is back. `since` (Unix seconds) replays what the engine still has, 256 at most."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One full look at an engine. `cache` is what it last told of records, by their directory or else their id."""

    info: EngineInfo
    containers: Sequence[Container] = ()
    images: Sequence[Image] = ()
    volumes: Sequence[Volume] = ()
    details: Mapping[str, Detail] = field(default_factory=dict)
    cache: Mapping[str, CacheRecord] = field(default_factory=dict)
