"""Changes and readings of a device at the same time, in several workers of a slave."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError, Event
from typing import Any

import pytest

from app.db.engine import Database
from app.quota.units import KIB
from app.quota.values import Limits, Quota, QuotaType
from app.slave.defaults import Round
from app.slave.locks import DeviceLocks
from tests.fakes.backends import BackendAround
from tests.fakes.slave_app import SettableClock, SlaveUnderTest, mock_backend, start_slave, start_worker

SDB = "/dev/sdb1"
ALICE, CHARLIE = 1000, 1002
FIELDS = {"inode_soft_limit": 7, "inode_hard_limit": 9}
TOGETHER_SECONDS = 0.5


class ReadTogether(BackendAround):
    """Two who read one id at the same time both have it before either goes on; one who comes alone goes on as well."""

    def __init__(self, inner: BackendAround | Any) -> None:
        super().__init__(inner)
        self.both = Barrier(2)

    def get_quota(self, device: str, quota_type: QuotaType, quota_id: int) -> Quota:
        quota = super().get_quota(device, quota_type, quota_id)
        try:
            self.both.wait(TOGETHER_SECONDS)
        except BrokenBarrierError:
            self.both.reset()
        return quota


class PausedChange(BackendAround):
    """A change waits until it is let go on; `began` tells that it waits."""

    def __init__(self, inner: BackendAround | Any) -> None:
        super().__init__(inner)
        self.began, self.go_on = Event(), Event()

    def set_limits(self, device: str, quota_type: QuotaType, quota_id: int, *, block: Limits, inode: Limits) -> Quota:
        self.began.set()
        assert self.go_on.wait(10)
        return super().set_limits(device, quota_type, quota_id, block=block, inode=inode)


def set_one(slave: SlaveUnderTest, limits: dict[str, int]) -> int:
    return slave.put(f"/remote-api/quotas/users/{ALICE}?device={SDB}", json=limits).status_code


def set_many(slave: SlaveUnderTest, limits: dict[str, int]) -> int:
    body = {"device": SDB, "ids": [ALICE], "limits": limits}
    answer = slave.post("/remote-api/quotas/batch", json=body)
    return 200 if answer.get_json()["results"][0]["ok"] else 500


def row_of(slave: SlaveUnderTest, uid: int = ALICE) -> dict[str, Any]:
    (device,) = slave.get(f"/remote-api/quotas?device={SDB}").get_json()
    return next(row for row in device["user_quotas"] if row["uid"] == uid)


@pytest.mark.parametrize("change", [set_one, set_many])
def test_two_writers_at_once_lose_nothing(database: Database, change: Any) -> None:
    inner = mock_backend(database, "host1", clock=SettableClock())
    backend = ReadTogether(inner)
    workers = [start_slave(database, backends=[backend]) for _ in FIELDS]
    with ThreadPoolExecutor(2) as pool:
        calls = [
            pool.submit(change, worker, {field: limit})
            for worker, (field, limit) in zip(workers, FIELDS.items(), strict=True)
        ]
        assert [call.result() for call in calls] == [200, 200]
    assert inner.get_quota(SDB, QuotaType.USER, ALICE).inode.limits == Limits(7, 9)


@pytest.mark.parametrize("change", [set_one, set_many])
def test_who_reads_while_a_change_is_under_way_sees_it_afterwards(database: Database, change: Any) -> None:
    backend = PausedChange(mock_backend(database, "host1", clock=SettableClock()))
    one, two = start_slave(database, backends=[backend]), start_slave(database, backends=[backend])
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(change, one, {"inode_hard_limit": 9})
        assert backend.began.wait(10)
        assert row_of(two)["inode_hard_limit"] == 0
        backend.go_on.set()
        assert call.result() == 200
    assert row_of(two)["inode_hard_limit"] == 9


def test_who_reads_while_defaults_are_put_in_place_sees_them_afterwards(database: Database) -> None:
    backend = PausedChange(mock_backend(database, "host1", clock=SettableClock()))
    slave, worker = start_slave(database, backends=[backend]), start_worker(database, backends=[backend])
    slave.put(f"/remote-api/quotas/defaults?device={SDB}", json={"block_soft_limit": 5})
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(worker.apply)
        assert backend.began.wait(10)
        assert row_of(slave, CHARLIE)["block_time_limit"] == 0
        backend.go_on.set()
        assert call.result() == Round(applied=1)
    row = row_of(slave, CHARLIE)
    assert (row["block_soft_limit"], row["limits_source"]) == (5, "default")
    assert row["block_time_limit"] > 0


def test_a_worker_and_a_person_at_once(database: Database) -> None:
    """Whoever is first: what the person set stands, and is their own."""
    inner = mock_backend(database, "host1", clock=SettableClock())
    backend = ReadTogether(inner)
    slave, worker = start_slave(database, backends=[backend]), start_worker(database, backends=[backend])
    slave.put(f"/remote-api/quotas/defaults?device={SDB}", json={"block_hard_limit": 5})
    path = f"/remote-api/quotas/users/{CHARLIE}?device={SDB}"
    with ThreadPoolExecutor(2) as pool:
        round_, change = pool.submit(worker.apply), pool.submit(slave.put, path, json={"block_hard_limit": 8})
        assert change.result().status_code == 200
        assert round_.result().failed == 0
    assert inner.get_quota(SDB, QuotaType.USER, CHARLIE).block.limits.hard == 8 * KIB
    assert row_of(slave, CHARLIE)["limits_source"] == "own"


def test_a_batch_waits_once_for_a_change_that_takes_too_long(database: Database) -> None:
    timeout = 0.3
    slave = start_slave(database, DEVICE_TIMEOUT_SECONDS=timeout)
    elsewhere = DeviceLocks(slave.lock_directory, timeout)
    body: dict[str, Any] = {
        "device": SDB,
        "ids": [ALICE, *range(5000, 5010)],
        "limits": {"inode_hard_limit": 9},
    }
    with elsewhere.hold(SDB):
        results = slave.post("/remote-api/quotas/batch", json=body).get_json()["results"]
    assert {each["problem"]["code"] for each in results} == {"device_timeout"}
    assert len({each["problem"]["detail"] for each in results[1:]}) == 1
    assert results[-1]["problem"]["detail"].startswith("Not tried, nothing was changed here")
    (device,) = start_slave(database).get(f"/remote-api/quotas?device={SDB}").get_json()
    untried = set(body["ids"][1:])
    assert not untried & {row["uid"] for row in device["user_quotas"]}, "only the first may have been changed late"
