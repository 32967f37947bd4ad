"""Is any host read at all?"""

from dataclasses import dataclass
from datetime import datetime

from app.db.repositories.hosts import HostRepository
from app.db.repositories.leases import LeaseRepository
from app.master.collector.service import LEASE
from app.master.fleet import Fleet
from app.master.freshness import Freshness
from app.master.wire.hosts import StandstillOut


@dataclass(frozen=True, slots=True)
class Standstills:
    """Tells hosts that fail from readings that nobody carries out. `begun_at`: when this server did."""

    fleet: Fleet
    freshness: Freshness
    begun_at: datetime
    has_broker: bool

    def find(self, hosts: HostRepository, leases: LeaseRepository, now: datetime) -> StandstillOut | None:
        """None while any host was tried lately, whatever it answered, or where none is to be read.

        Lately is as for a host that is fresh: the longest pause after failures is shorter than that.
        """
        if all(host.suspended for host in self.fleet.entries.values()):
            return None
        since = max(hosts.newest_attempt() or self.begun_at, self.begun_at)
        if since >= self.freshness.stale_before(now):
            return None
        if not leases.is_held(LEASE, now):
            return StandstillOut(reason="not_planned", since=since)
        return StandstillOut(reason="no_worker" if self.has_broker else "stalled", since=since)
