"""Hosts that nobody reads are told from hosts that do not answer."""

from datetime import timedelta
from typing import Any

import pytest

from app.db.repositories.leases import LeaseRepository
from app.master.collector.service import LEASE, LEASE_DURATION
from tests.fakes.fleet_database import INTERVAL
from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.slaves import FleetOfSlaves

STALE_AFTER = 3 * INTERVAL


def plan(master: MasterWithPeople) -> None:
    """What a server does that plans readings, but for sending them."""
    with master.database.write() as connection:
        LeaseRepository(connection).acquire(LEASE, "a server", master.clock(), LEASE_DURATION)


def standstill(admin: LoggedIn) -> Any:
    return admin.json("/api/hosts?q=nothing")["standstill"]


def with_broker(master: MasterWithPeople, slaves: FleetOfSlaves) -> LoggedIn:
    same = MasterWithPeople(
        master.database_folder,
        slaves.entries(),
        database=master.database,
        clock=master.clock,
        CELERY_BROKER_URL="redis://localhost:1/0",
    )
    return same.log_in("diana", is_admin=True)


def test_a_broker_without_a_worker(master: MasterWithPeople, slaves: FleetOfSlaves) -> None:
    admin = with_broker(master, slaves)
    read_at = master.clock()
    master.clock.forward(STALE_AFTER.total_seconds())
    plan(master)
    assert standstill(admin) is None
    master.clock.forward(1)
    plan(master)
    assert standstill(admin) == {"reason": "no_worker", "since": read_at.isoformat().replace("+00:00", "Z")}
    master.collect()
    assert standstill(admin) is None


def test_without_a_broker_it_is_no_worker_that_is_missing(master: MasterWithPeople, admin: LoggedIn) -> None:
    master.clock.forward(STALE_AFTER.total_seconds() + 1)
    plan(master)
    assert standstill(admin)["reason"] == "stalled"
    master.clock.forward(LEASE_DURATION.total_seconds() + 1)
    assert standstill(admin)["reason"] == "not_planned"


def test_hosts_that_fail_are_read_all_the_same(
    master: MasterWithPeople, admin: LoggedIn, slaves: FleetOfSlaves
) -> None:
    slaves.fail("h1", "h2")
    master.clock.forward(STALE_AFTER.total_seconds() + 1)
    master.collect()
    assert {host["state"] for host in admin.json("/api/hosts")["items"]} == {"stale"}
    assert standstill(admin) is None


def test_a_server_that_has_just_begun_gives_it_time(master: MasterWithPeople, slaves: FleetOfSlaves) -> None:
    master.clock.forward(timedelta(days=1).total_seconds())
    admin = with_broker(master, slaves)
    plan(master)
    assert standstill(admin) is None
    begun_at = master.clock()
    master.clock.forward(STALE_AFTER.total_seconds() + 1)
    plan(master)
    assert standstill(admin)["since"] == begun_at.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("hosts", [0, 2])
def test_where_none_is_to_be_read_none_is_missed(master: MasterWithPeople, slaves: FleetOfSlaves, hosts: int) -> None:
    few = MasterWithPeople(
        master.database_folder, slaves.entries()[:hosts], database=master.database, clock=master.clock
    )
    admin = few.log_in("diana", is_admin=True)
    for host in few.settings.SLAVES:
        assert admin.send("POST", f"/api/hosts/{host.id}/suspend").status_code in {200, 204}
    master.clock.forward(STALE_AFTER.total_seconds() + 1)
    assert standstill(admin) is None
