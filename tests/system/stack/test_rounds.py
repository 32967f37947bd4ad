"""However many workers a master has, each slave is read once per round; when one is killed, another goes on."""

import os
import signal
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select

from app.db.engine import Database
from app.db.tables.audit import LeaseRow
from app.master.collector.service import LEASE, LEASE_DURATION, RENEW_EVERY
from tests.fakes.ports import free_port
from tests.fakes.slaves import FleetOfSlaves
from tests.system.stack.programs import Program, wait_until
from tests.system.stack.settings import master, oauth, write_json

INTERVAL = 1
ROUNDS = 6
TAKE_OVER_SECONDS = (LEASE_DURATION + 2 * RENEW_EVERY).total_seconds() + 30
"""And what a machine with other work adds."""


@pytest.mark.timeout(240)
def test_four_workers_read_each_slave_once_per_round(checkout: Path, database_url: str) -> None:
    port = free_port()
    with FleetOfSlaves(hosts=3, users=5) as fleet:
        write_json(checkout / "config.json", master(port, fleet.entries(), INTERVAL) | {"DATABASE_URL": database_url})
        write_json(checkout / "oauth.config.json", oauth(free_port(), port))
        with Program(f'gunicorn -w 4 -b 127.0.0.1:{port} "run:app"', checkout) as server:
            server.wait_for(f"http://127.0.0.1:{port}/api/health", 90)
            wait_until(lambda: min(map(fleet.count, fleet.ids)) >= ROUNDS, 60, "some rounds")
            read_at = {host: list(fleet.read_at[host]) for host in fleet.ids}
    for host, instants in read_at.items():
        elapsed = instants[-1] - instants[0]
        # four collectors would read four times in each interval; jitter moves one reading, not their number
        assert len(instants) - 1 <= elapsed / INTERVAL * 1.5 + 1, f"{host}: {len(instants)} readings in {elapsed:.1f} s"
        gaps = [later - earlier for earlier, later in pairwise(instants)]
        assert sum(gaps) / len(gaps) >= 0.6 * INTERVAL, f"{host}: {gaps}"


def reading_process(database: Database) -> int:
    """The worker that holds the lease."""
    with database.read() as connection:
        holder = connection.scalar(select(LeaseRow.holder).where(LeaseRow.name == LEASE))
    return int(holder.split(":")[1]) if holder else 0


@pytest.mark.timeout(300)
def test_another_worker_goes_on_from_the_database_when_the_one_that_reads_is_killed(checkout: Path) -> None:
    port, interval = free_port(), 4
    database = Database(f"sqlite:///{checkout}/qman.sqlite")
    with FleetOfSlaves(hosts=3, users=5) as fleet:
        write_json(checkout / "config.json", master(port, fleet.entries(), interval))
        write_json(checkout / "oauth.config.json", oauth(free_port(), port))
        with Program(f'gunicorn -w 2 -b 127.0.0.1:{port} "run:app"', checkout) as server:
            server.wait_for(f"http://127.0.0.1:{port}/api/health")
            wait_until(lambda: min(map(fleet.count, fleet.ids)) >= 2, 60, "some rounds")
            killed, before = reading_process(database), {host: fleet.count(host) for host in fleet.ids}
            os.kill(killed, signal.SIGKILL)
            wait_until(
                lambda: reading_process(database) not in {0, killed}, TAKE_OVER_SECONDS, "another worker takes over"
            )
            goes_on = lambda: all(fleet.count(host) >= before[host] + 2 for host in fleet.ids)  # noqa: E731 - used once, below
            wait_until(goes_on, 60, "each host is read again and again")
            read_at = {host: list(fleet.read_at[host]) for host in fleet.ids}
    database.dispose()
    for host, instants in read_at.items():
        gaps = [later - earlier for earlier, later in pairwise(instants)]
        assert min(gaps) >= 0.6 * interval, f"{host} was read twice in a round: {gaps}"
