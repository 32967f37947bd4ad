"""The backend of a mock host: the rules of real ones, on a state that a store keeps."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from app.backends.mock.hosts import MockHost
from app.backends.mock.seed import SeedDevice
from app.backends.mock.state import DeviceState, MockState, names_of, seed_state, state_from_json, state_to_json
from app.backends.mock.store import InMemoryStateStore, MockStateStore
from app.quota.clock import Clock, utc_now
from app.quota.errors import DeviceNotFoundError, NotSupportedError
from app.quota.grace import with_grace
from app.quota.rules import check_id, check_limits, check_periods, check_range, check_supported
from app.quota.units import KIB, MAX_BLOCK_LIMIT_KIB, MAX_INODE_LIMIT
from app.quota.values import (
    UNLIMITED,
    Device,
    DeviceUsage,
    GracePeriods,
    Limits,
    Quota,
    QuotaType,
    ResourceQuota,
)


class MockBackend:
    """A `QuotaBackend` without hardware. Usage never changes; limits, grace periods and rows of new ids do.

    The state is seeded when the first process of a run reaches the store, and shared by all that follow:
    two backends with the same store and `run_id` are one host. Limits are kept in whole KiB, rounded up.
    """

    name = "mock"

    def __init__(
        self, host: MockHost, *, store: MockStateStore | None = None, clock: Clock = utc_now, run_id: str | None = ""
    ) -> None:
        """`run_id` names the run of the server that this process belongs to: a new one starts from the seed.

        None is a process beside the server, its worker: it takes the state as it finds it.
        """
        self.host = host
        self._seeds = {seed.device.name: seed for seed in host.devices}
        self._store: MockStateStore = store or InMemoryStateStore()
        self._clock = clock
        self._run_id = run_id or ""
        self._joined = run_id is None
        self._kept: tuple[str, MockState] | None = None

    def list_devices(self) -> Sequence[Device]:
        """See `QuotaBackend`."""
        return [self._seeds[name].device for name in sorted(self._seeds)]

    def get_usage(self, device: str) -> DeviceUsage:
        """See `QuotaBackend`. What the users' rows and the unattributed bytes add up to."""
        seed = self._seed(device)
        rows = self._state()[1].devices[device].rows[QuotaType.USER]
        used = sum(row.block.used for row in rows.values()) + (seed.unattributed or 0)
        return DeviceUsage(used, seed.total - used, seed.total, seed.unattributed)

    def iter_quotas(self, device: str, quota_type: QuotaType) -> Iterator[Quota]:
        """See `QuotaBackend`."""
        self._check_type(device, quota_type)
        rows = self._state()[1].devices[device].rows.get(quota_type, {})
        return iter([rows[quota_id] for quota_id in sorted(rows)])

    def get_quota(self, device: str, quota_type: QuotaType, quota_id: int) -> Quota:
        """See `QuotaBackend`."""
        self._check_type(device, quota_type)
        check_id(quota_id)
        return self._row(self._state()[1].devices[device], quota_type, quota_id)

    def set_limits(self, device: str, quota_type: QuotaType, quota_id: int, *, block: Limits, inode: Limits) -> Quota:
        """See `QuotaBackend`. A timer that runs goes on while usage stays above the soft limit."""
        seed = self._check_type(device, quota_type)
        check_id(quota_id)
        check_range(block, inode, most_block_bytes=MAX_BLOCK_LIMIT_KIB * KIB, most_inodes=MAX_INODE_LIMIT)
        check_limits(block, inode)
        check_supported(seed.device.capabilities, block, inode)
        block = Limits(_whole_kib(block.soft), _whole_kib(block.hard))
        now = self._clock().replace(microsecond=0)

        def change(state: DeviceState) -> DeviceState:
            row = self._row(state, quota_type, quota_id)
            return state.with_row(quota_type, _with_limits(row, block, inode, state.periods.get(quota_type), now))

        return self._update(device, change).rows[quota_type][quota_id]

    def get_grace_periods(self, device: str, quota_type: QuotaType) -> GracePeriods:
        """See `QuotaBackend`."""
        self._check_type(device, quota_type)
        return _periods(self._state()[1].devices[device], quota_type)

    def set_grace_periods(self, device: str, quota_type: QuotaType, periods: GracePeriods) -> None:
        """See `QuotaBackend`. Timers that run keep their instant."""
        self._check_type(device, quota_type)
        check_periods(periods)

        def change(state: DeviceState) -> DeviceState:
            _periods(state, quota_type)
            return state.with_periods(quota_type, periods)

        self._update(device, change)

    def _seed(self, device: str) -> SeedDevice:
        seed = self._seeds.get(device)
        if seed is None:
            raise DeviceNotFoundError(f"There is no device {device!r} here.")
        return seed

    def _check_type(self, device: str, quota_type: QuotaType) -> SeedDevice:
        seed = self._seed(device)
        if quota_type not in seed.device.capabilities.quota_types:
            raise NotSupportedError(f"{device} has no {quota_type} quotas.")
        return seed

    def _row(self, state: DeviceState, quota_type: QuotaType, quota_id: int) -> Quota:
        names = names_of(self.host)[quota_type]
        unseen = Quota(quota_id, ResourceQuota(0, UNLIMITED), ResourceQuota(0, UNLIMITED), names.get(quota_id))
        return state.rows.get(quota_type, {}).get(quota_id, unseen)

    def _state(self) -> tuple[int, MockState]:
        """The version and the state that stand, seeded first if this run has none yet."""
        while True:
            stored = self._store.load()
            if stored is not None:
                state = self._parsed(stored[1])
                if self._joined or state.run_id == self._run_id:
                    self._joined = True
                    return stored[0], state
            seeded = state_to_json(seed_state(self.host, self._run_id, self._clock()))
            self._joined = self._store.replace(stored[0] if stored else 0, seeded) is not None

    def _update(self, device: str, change: Callable[[DeviceState], DeviceState]) -> DeviceState:
        """Apply the change to the device atomically: again on the newest state whenever somebody was faster."""
        while True:
            version, state = self._state()
            changed = change(state.devices[device])
            new_state = state.with_device(device, changed)
            text = state_to_json(new_state)
            if self._store.replace(version, text) is not None:
                self._kept = text, new_state
                return changed

    def _parsed(self, text: str) -> MockState:
        """The state that the text says, parsed once for as long as it stands."""
        kept = self._kept
        if kept is None or kept[0] != text:
            kept = self._kept = text, state_from_json(text)
        return kept[1]


def _whole_kib(limit: int | None) -> int | None:
    return None if limit is None else -(-limit // KIB) * KIB


def _with_limits(row: Quota, block: Limits, inode: Limits, periods: GracePeriods | None, now: datetime) -> Quota:
    if periods is None:
        return row._replace(block=row.block._replace(limits=block), inode=row.inode._replace(limits=inode))
    return row._replace(
        block=with_grace(row.block.used, block, row.block.grace_expires_at, periods.block_seconds, now),
        inode=with_grace(row.inode.used, inode, row.inode.grace_expires_at, periods.inode_seconds, now),
    )


def _periods(state: DeviceState, quota_type: QuotaType) -> GracePeriods:
    periods = state.periods.get(quota_type)
    if periods is None:
        raise NotSupportedError("The device has no grace periods.")
    return periods
