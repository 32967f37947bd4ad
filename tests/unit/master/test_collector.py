"""One reading of each kind of slave, good and bad, is told as it is and stored as it should be."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.db.engine import Database
from app.db.repositories.hosts import HostRecord, HostRepository
from app.db.repositories.snapshots import SnapshotRepository
from app.master.collector.slave_client import FetchError, SlaveClient
from app.master.errors import HostTimeoutError
from app.web.quota_rows import UserRowOut
from tests.fakes.fleet_database import NOON, HandClock, entry, fleet_of, new_database, rounds_of
from tests.fakes.slaves import (
    DrippingHandshakeSlave,
    DrippingSlave,
    FleetOfSlaves,
    GarbageSlave,
    HalfAnswerSlave,
    HalfUnchangedSlave,
    HangingSlave,
    HugeSlave,
    RedirectingSlave,
    RefusingSlave,
)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = new_database(tmp_path)
    yield database
    database.dispose()


def host(database: Database, host_id: str) -> HostRecord:
    with database.read() as connection:
        found = HostRepository(connection).find(host_id)
    assert found is not None
    return found


def test_a_reading_is_stored_with_its_age(database: Database, clock: HandClock) -> None:
    with FleetOfSlaves(hosts=2, users=3) as slaves:
        rounds = rounds_of(database, fleet_of(slaves.entries()), clock)
        rounds.read_host("h1")
    stored = host(database, "h1")
    assert (stored.taken_at, stored.problem_code, stored.devices) == (NOON, None, 2)
    assert host(database, "h2").taken_at is None
    with database.read() as connection:
        assert len(SnapshotRepository(connection).quotas("h1")) == 6


def test_an_unchanged_host_answers_304_and_writes_no_revision(database: Database, clock: HandClock) -> None:
    with FleetOfSlaves(hosts=1, users=3) as slaves:
        rounds = rounds_of(database, fleet_of(slaves.entries()), clock)
        rounds.read_host("h1")
        revision = host(database, "h1").revision
        clock.forward(60)
        rounds.read_host("h1")
    stored = host(database, "h1")
    assert stored.revision == revision
    assert stored.taken_at == clock.now


@pytest.mark.parametrize(
    ("slave_class", "code"),
    [
        (GarbageSlave, "garbage"),
        (HalfAnswerSlave, "garbage"),
        (HugeSlave, "too_large"),
        (RedirectingSlave, "redirected"),
        (RefusingSlave, "refused"),
    ],
)
def test_each_bad_slave_is_told_by_its_code(
    database: Database, clock: HandClock, slave_class: type[GarbageSlave], code: str
) -> None:
    with slave_class() as bad:
        rounds_of(database, fleet_of([entry("bad", bad.url)]), clock).read_host("bad")
    stored = host(database, "bad")
    assert stored.problem_code == code
    assert stored.failing_since == NOON
    assert stored.taken_at is None


def test_half_an_answer_that_nothing_has_changed_is_none(clock: HandClock) -> None:
    with HalfUnchangedSlave() as bad, closing(SlaveClient(clock, hosts=1)) as client:
        with pytest.raises(FetchError) as failure:
            client.read(fleet_of([entry("bad", bad.url)]).get("bad"), "abc")
        assert failure.value.code == "garbage"


@pytest.mark.parametrize("slave_class", [DrippingSlave, DrippingHandshakeSlave, HangingSlave])
def test_a_slave_that_takes_for_ever_is_cut_off(clock: HandClock, slave_class: type[DrippingSlave]) -> None:
    """The watchdog ends the request at its deadline, although each single read is in time."""
    with (
        slave_class() as bad,
        closing(SlaveClient(clock, hosts=1, read_seconds=0.3)) as client,
        pytest.raises(FetchError) as failure,
    ):
        client.read(fleet_of([entry("bad", bad.url)]).get("bad"), None)
    assert failure.value.code == "timeout"


def test_a_change_on_a_host_that_takes_for_ever_is_cut_off_too(clock: HandClock) -> None:
    with DrippingSlave() as bad, closing(SlaveClient(clock, hosts=1, change_seconds=0.3)) as client:
        host_entry = fleet_of([entry("bad", bad.url)]).get("bad")
        with pytest.raises(HostTimeoutError):
            client.change(host_entry, "PUT", "/remote-api/quotas/users/1000?device=a", b"{}", UserRowOut)


def test_a_connection_is_kept_from_one_reading_to_the_next(clock: HandClock) -> None:
    with FleetOfSlaves(hosts=1, users=2) as slaves, closing(SlaveClient(clock, hosts=1)) as client:
        host_entry = fleet_of(slaves.entries()).get("h1")
        etag = client.read(host_entry, None).etag
        assert [client.read(host_entry, each).body is None for each in (etag, None, etag, etag)] == [
            *(True, False, True, True)
        ]
        assert slaves.connections == 1


def test_figures_stay_when_a_host_fails_and_are_fresh_when_it_is_back(database: Database, clock: HandClock) -> None:
    with FleetOfSlaves(hosts=1, users=3) as slaves:
        rounds = rounds_of(database, fleet_of(slaves.entries()), clock)
        rounds.read_host("h1")
        slaves.fail("h1", status=500)
        clock.forward(60)
        rounds.read_host("h1")
        failed = host(database, "h1")
        assert (failed.problem_code, failed.taken_at) == ("http_error", NOON)
        with database.read() as connection:
            assert len(SnapshotRepository(connection).quotas("h1")) == 6
        slaves.mend("h1")
        clock.forward(60)
        rounds.read_host("h1")
    assert host(database, "h1").problem_code is None
    assert host(database, "h1").taken_at == clock.now


def test_a_reading_begun_before_a_change_is_not_stored(database: Database, clock: HandClock) -> None:
    with FleetOfSlaves(hosts=1, users=3) as slaves:
        rounds = rounds_of(database, fleet_of(slaves.entries()), clock)
        with database.write() as connection:
            HostRepository(connection).record_change("h1", clock.now)
        rounds.read_host("h1")
        assert host(database, "h1").taken_at is None
        clock.forward(1)
        rounds.read_host("h1")
    assert host(database, "h1").taken_at == clock.now


def test_hosts_taken_from_the_settings_disappear(database: Database, clock: HandClock) -> None:
    with FleetOfSlaves(hosts=2, users=3) as slaves:
        rounds = rounds_of(database, fleet_of(slaves.entries()), clock)
        rounds.read_host("h1")
        rounds_of(database, fleet_of(slaves.entries()[1:]), clock)
    with database.read() as connection:
        assert [each.id for each in HostRepository(connection).list_all()] == ["h2"]
        assert SnapshotRepository(connection).quotas("h1") == []
