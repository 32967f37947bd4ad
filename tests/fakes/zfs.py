"""A host's `zfs` and `zpool` in memory: they print what ZFS 2.1 prints, and fail and hang as it does."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock

from app.backends.command import ToolFailedError
from app.backends.zfs.backend import ZfsBackend
from app.backends.zfs.datasets import Sources
from app.quota.errors import BackendError

OWNERS = {"user": "userspace", "group": "groupspace", "project": "projectspace"}


@dataclass
class FakeDataset:
    """Figures by property, such as `userquota@1000`; `-` where none stands."""

    name: str
    figures: dict[str, int] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    locked: bool = False
    has_key: bool = True


class FakeZfs:
    """Stands in the place of `run_tool`.

    `suspended` and `hanging` are names of pools: tools on a suspended one fail, tools on a hanging one do not come back
    before `release`. `list` of all pools together leaves suspended ones out and ends well, as the real one does.
    """

    def __init__(self, *datasets: str, objects: bool = True, projects: bool = True) -> None:
        self.datasets = {name: FakeDataset(name) for name in datasets}
        self.features = ("active" if objects else "disabled", "active" if projects else "disabled")
        self.suspended: set[str] = set()
        self.hanging: set[str] = set()
        self.calls: list[tuple[str, ...]] = []
        self.broken: str | None = None
        self.inside = 0
        self._lock = Lock()
        self._released = Event()

    def release(self) -> None:
        self.hanging.clear()
        self._released.set()

    def backend(self, folder: Path, *configured: str, timeout_seconds: float = 20.0, mounts: str = "") -> ZfsBackend:
        """A backend on this host; `mounts` is what mountinfo tells."""
        (folder / "mountinfo").write_text(mounts)
        sources = Sources(folder / "kstat", folder / "zfs_txg_timeout", folder / "mountinfo")
        return ZfsBackend(configured, timeout_seconds=timeout_seconds, run=self, sources=sources)

    def __call__(self, argv: Sequence[str], *, timeout_seconds: float) -> bytes:
        self.calls.append(tuple(argv))
        if self.broken is not None:
            raise BackendError(self.broken)
        if argv[:2] == ("zpool", "list"):
            return self._zpool_list()
        names = self._names(argv)
        self._wait_for({name.partition("/")[0] for name in names})
        if argv[1] == "list":
            return self._zfs_list(names)
        if argv[1] == "set":
            return self._set(self._open(names[0]), argv[2:-1])
        found = self._open(names[0])
        return self._get(found, argv[-2]) if argv[1] == "get" else self._space(found, argv[1])

    def _names(self, argv: Sequence[str]) -> Sequence[str]:
        if argv[1] != "list":
            return argv[-1:]
        if "-r" in argv:
            pool = argv[-1]
            return [pool, *(name for name in self.datasets if name.startswith(f"{pool}/"))]
        return argv[7:]

    def _wait_for(self, pools: set[str]) -> None:
        with self._lock:
            self.inside += 1
        try:
            if pools & self.hanging:
                self._released.wait(60)
        finally:
            with self._lock:
                self.inside -= 1

    def _zpool_list(self) -> bytes:
        pools = sorted({name.partition("/")[0] for name in self.datasets})
        health = {pool: "SUSPENDED" if pool in self.suspended else "ONLINE" for pool in pools}
        return _lines([(pool, health[pool], *self.features) for pool in pools])

    def _open(self, name: str) -> FakeDataset:
        if name.partition("/")[0] in self.suspended:
            raise _failed(f"cannot open '{name}': pool I/O is currently suspended")
        if name not in self.datasets:
            raise _failed(f"cannot open '{name}': dataset does not exist")
        return self.datasets[name]

    def _zfs_list(self, names: Sequence[str]) -> bytes:
        rows = []
        for found in map(self._open, names):
            key = "-" if not found.locked else "available" if found.has_key else "unavailable"
            encryption = "aes-256-gcm" if found.locked else "off"
            told = {"readonly": "off", "encryption": encryption, "keystatus": key, "canmount": "on"} | found.properties
            rows.append((found.name, *(told[name] for name in ("readonly", "encryption", "keystatus", "canmount"))))
        return _lines(rows)

    def _get(self, found: FakeDataset, asked: str) -> bytes:
        if asked == "keystatus":
            return b"unavailable\n" if not found.has_key else b"-\n"
        return _lines([(name, self._value(found, name.replace("@+", "@"))) for name in asked.split(",")])

    def _value(self, found: FakeDataset, name: str) -> str:
        if "@" not in name:
            return found.properties.get(name, "0")
        if not found.has_key or ("obj" in name and self.features[0] == "disabled"):
            return "-"
        return str(found.figures.get(name, 0))

    def _space(self, found: FakeDataset, tool: str) -> bytes:
        if not found.has_key:
            raise _failed(f"cannot get used/quota for {found.name}: permission denied", 255)
        owner = next(prefix for prefix, its in OWNERS.items() if its == tool)
        kinds = [f"{owner}{kind}@" for kind in ("used", "quota", "objused", "objquota")]
        ids = {name.partition("@")[2] for name, value in found.figures.items() if value and name.startswith(owner)}
        return _lines([(its, *(str(found.figures.get(f"{kind}{its}", "-")) for kind in kinds)) for its in sorted(ids)])

    def _set(self, found: FakeDataset, changes: Sequence[str]) -> bytes:
        if not found.has_key:
            raise _failed(f"cannot set property for '{found.name}': permission denied")
        for change in changes:
            name, _, value = change.replace("@+", "@").partition("=")
            found.figures[name] = 0 if value == "none" else int(value)
        return b""


def _failed(said: str, status: int = 1) -> ToolFailedError:
    return ToolFailedError("zfs", status, f"{said}\n")


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    return "".join("\t".join(row) + "\n" for row in rows).encode()
