"""The collector within one process: it plans, and its own threads read."""

from collections.abc import Iterable
from uuid import uuid4

from app.db.engine import Database
from app.db.repositories.schedule import ScheduleRepository
from app.master.collector.pace import Pace
from app.master.collector.reader import HostReader
from app.master.collector.schedule import Scheduler
from app.master.collector.slave_client import SlaveClient
from app.master.collector.storing import Storing
from app.master.fleet import Fleet
from app.quota.clock import Clock


class Rounds:
    """Reads the hosts that are due."""

    def __init__(self, database: Database, fleet: Fleet, client: SlaveClient, clock: Clock, pace: Pace) -> None:
        self._database = database
        self._clock = clock
        storing = Storing(database, fleet, clock, pace)
        self._reader = HostReader(database, fleet, client, clock, storing)
        self._scheduler = Scheduler(database, fleet, clock, pace, self._reader)

    @property
    def busy(self) -> set[str]:
        """The hosts that are being read, or wait for a thread to read them."""
        return self._reader.busy()

    def start_due(self) -> int:
        """Starts a reading of every host that is due and not being read; gives how many it started."""
        return self._scheduler.start_due()

    def read_hosts(self, host_ids: Iterable[str]) -> None:
        """Reads these hosts, due or not, but for those that are being read; returns when all are stored."""
        with self._database.write() as connection:
            claims = ScheduleRepository(connection).claim(list(host_ids), uuid4().hex, self._clock())
        self._reader.read(claims)

    def read_host(self, host_id: str) -> None:
        """Reads one, as `read_hosts` does."""
        self.read_hosts([host_id])

    def close(self) -> None:
        """Starts no further reading. Those under way end by their deadlines; no process waits for them."""
        self._scheduler.close()
