"""Outcomes of many hosts are stored together; none takes others along, and none is stored that is out of date."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from app.db.repositories.hosts import HostRecord, HostRepository
from app.db.repositories.schedule import ScheduleRepository
from app.db.repositories.snapshots import SnapshotRepository
from app.master.collector.pace import Pace
from app.master.collector.slave_client import FetchError
from app.master.collector.snapshot_writer import Snapshot, snapshot_of
from app.master.collector.storing import Answer, Outcome, Storing
from app.master.fleet import Fleet
from app.web.quota_rows import DeviceOut
from tests.fakes.fleet import device
from tests.fakes.fleet_database import INTERVAL, HandClock, new_database, sync

HOSTS = ("h1", "h2", "h3")
FAST = timedelta(seconds=10)
PACE = Pace(INTERVAL, FAST, lambda: 0.0)
BROKEN = FetchError("http_error", "The host answered with status 500.")


def snapshot(*, host_number: int = 1, **first_row: Any) -> Snapshot:
    """Two users: of host 0 the first is at the limit, of others nobody is near it."""
    given = device("/dev/sda1", 2, host_number=host_number)
    given["user_quotas"][0] |= first_row
    return snapshot_of([DeviceOut.model_validate(given, strict=False)])


class Shelf:
    """A database with three hosts, and what the collector does to it."""

    def __init__(self, folder: Path) -> None:
        self.clock = HandClock()
        self.database = new_database(folder)
        self.storing = Storing(self.database, Fleet({}), self.clock, PACE)
        self.commits = 0
        sync(self.database, [(host_id, host_id, f"http://{host_id}") for host_id in HOSTS])
        event.listen(self.database.engine, "commit", self._count)

    def _count(self, _connection: object) -> None:
        self.commits += 1

    def store(self, results: dict[str, Answer | FetchError | None], begun_at: datetime | None = None) -> None:
        with self.database.write() as connection:
            claims = ScheduleRepository(connection).claim(list(results), "token", self.clock.now)
        assert len(claims) == len(results)
        at = begun_at or self.clock.now
        self.commits = 0
        self.storing.store([Outcome(claim, at, results[claim.host_id]) for claim in claims])

    def hosts(self) -> dict[str, HostRecord]:
        with self.database.read() as connection:
            return {host.id: host for host in HostRepository(connection).list_all()}

    def due(self) -> set[str]:
        with self.database.read() as connection:
            return set(ScheduleRepository(connection).due(self.clock.now, PACE.horizon))

    def used(self, host_id: str) -> list[int]:
        with self.database.read() as connection:
            return [quota.block_current for quota in SnapshotRepository(connection).quotas(host_id)]


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path)
    yield shelf
    shelf.database.dispose()


def answer(given: Snapshot | None) -> Answer:
    return Answer(given, "etag", "1")


def test_many_hosts_are_stored_in_one_transaction(shelf: Shelf) -> None:
    shelf.store({"h1": answer(snapshot()), "h2": BROKEN, "h3": answer(snapshot())})
    assert shelf.commits == 1
    assert [host.problem_code for host in shelf.hosts().values()] == [None, "http_error", None]
    assert [len(shelf.used(host_id)) for host_id in HOSTS] == [2, 0, 2]
    before = shelf.hosts()
    shelf.clock.forward(60)
    shelf.store(dict.fromkeys(HOSTS, answer(None)))
    assert shelf.commits == 1
    assert {host.taken_at for host in shelf.hosts().values()} == {shelf.clock.now}
    assert [host.revision for host in shelf.hosts().values()] == [host.revision for host in before.values()]


@pytest.mark.parametrize("users", [49, 50, 51, 120])
def test_all_rows_are_stored_however_many_go_at_once(shelf: Shelf, users: int) -> None:
    given = device("/dev/sda1", users, host_number=1)
    given["user_quotas"][-1] |= {"docker_volume_bytes": 7}
    taken = snapshot_of([DeviceOut.model_validate(given, strict=False)])
    shelf.store({"h1": answer(taken), "h2": answer(taken)})
    with shelf.database.read() as connection:
        stored = SnapshotRepository(connection)
        assert stored.quotas("h1") == stored.quotas("h2") == sorted(taken.quotas, key=lambda quota: quota.key)
    assert len(taken.quotas) == users


def test_only_what_changed_counts_as_a_change(shelf: Shelf) -> None:
    shelf.store({host_id: answer(snapshot()) for host_id in HOSTS})
    shelf.clock.forward(60)
    shelf.store({"h1": answer(snapshot()), "h2": answer(snapshot(block_current=7))})
    assert [host.revision for host in shelf.hosts().values()] == [1, 2, 1]
    assert (shelf.used("h1")[0], shelf.used("h2")[0]) == (shelf.used("h3")[0], 7)


def test_a_reading_begun_before_a_change_is_thrown_away_alone(shelf: Shelf) -> None:
    begun_at = shelf.clock.now
    shelf.clock.forward(1)
    with shelf.database.write() as connection:
        HostRepository(connection).record_change("h2", shelf.clock.now)
    shelf.clock.forward(1)
    shelf.store({host_id: answer(snapshot()) for host_id in HOSTS}, begun_at)
    assert [host.taken_at for host in shelf.hosts().values()] == [begun_at, None, begun_at]
    assert shelf.due() == {"h2"}
    shelf.store({"h2": answer(snapshot())})
    assert shelf.hosts()["h2"].taken_at == shelf.clock.now


def test_a_failure_begun_before_a_change_is_thrown_away_too(shelf: Shelf) -> None:
    with shelf.database.write() as connection:
        HostRepository(connection).record_change("h2", shelf.clock.now)
    shelf.store({"h2": BROKEN})
    assert shelf.hosts()["h2"].problem_code is None
    assert "h2" in shelf.due()


def test_a_change_after_which_the_clock_was_set_back_holds_nothing_up(shelf: Shelf) -> None:
    with shelf.database.write() as connection:
        HostRepository(connection).record_change("h1", shelf.clock.now)
    shelf.clock.forward(-3600)
    shelf.store({"h1": answer(snapshot())})
    assert shelf.hosts()["h1"].taken_at == shelf.clock.now


def test_figures_that_cannot_be_stored_take_nobody_along(shelf: Shelf) -> None:
    good = snapshot()
    twice = Snapshot(good.devices * 2, good.quotas)
    shelf.store({"h1": answer(good), "h2": answer(twice), "h3": answer(good)})
    assert [host.problem_code for host in shelf.hosts().values()] == [None, "garbage", None]
    assert [len(shelf.used(host_id)) for host_id in HOSTS] == [2, 0, 2]
    assert shelf.due() == set()


def test_a_host_that_was_removed_in_the_meantime_takes_nobody_along(shelf: Shelf) -> None:
    with shelf.database.write() as connection:
        claims = ScheduleRepository(connection).claim(HOSTS, "token", shelf.clock.now)
        HostRepository(connection).remove("h2")
    shelf.storing.store([Outcome(claim, shelf.clock.now, answer(snapshot())) for claim in claims])
    assert {host_id: host.taken_at for host_id, host in shelf.hosts().items()} == dict.fromkeys(
        ("h1", "h3"), shelf.clock.now
    )


def test_a_host_where_somebody_is_near_a_limit_is_due_again_soon(shelf: Shelf) -> None:
    near, far = answer(snapshot(host_number=0)), answer(snapshot())
    shelf.store({"h1": near, "h2": far, "h3": BROKEN})
    for _ in range(3):
        shelf.clock.forward(9.9)
        assert shelf.due() == set()
        shelf.clock.forward(0.1)
        assert shelf.due() == {"h1"}
        shelf.store({"h1": answer(None)})
    shelf.store({"h1": far})
    shelf.clock.forward(30)
    assert shelf.due() == {"h2", "h3"}


def test_a_host_that_fails_is_tried_less_often_until_it_answers(shelf: Shelf) -> None:
    shelf.store({"h2": answer(snapshot()), "h3": answer(snapshot())})
    waits = []
    results: list[Answer | FetchError] = [*[BROKEN] * 4, answer(None), BROKEN]
    for result in results:
        shelf.store({"h1": result})
        waits.append(0)
        while "h1" not in shelf.due():
            waits[-1] += 1
            shelf.clock.forward(1)
    assert waits == [60, 60, 72, 78, 60, 60]


def test_a_refresh_does_not_wait_until_a_failing_host_is_due(shelf: Shelf) -> None:
    for _ in range(3):
        shelf.clock.forward(60)
        shelf.store(dict.fromkeys(HOSTS, BROKEN))
    shelf.clock.forward(1)
    with shelf.database.write() as connection:
        HostRepository(connection).request_refresh("h2", shelf.clock.now)
    assert shelf.due() == {"h2"}
    shelf.clock.forward(1)
    shelf.store({"h2": BROKEN})
    assert shelf.due() == set()


def test_hosts_that_failed_last_are_read_last(shelf: Shelf) -> None:
    shelf.store({"h1": BROKEN, "h2": answer(snapshot())})
    shelf.clock.forward(3600)
    with shelf.database.read() as connection:
        assert ScheduleRepository(connection).due(shelf.clock.now, PACE.horizon) == ["h3", "h2", "h1"]
