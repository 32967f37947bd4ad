"""What each object takes of Docker's store on disk, measured there: Docker's own figures are apparent sizes.

The layout is that of dockerd's overlay2 driver (daemon/graphdriver/overlay2, layer/filestore.go) with BuildKit
(builder/builder-next): `overlay2/<id>` has the files, `image/overlay2/layerdb` says which `<id>` is which layer's or
container's, and what neither claims is a record of BuildKit where it is named as one.
"""

import os
import re
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from app.docker_quota.mounts import mounts_below
from app.docker_quota.settled import Settled, may_settle
from app.docker_quota.snapshots import read_snapshots
from app.docker_quota.walking import Account, Tally, TreeWalk, by_first
from app.quota.errors import DeviceUnavailableError

MOUNTINFO = Path("/proc/self/mountinfo")
DRIVER = "overlay2"
LEVELS = 5
CONTENT = "content"
"""The id of what BuildKit keeps besides its records: blobs of exporters and contexts."""
_ID = re.compile(r"[0-9a-z]{25}")
"""A record of BuildKit (identity.NewID: 25 characters, base 36); layers and containers have 64 hex digits."""
_OCTAL = re.compile(r"\\([0-7]{3})")
_MOUNT_POINT = 4
_LOGS = re.compile(r".*-json\.log(\.\d+(\.gz)?)?")


ANY = ""
_PLACES = (
    (("overlay2", ANY), "overlay"),
    (("overlay2", ANY, "diff"), "diff"),
    (("containers", ANY), "container"),
    (("volumes", ANY), "volume"),
    (("image", DRIVER, "layerdb", "sha256", ANY), "layerdb"),
    (("buildkit", CONTENT), "content"),
)
_WHERE = {"layerdb": 4}
"""Which of the names is the id; the second, unless it stands here."""
_NO_VOLUMES = {"metadata.db", "backingFsBlockDev"}


class ContainerSize(NamedTuple):
    """Bytes of a container: its writable layer with its directory; the logs are part of it."""

    bytes: int
    log_bytes: int


class LayerSize(NamedTuple):
    """A layer: the diff id it was made from, the chain id of the layer below (None at the bottom), and its bytes."""

    diff_id: str
    parent: str | None
    bytes: int


@dataclass(frozen=True, slots=True)
class Measured:
    """The store at one look. What belongs to no object is `overhead`; the sum of all is `used`. Bytes.

    Layers are by chain id (`sha256:…`), cache by record: that is the name of its directory. `snapshots` has this name
    by the id that the engine tells, where it is another. `free` is what unprivileged writers could still have.
    `filesystem_used` is None unless the store has a filesystem of its own.
    """

    used: int
    free: int
    overhead: int
    containers: Mapping[str, ContainerSize]
    layers: Mapping[str, LayerSize]
    volumes: Mapping[str, int]
    cache: Mapping[str, int]
    filesystem_used: int | None = None
    vanished: int = 0
    snapshots: Mapping[str, str] = field(default_factory=dict)


class _Layer(NamedTuple):
    cache_id: str
    diff_id: str
    parent: str | None


class LayerStore:
    """The store below `root`. Each `measure` walks it, but for what was walked before and is settled since."""

    def __init__(self, root: Path, mountinfo: Path = MOUNTINFO, settled: Settled | None = None) -> None:
        self._root = root
        self._mountinfo = mountinfo
        self._settled = settled or Settled()
        self._claimed: Collection[str] = ()

    def measure(self) -> Measured:
        """One look; what vanishes meanwhile counts nowhere. DeviceUnavailableError, BackendForbiddenError."""
        began_ns = time.time_ns()
        mounts = mounts_below(self._root, self._mount_points())
        walk = TreeWalk(
            self._root,
            _account_of,
            levels=LEVELS,
            mounts=mounts,
            may_settle=may_settle,
            remembered=self._settled.remembered(),
        )
        tally = walk.measure()
        self._settled.learn(tally, self._claimed, began_ns)
        layerdb = self._root / "image" / DRIVER / "layerdb"
        layers = dict(_layers(layerdb / "sha256"))
        mount_ids = dict(_mount_ids(layerdb / "mounts"))
        self._claimed = {layer.cache_id for layer in layers.values()} | set(mount_ids.values())
        measured = _sorted_out(tally, layers, mount_ids, *self._space())
        if not measured.cache:
            return measured
        return replace(measured, snapshots=read_snapshots(self._root / "buildkit" / "snapshots.db"))

    def _space(self) -> tuple[int, int | None]:
        """Free bytes, and those used where the filesystem is the store's own."""
        try:
            figures = os.statvfs(self._root)
            is_own = self._root.stat().st_dev != self._root.parent.stat().st_dev
        except OSError as error:
            raise DeviceUnavailableError(f"{self._root} cannot be read: {error.strerror}.") from error
        used = (figures.f_blocks - figures.f_bfree) * figures.f_frsize
        return min(figures.f_bavail, figures.f_bfree) * figures.f_frsize, used if is_own else None

    def _mount_points(self) -> Iterator[str]:
        """Of proc_pid_mountinfo(5), as seen before the walk: one that hangs must not even be looked at."""
        try:
            text = self._mountinfo.read_text(encoding="utf-8", errors="surrogateescape")
        except OSError as error:
            raise DeviceUnavailableError(f"The mounts of this host cannot be read: {error.strerror}.") from error
        for line in text.split("\n"):
            fields = line.split(" ")
            if len(fields) > _MOUNT_POINT:
                yield _OCTAL.sub(lambda match: chr(int(match[1], 8)), fields[_MOUNT_POINT])


def _account_of(path: Account) -> Account | None:
    if len(path) == 3 and path[0] == "containers":  # noqa: PLR2004 - containers/<id>/<file>
        is_log = path[2] == "local-logs" or _LOGS.fullmatch(path[2])
        return ("log", path[1]) if is_log else None
    for place, kind in _PLACES:
        if len(place) == len(path) and all(want in {ANY, found} for want, found in zip(place, path, strict=True)):
            return (kind, path[_WHERE.get(kind, 1)])
    return None


def _sorted_out(
    tally: Tally, layers: Mapping[str, _Layer], mount_ids: Mapping[str, str], free: int, filesystem_used: int | None
) -> Measured:
    sizes = {kind: by_first(tally.bytes_of, kind) for kind in ("overlay", "diff", "log", "layerdb", "content")}
    whole = {name: size + sizes["diff"].get(name, 0) for name, size in sizes["overlay"].items()}
    claimed = {layer.cache_id for layer in layers.values()} | set(mount_ids.values())
    containers = {}
    for name, own in by_first(tally.bytes_of, "container").items():
        logs = sizes["log"].get(name, 0)
        containers[name] = ContainerSize(own + logs + sizes["diff"].get(mount_ids.get(name, ""), 0), logs)
    measured_layers = {
        chain: LayerSize(
            layer.diff_id,
            layer.parent,
            sizes["layerdb"].get(chain.removeprefix("sha256:"), 0) + whole.get(layer.cache_id, 0),
        )
        for chain, layer in layers.items()
    }
    records = {name: size for name, size in whole.items() if name not in claimed and _ID.fullmatch(name)}
    volumes = {name: size for name, size in by_first(tally.bytes_of, "volume").items() if name not in _NO_VOLUMES}
    cache = records | {name: size for name, size in sizes["content"].items() if size}
    of_objects = (
        sum(size.bytes for size in containers.values())
        + sum(size.bytes for size in measured_layers.values())
        + sum(volumes.values())
        + sum(cache.values())
    )
    return Measured(
        used=tally.total,
        free=free,
        overhead=tally.total - of_objects,
        containers=containers,
        layers=measured_layers,
        volumes=volumes,
        cache=cache,
        filesystem_used=filesystem_used,
        vanished=tally.vanished,
    )


def _layers(folder: Path) -> Iterator[tuple[str, _Layer]]:
    for name in _names(folder):
        cache_id, diff_id = _read(folder / name / "cache-id"), _read(folder / name / "diff")
        if cache_id and diff_id:
            yield f"sha256:{name}", _Layer(cache_id, diff_id, _read(folder / name / "parent") or None)


def _mount_ids(folder: Path) -> Iterator[tuple[str, str]]:
    for name in _names(folder):
        if mount_id := _read(folder / name / "mount-id"):
            yield name, mount_id


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 - names are all that is wanted
    except FileNotFoundError:
        return []  # a store where nothing was ever made


def _read(file: Path) -> str:
    """What stands there, empty where it is gone or was never written."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""
