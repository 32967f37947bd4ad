"""The use case "a host asks whether the master can read it with its new keys"."""

from collections.abc import Collection
from dataclasses import dataclass

from app.auth.signatures import AcceptedKey, DatabaseNonces, SignatureVerifier, SignedMessage
from app.db.engine import Database
from app.db.repositories.enrolled_hosts import EnrolledHostRepository
from app.db.repositories.hosts import HostRepository
from app.master.errors import HostNotFoundError
from app.master.freshness import host_problem
from app.master.hosts.listing import LiveHosts
from app.master.hosts.standing import is_confirmed
from app.master.wire.hostadmin import EnrolmentStatusIn, EnrolmentStatusOut
from app.quota.clock import Clock


@dataclass(frozen=True, slots=True)
class Confirmation:
    """An enrolment counts from the first good reading after it. The collector makes it; here it is asked for."""

    database: Database
    live: LiveHosts
    clock: Clock

    def status(self, message: SignedMessage, wanted: EnrolmentStatusIn) -> EnrolmentStatusOut:
        """How it stands; a reading is asked for where it is not confirmed. SignatureInvalidError.

        Only the host itself is told, by a request signed with its event key.
        """
        self.live.outdate()
        keys = self._keys(wanted.host_id)
        SignatureVerifier(keys, DatabaseNonces(self.database), self.clock).verify(message)
        with self.database.write() as connection:
            hosts = HostRepository(connection)
            enrolled = EnrolledHostRepository(connection).find(wanted.host_id)
            host = hosts.find(wanted.host_id)
            if enrolled is None or host is None:
                raise HostNotFoundError("There is no host of this id.")
            if is_confirmed(enrolled, host):
                return EnrolmentStatusOut(state="enrolled", problem=None)
            hosts.request_refresh(host.id, self.clock())
        tried_at, enrolled_at = host.attempted_at, enrolled.enrolled_at
        was_tried = tried_at is not None and enrolled_at is not None and tried_at >= enrolled_at
        return EnrolmentStatusOut(state="unconfirmed", problem=host_problem(host) if was_tried else None)

    def _keys(self, host_id: str) -> Collection[AcceptedKey]:
        return [AcceptedKey.of(key, "events") for key in self.live.event_keys(host_id)]
