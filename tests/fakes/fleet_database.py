"""What the master's tests share: a clock that is set by hand, a database of their own, a fleet."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.db.base import Base
from app.db.engine import Database
from app.db.repositories.hosts import HostRepository
from app.db.tables import all_tables
from app.master.collector.pace import Pace
from app.master.collector.rounds import Rounds
from app.master.collector.slave_client import SlaveClient
from app.master.fleet import Fleet, HostEntry
from app.settings.master import SlaveEntry

assert all_tables

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
INTERVAL = timedelta(seconds=60)
PATIENCE_SECONDS = 30
SECRET = "secret-of-a-test-0123456789abcdefghij"


def eventually(condition: Callable[[], bool]) -> None:
    """Waits until it holds; fails after a time that no healthy run needs."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.01)


@dataclass
class HandClock:
    """A clock that stands still until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> datetime:
        """Moves the clock and gives the new time."""
        self.now += timedelta(seconds=seconds)
        return self.now


def new_database(folder: Path, url: str | None = None) -> Database:
    """An empty database with all tables, in that folder where no URL is given."""
    database = Database(url or f"sqlite:///{folder}/qman.sqlite")
    Base.metadata.create_all(database.engine)
    return database


def entry(host_id: str, url: str) -> dict[str, Any]:
    """A host as it stands in SLAVES."""
    return {
        "id": host_id,
        "url": url,
        "read_key": {"id": f"{host_id}-read", "secret": f"{SECRET}-{host_id}-read"},
        "write_key": {"id": f"{host_id}-write", "secret": f"{SECRET}-{host_id}-write"},
    }


def fleet_of(entries: Iterable[dict[str, Any]]) -> Fleet:
    """The hosts of these settings."""
    slaves = [SlaveEntry.model_validate(each) for each in entries]
    return Fleet(
        {
            slave.id: HostEntry(slave.id, slave.label, slave.url, slave.read_key, slave.write_key, slave.ca_file)
            for slave in slaves
        }
    )


PACE = Pace(INTERVAL, INTERVAL, lambda: 0.0)
"""Every host once a minute, without chance."""


def rounds_of(database: Database, fleet: Fleet, clock: HandClock, pace: Pace = PACE) -> Rounds:
    """A collector's rounds over the fleet, with the hosts known to the database."""
    sync(database, [(host.id, host.label, host.url) for host in fleet.entries.values()])
    client = SlaveClient(clock, hosts=len(fleet.entries))
    return Rounds(database, fleet, client, clock, pace)


def sync(database: Database, hosts: Sequence[tuple[str, str, str]]) -> None:
    """Makes these the hosts."""
    with database.write() as connection:
        HostRepository(connection).sync(hosts)
