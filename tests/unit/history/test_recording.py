"""History has what was read, when it was read, and nothing where nothing was read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.db.repositories.hosts import HostRepository
from tests.fakes.fleet_database import HandClock, new_database, sync
from tests.fakes.histories import RecordedHost

DAY = 86_400


@pytest.fixture
def host(tmp_path: Path) -> Iterator[RecordedHost]:
    database = new_database(tmp_path)
    yield RecordedHost(database, HandClock())
    database.dispose()


def test_each_quarter_hour_has_a_point(host: RecordedHost) -> None:
    for used in (100, 300, 200):
        host.read({1000: used}, used=2 * used)
        host.record()
        host.next_quarter()
    hard = 10_000_000
    assert host.points(days=1) == [(-0.75, 100, hard), (-0.5, 300, hard), (-0.25, 200, hard)]
    assert [used for _, used, _ in host.points(None, days=1)] == [200, 600, 400]


def test_a_quota_that_stays_as_it_is_has_points_too(host: RecordedHost) -> None:
    for _ in range(4):
        host.read({1000: 100})
        host.record()
        host.next_quarter()
    assert [used for _, used, _ in host.points(days=1)] == [100] * 4


def test_recording_twice_in_a_quarter_hour_records_once(host: RecordedHost) -> None:
    host.read({1000: 100})
    host.record()
    host.clock.forward(60)
    host.read({1000: 150})
    host.record()
    assert [used for _, used, _ in host.points(days=1)] == [100]


def test_a_host_that_is_not_read_leaves_a_gap(host: RecordedHost) -> None:
    host.read({1000: 100})
    host.record()
    for _ in range(3):
        host.next_quarter()
        host.record()
    host.read({1000: 100})
    host.record()
    assert [hours for hours, _, _ in host.points(days=1)] == [-0.75, 0]


def test_figures_of_a_failed_device_are_not_recorded(host: RecordedHost) -> None:
    host.read({1000: 100})
    host.record()
    host.next_quarter()
    host.read({1000: 100}, status="failed")
    host.record()
    assert [hours for hours, _, _ in host.points(days=1)] == [-0.25]


def test_a_reading_counts_for_the_nearest_quarter_hour(host: RecordedHost) -> None:
    host.clock.forward(-30)
    host.read({1000: 1})
    host.record()
    host.clock.forward(31 + 900)
    host.read({1000: 2})
    host.record()
    host.clock.forward(-1)
    assert [(hours, used) for hours, used, _ in host.points(days=1)] == [(-0.25, 1), (0, 2)]


def test_a_quota_that_went_has_no_points_until_it_is_back(host: RecordedHost) -> None:
    for quotas in ({1000: 100, 1001: 5}, {1001: 5}, {1001: 5}, {1000: 70, 1001: 5}):
        host.read(quotas)
        host.record()
        host.next_quarter()
    assert [(hours, used) for hours, used, _ in host.points(days=1)] == [(-1, 100), (-0.25, 70)]
    assert len(host.points(1001, days=1)) == 4


def test_history_outlives_the_host_and_goes_on_when_it_is_back(host: RecordedHost) -> None:
    host.read({1000: 100})
    host.record()
    sync(host.database, [])
    host.next_quarter()
    host.record()
    assert [used for _, used, _ in host.points(days=1)] == [100]
    host.next_quarter()
    sync(host.database, [("h1", "", "http://h1")])
    host.read({1000: 120})
    host.record()
    assert [(hours, used) for hours, used, _ in host.points(days=1)] == [(-0.5, 100), (0, 120)]


def test_a_host_that_was_never_read_has_nothing(host: RecordedHost) -> None:
    host.record()
    assert host.points() == []
    with host.database.read() as connection:
        assert HostRepository(connection).find("h1") is not None


def test_work_ends_between_hosts_when_it_is_asked_to(host: RecordedHost) -> None:
    host.read({1000: 100})
    assert host.chores["record_history"].run(lambda: False) == 0
    assert host.points() == []
