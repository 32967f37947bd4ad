"""Which datasets this host has: of every pool, or those that are configured."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from app.backends.mountinfo import MOUNTINFO, Mount, read_mounts, shown
from app.backends.zfs.listing import Answer, PoolListing
from app.backends.zfs.parsing import (
    DATASET_FIELDS,
    NOTHING,
    POOL_FIELDS,
    Dataset,
    Pool,
    parse_datasets,
    parse_pools,
    pool_of,
)
from app.backends.zfs.tools import PoolTools, Run, run_zfs
from app.quota.errors import BackendError, DeviceUnavailableError
from app.quota.values import Accounting, AccountingState, Capabilities, Device, DeviceKind, QuotaType

_DEFAULT_TXG_SECONDS = 5
_PATIENCE = 0.5
"""The part of a tool's time that the list of devices waits for a pool."""
_ZPOOL_LIST = ("zpool", "list", "-Hp", "-o", POOL_FIELDS)
_ZFS_LIST = ("zfs", "list", "-Hp", "-t", "filesystem", "-o", DATASET_FIELDS)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the kernel tells of itself: state of the pools, seconds between two transaction groups, mounts."""

    kstat: Path = Path("/proc/spl/kstat/zfs")
    txg_timeout: Path = Path("/sys/module/zfs/parameters/zfs_txg_timeout")
    mountinfo: Path = MOUNTINFO


class Datasets:
    """The datasets as devices. A pool that is suspended or hangs keeps those it had, and takes no other pool along."""

    def __init__(self, configured: Sequence[str], run: Run, timeout_seconds: float, sources: Sources) -> None:
        """`configured`: only these, whether they are there or not; none means all of every pool."""
        self._configured = frozenset(configured)
        self._run = run
        self._timeout_seconds = timeout_seconds
        self._sources = sources
        self._lock = Lock()
        self._tools: dict[str, PoolTools] = {}
        self._listings: dict[str, PoolListing] = {}
        self._told: dict[str, Answer] = {}
        self._devices: dict[str, Device] = {}

    def look(self) -> Sequence[Device]:
        """The datasets now, sorted by name. BackendError: which pools there are cannot be had."""
        mounts = read_mounts({"zfs"}, self._sources.mountinfo)
        text = run_zfs(self._run, _ZPOOL_LIST, self._timeout_seconds)
        wanted = {pool_of(name) for name in self._configured}
        pools = {pool.name: pool for pool in parse_pools(text) if not wanted or pool.name in wanted}
        datasets = {name: unknown_dataset(name) for name in self._configured}
        datasets.update((dataset.name, dataset) for dataset in self._ask(pools, mounts))
        accounting = Accounting(AccountingState.DELAYED, self._txg_seconds())
        found = [
            _device(datasets[name], pools.get(pool_of(name)), mounts, accounting)
            for name in sorted(datasets)
            if not self._configured or name in self._configured
        ]
        self._devices.update((device.name, device) for device in found)
        return found

    def find(self, name: str) -> Device | None:
        """The dataset as it was last seen, however long ago; None when it never was. BackendError: as `look`."""
        if name not in self._devices:
            self.look()
        return self._devices.get(name)

    def tools(self, dataset: str) -> PoolTools:
        """What runs tools on the dataset's pool."""
        pool = pool_of(dataset)
        with self._lock:
            if pool not in self._tools:
                self._tools[pool] = PoolTools(pool, self._run, self._timeout_seconds, self._sources.kstat)
            return self._tools[pool]

    def _ask(self, pools: Mapping[str, Pool], mounts: Iterable[Mount]) -> Iterable[Dataset]:
        """What each pool tells, all asked at once; of one that does not, what it told last and has mounted.

        `zfs list` for all pools together would end well and leave out those that are suspended.
        """
        listings = [self._listing(pool.name) for pool in pools.values() if not pool.is_suspended]
        asked = [(listing, listing.begin()) for listing in listings]
        silent = {pool.name for pool in pools.values() if pool.is_suspended}
        for listing, answer in asked:
            try:
                self._told[listing.pool] = listing.get(answer, _PATIENCE * self._timeout_seconds)
            except BackendError:
                silent.add(listing.pool)
        for name in pools:
            if name in silent:
                yield from _in_silence(name, mounts)
            yield from self._told.get(name, ())

    def _listing(self, pool: str) -> PoolListing:
        with self._lock:
            if pool not in self._listings:
                self._listings[pool] = PoolListing(pool, lambda: self._list(pool))
            return self._listings[pool]

    def _list(self, pool: str) -> Answer:
        """The pool's datasets, or those configured that are there. May hang."""
        tools = self.tools(pool)
        names = sorted(name for name in self._configured if pool_of(name) == pool)
        if not names:
            return parse_datasets(tools.run(*_ZFS_LIST, "-r", pool))
        try:
            return parse_datasets(tools.run(*_ZFS_LIST, *names))
        except DeviceUnavailableError:  # one of them is not there: which?
            return [dataset for name in names for dataset in _one(tools, name)]

    def _txg_seconds(self) -> int:
        try:
            return int(self._sources.txg_timeout.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return _DEFAULT_TXG_SECONDS


def unknown_dataset(name: str) -> Dataset:
    """A dataset that nobody has told of: what reading it says will be its reason."""
    return Dataset(name, is_readonly=False, encryption=NOTHING, has_key=True, canmount="on")


def _one(tools: PoolTools, name: str) -> Sequence[Dataset]:
    try:
        return parse_datasets(tools.run(*_ZFS_LIST, name))
    except DeviceUnavailableError:
        return ()


def _in_silence(pool: str, mounts: Iterable[Mount]) -> Iterable[Dataset]:
    """The datasets of a pool that does not answer, as far as it has any mounted; else the pool's own."""
    mounted = {mount.source for mount in mounts if pool_of(mount.source) == pool and "@" not in mount.source}
    return [unknown_dataset(name) for name in sorted(mounted or {pool})]


def _device(dataset: Dataset, pool: Pool | None, mounts: Iterable[Mount], accounting: Accounting) -> Device:
    types = (QuotaType.USER, QuotaType.GROUP, QuotaType.PROJECT)
    capabilities = Capabilities(
        types if pool is None or pool.counts_projects else types[:2],
        soft_limits=False,
        inode_limits=pool is None or pool.counts_objects,
        grace_periods=False,
        enforced_by_kernel=True,
    )
    own = sorted((mount for mount in mounts if mount.source == dataset.name), key=lambda mount: mount.root != "/")
    points = tuple(dict.fromkeys(shown(mount.mount_point) for mount in own))
    return Device(
        dataset.name, DeviceKind.ZFS, "zfs", capabilities, points, _options(dataset, points), accounting=accounting
    )


def _options(dataset: Dataset, mount_points: Sequence[str]) -> tuple[str, ...]:
    options = ["ro" if dataset.is_readonly else "rw"]
    if dataset.encryption not in {"off", NOTHING}:
        options += [
            f"encryption={dataset.encryption}",
            f"keystatus={'available' if dataset.has_key else 'unavailable'}",
        ]
    if dataset.canmount != "on":
        options.append(f"canmount={dataset.canmount}")
    if not mount_points:
        options.append("unmounted")
    return tuple(options)
