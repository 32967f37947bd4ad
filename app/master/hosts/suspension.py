"""The use case "an admin suspends a host, or resumes it"."""

from dataclasses import dataclass

from app.auth.caller import Caller
from app.db.engine import Database
from app.db.repositories.audit import AuditRepository
from app.db.repositories.enrolled_hosts import HostSuspensions
from app.db.repositories.hosts import HostRepository
from app.master.errors import HostNotFoundError
from app.master.hosts.listing import LiveHosts
from app.master.hosts.trail import host_entry
from app.quota.clock import Clock


@dataclass(frozen=True, slots=True)
class Suspension:
    """A suspended host is neither read nor changed, by any process within a second or two; its last figures stay."""

    database: Database
    live: LiveHosts
    clock: Clock

    def suspend(self, caller: Caller, host_id: str) -> None:
        """From now on. One that is suspended already stays so, since when it was. HostNotFoundError."""
        self._put(caller, host_id, suspended=True)

    def resume(self, caller: Caller, host_id: str) -> None:
        """Reads it again, at once. HostNotFoundError."""
        self._put(caller, host_id, suspended=False)

    def _put(self, caller: Caller, host_id: str, *, suspended: bool) -> None:
        now = self.clock()
        with self.database.write() as connection:
            hosts = HostRepository(connection)
            hosts.lock(host_id)
            host = hosts.find(host_id)
            if host is None:
                raise HostNotFoundError("There is no host of this id.")
            if (host.suspended_at is not None) == suspended:
                return
            HostSuspensions(connection).put(host_id, now if suspended else None)
            if not suspended:
                hosts.request_refresh(host_id, now)
            action = "suspend_host" if suspended else "resume_host"
            before, after = {"suspended": not suspended}, {"suspended": suspended}
            AuditRepository(connection).add(host_entry(caller, action, host_id, now, before=before, after=after))
        self.live.outdate()
