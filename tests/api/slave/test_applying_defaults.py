"""The worker puts default limits on those who have none of their own, and on nobody else."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.db.engine import Database
from app.quota.errors import DeviceUnavailableError
from app.quota.units import GIB, KIB
from app.quota.values import UNLIMITED, Limits, Quota, QuotaType, ResourceQuota
from app.slave.defaults import Round
from tests.fakes.backends import BackendAround, DownBackend, HangingBackend
from tests.fakes.slave_app import SettableClock, SlaveUnderTest, mock_backend, start_slave, start_worker

SDB, MD0 = "/dev/sdb1", "/dev/md0"
DEFAULTS = "/remote-api/quotas/defaults?device="
ALICE, BOB, CHARLIE, EVE = 1000, 1001, 1002, 1004
HARD, SOFT = "block_hard_limit", "block_soft_limit"
USER = QuotaType.USER
NONE = {SOFT: 0, HARD: 0, "inode_soft_limit": 0, "inode_hard_limit": 0}


class WatchedBackend(BackendAround):
    """Keeps whose limits were set."""

    def __init__(self, inner: BackendAround | Any) -> None:
        super().__init__(inner)
        self.set: list[tuple[str, int]] = []

    def set_limits(self, device: str, quota_type: QuotaType, quota_id: int, *, block: Limits, inode: Limits) -> Quota:
        self.set.append((device, quota_id))
        return super().set_limits(device, quota_type, quota_id, block=block, inode=inode)


class BrokenOff(WatchedBackend):
    """The list of /dev/sdb1 breaks off after the first rows."""

    def iter_quotas(self, device: str, quota_type: QuotaType) -> Iterator[Quota]:
        yield from list(super().iter_quotas(device, quota_type))[: 3 if device == SDB else None]
        if device == SDB:
            raise DeviceUnavailableError("Input/output error.")


class Unreadable(WatchedBackend):
    """Lists everybody as usual and can read nobody one by one."""

    def get_quota(self, device: str, quota_type: QuotaType, quota_id: int) -> Quota:
        raise DeviceUnavailableError("Input/output error.")


class SeesNoLimits(WatchedBackend):
    """Lists everybody as if nobody had limits; one by one it tells the truth."""

    def iter_quotas(self, device: str, quota_type: QuotaType) -> Iterator[Quota]:
        for quota in super().iter_quotas(device, quota_type):
            yield quota._replace(block=ResourceQuota(quota.block.used), inode=ResourceQuota(quota.inode.used))


class RoundsUp(WatchedBackend):
    """Keeps limits in whole 64 KiB, as XFS on large blocks does."""

    def set_limits(self, device: str, quota_type: QuotaType, quota_id: int, *, block: Limits, inode: Limits) -> Quota:
        rounded = Limits(*(None if limit is None else -(-limit // (64 * KIB)) * 64 * KIB for limit in block))
        return super().set_limits(device, quota_type, quota_id, block=rounded, inode=inode)


class Dies(WatchedBackend):
    """The process ends, as it were, just before limits are set or just after it."""

    dies = ""

    def set_limits(self, device: str, quota_type: QuotaType, quota_id: int, *, block: Limits, inode: Limits) -> Quota:
        if self.dies == "before":
            raise KeyboardInterrupt
        quota = super().set_limits(device, quota_type, quota_id, block=block, inode=inode)
        if self.dies == "after":
            raise KeyboardInterrupt
        return quota


@pytest.fixture
def backend(database: Database) -> WatchedBackend:
    return WatchedBackend(mock_backend(database, "host1", clock=SettableClock()))


def start(database: Database, backend: WatchedBackend, limits: dict[str, int], *devices: str) -> SlaveUnderTest:
    slave = start_slave(database, backends=[backend])
    for device in devices:
        assert slave.put(DEFAULTS + device, json=limits).status_code == 200
    return slave


def rows(slave: SlaveUnderTest, device: str = SDB) -> dict[int, dict[str, Any]]:
    (found,) = slave.get(f"/remote-api/quotas?device={device}").get_json()
    return {row["uid"]: row for row in found["user_quotas"]}


def hard_limit(backend: WatchedBackend, uid: int, device: str = SDB) -> int | None:
    return backend.inner.get_quota(device, USER, uid).block.limits.hard


def test_only_those_without_limits_of_their_own_get_them(database: Database, backend: WatchedBackend) -> None:
    for uid in (999, 65534):
        backend.inner.set_limits(SDB, USER, uid, block=UNLIMITED, inode=UNLIMITED)
    slave = start(database, backend, {HARD: 5 * 2**20}, SDB)
    before = rows(slave)
    assert start_worker(database, backends=[backend]).apply() == Round(applied=1)
    assert backend.set == [(SDB, CHARLIE)]
    assert hard_limit(backend, CHARLIE) == 5 * GIB
    assert rows(slave) == before
    assert before[CHARLIE]["limits_source"] == "default"


def test_a_round_without_defaults_reads_no_device(database: Database, backend: WatchedBackend) -> None:
    start(database, backend, {})
    assert start_worker(database, backends=[backend]).apply() == Round()
    assert backend.calls == ["list_devices"]


def test_a_round_with_nothing_to_do_changes_nothing(database: Database, backend: WatchedBackend) -> None:
    start(database, backend, {HARD: 5}, SDB, MD0)
    worker = start_worker(database, backends=[backend])
    assert worker.apply() == Round(applied=2)
    assert worker.apply() == Round()


def test_they_follow_when_the_defaults_change(database: Database, backend: WatchedBackend) -> None:
    slave, worker = start(database, backend, {HARD: 5}, SDB), start_worker(database, backends=[backend])
    worker.apply()
    slave.put(DEFAULTS + SDB, json={HARD: 7})
    shown = rows(slave)[CHARLIE]
    assert (shown[HARD], shown["limits_source"], hard_limit(backend, CHARLIE)) == (7, "default", 5 * KIB)
    assert worker.apply() == Round(applied=1)
    assert (rows(slave)[CHARLIE], hard_limit(backend, CHARLIE)) == (shown, 7 * KIB)
    slave.put(DEFAULTS + SDB, json=NONE)
    worker.apply()
    assert hard_limit(backend, CHARLIE) is None
    assert worker.apply() == Round()


def test_what_somebody_sets_is_their_own(database: Database, backend: WatchedBackend) -> None:
    """Even where it is what the defaults are."""
    slave, worker = start(database, backend, {HARD: 5}, SDB), start_worker(database, backends=[backend])
    worker.apply()
    path = f"/remote-api/quotas/users/{CHARLIE}?device={SDB}"
    assert slave.put(path, json={HARD: 5}).get_json()["limits_source"] == "own"
    slave.put(DEFAULTS + SDB, json={HARD: 7})
    assert worker.apply() == Round()
    assert (rows(slave)[CHARLIE][HARD], rows(slave)[CHARLIE]["limits_source"]) == (5, "own")
    assert slave.put(path, json=NONE).get_json()[HARD] == 7
    assert worker.apply() == Round(applied=1)
    body = {"device": SDB, "ids": [CHARLIE], "limits": {HARD: 7}}
    assert slave.post("/remote-api/quotas/batch", json=body).get_json()["results"][0]["row"]["limits_source"] == "own"
    slave.put(DEFAULTS + SDB, json={HARD: 9})
    assert worker.apply() == Round()


def test_an_empty_change_leaves_them_on_defaults(database: Database, backend: WatchedBackend) -> None:
    slave, worker = start(database, backend, {HARD: 5}, SDB), start_worker(database, backends=[backend])
    worker.apply()
    answer = slave.put(f"/remote-api/quotas/users/{CHARLIE}?device={SDB}", json={})
    assert answer.get_json()["limits_source"] == rows(slave)[CHARLIE]["limits_source"] == "default"


def test_a_change_that_fails_leaves_them_on_defaults(database: Database, backend: WatchedBackend) -> None:
    slave, worker = start(database, backend, {HARD: 5}, SDB), start_worker(database, backends=[backend])
    worker.apply()
    down = start_slave(database, backends=[DownBackend(backend)])
    assert down.put(f"/remote-api/quotas/users/{CHARLIE}?device={SDB}", json={HARD: 6}).status_code == 503
    assert rows(slave)[CHARLIE]["limits_source"] == "default"


def test_what_others_set_on_the_host_is_their_own(database: Database, backend: WatchedBackend) -> None:
    slave, worker = start(database, backend, {HARD: 5}, SDB), start_worker(database, backends=[backend])
    worker.apply()
    backend.inner.set_limits(SDB, USER, CHARLIE, block=Limits(hard=6 * KIB), inode=UNLIMITED)
    slave.clock.advance(60)
    assert rows(slave)[CHARLIE]["limits_source"] == "own"
    assert worker.apply() == Round()
    backend.inner.set_limits(SDB, USER, CHARLIE, block=Limits(hard=5 * KIB), inode=UNLIMITED)
    slave.put(DEFAULTS + SDB, json={HARD: 7})
    assert worker.apply() == Round()
    assert hard_limit(backend, CHARLIE) == 5 * KIB


def test_a_list_that_breaks_off_is_not_no_limits(database: Database) -> None:
    backend = BrokenOff(mock_backend(database, "host1", clock=SettableClock()))
    start(database, backend, {HARD: 5}, SDB, MD0)
    assert start_worker(database, backends=[backend]).apply() == Round(applied=1, skipped=1)
    assert backend.set == [(MD0, ALICE)]


@pytest.mark.parametrize("list_fails", [True, False])
def test_a_device_that_is_down_is_not_no_limits(database: Database, backend: WatchedBackend, list_fails: bool) -> None:
    start(database, backend, {HARD: 5}, SDB)
    down = DownBackend(backend, list_fails=list_fails)
    assert start_worker(database, backends=[down]).apply() == Round(skipped=1)
    assert backend.set == []


def test_one_who_cannot_be_read_is_not_without_limits(database: Database) -> None:
    backend = Unreadable(mock_backend(database, "host1", clock=SettableClock()))
    start(database, backend, {HARD: 5}, SDB)
    assert start_worker(database, backends=[backend]).apply() == Round(failed=1, skipped=1)
    assert backend.set == []


def test_limits_that_were_set_since_the_list_was_read_stay(database: Database) -> None:
    backend = SeesNoLimits(mock_backend(database, "host1", clock=SettableClock()))
    start(database, backend, {HARD: 5}, SDB)
    assert start_worker(database, backends=[backend]).apply() == Round(applied=1)
    assert backend.set == [(SDB, CHARLIE)]


def test_a_device_that_hangs_keeps_nobody_waiting(database: Database, backend: WatchedBackend) -> None:
    start(database, backend, {HARD: 5}, SDB, MD0)
    hanging = HangingBackend(backend)
    worker = start_worker(database, backends=[hanging], DEVICE_TIMEOUT_SECONDS=2)
    assert worker.apply() == worker.apply() == Round(skipped=2)
    assert backend.set == []
    hanging.release()


def test_what_the_device_rounds_is_put_there_once(database: Database) -> None:
    backend = RoundsUp(mock_backend(database, "host1", clock=SettableClock()))
    slave, worker = start(database, backend, {HARD: 5}, SDB), start_worker(database, backends=[backend])
    assert (worker.apply(), worker.apply()) == (Round(applied=1), Round())
    assert (rows(slave)[CHARLIE][HARD], rows(slave)[CHARLIE]["limits_source"]) == (64, "default")
    slave.put(DEFAULTS + SDB, json={HARD: 65})
    assert (worker.apply(), worker.apply()) == (Round(applied=1), Round())
    assert (rows(slave)[CHARLIE][HARD], rows(slave)[CHARLIE]["limits_source"]) == (128, "default")


@pytest.mark.parametrize("dies", ["before", "after"])
@pytest.mark.parametrize("first", [{}, {HARD: 3}])
def test_a_worker_that_dies_leaves_nobody_behind(database: Database, dies: str, first: dict[str, int]) -> None:
    backend = Dies(mock_backend(database, "host1", clock=SettableClock()))
    slave, worker = start(database, backend, first, SDB), start_worker(database, backends=[backend])
    worker.apply()
    slave.put(DEFAULTS + SDB, json={HARD: 5})
    backend.dies = dies
    worker.apply()
    backend.dies = ""
    shown = rows(slave)[CHARLIE]
    assert (shown[HARD], shown["limits_source"]) == (5, "default")
    start_worker(database, backends=[backend]).apply()
    assert hard_limit(backend, CHARLIE) == 5 * KIB
    slave.put(DEFAULTS + SDB, json={HARD: 9})
    assert start_worker(database, backends=[backend]).apply() == Round(applied=1)


def test_defaults_that_a_device_can_no_longer_keep_stop_no_other(database: Database, backend: WatchedBackend) -> None:
    """tank/scratch had soft limits, as it were, when its defaults were set."""
    start(database, backend, {SOFT: 4, HARD: 5}, SDB)
    zfs = mock_backend(database, "host3", clock=SettableClock())
    with database.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO default_limits SELECT 'tank/scratch', 'user', limits FROM default_limits"
        )
    worker = start_worker(database, backends=[zfs, backend])
    assert worker.apply() == Round(applied=1, failed=1)
    assert zfs.get_quota("tank/scratch", USER, ALICE).block.limits == UNLIMITED


def test_a_worker_beside_the_server_takes_the_mock_host_as_it_is(database: Database) -> None:
    slave = start_slave(database)
    slave.put(f"/remote-api/quotas/users/{ALICE}?device={SDB}", json={HARD: 123 * 2**20})
    slave.put(DEFAULTS + SDB, json={HARD: 5})
    beside = mock_backend(database, "host1", clock=SettableClock(), run_id=None)
    assert start_worker(database, backends=[beside]).apply() == Round(applied=1)
    assert {uid: row[HARD] for uid, row in rows(slave).items()} == {
        ALICE: 123 * 2**20,
        BOB: 100 * 2**20,
        CHARLIE: 5,
        EVE: 100 * 2**20,
    }
    other_worker = start_slave(database)
    assert rows(other_worker) == rows(slave)
