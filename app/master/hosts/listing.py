"""The hosts as they are now, whichever process changed them."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from app.auth.vault import SecretsKeyLostError, Vault
from app.db.engine import Database
from app.db.errors import DatabaseUnavailableError
from app.db.repositories.enrolled_hosts import EnrolledHost, EnrolledHostRepository, HostSuspensions
from app.master.fleet import HostEntry, HostListing
from app.master.hosts.keys import HostKeys
from app.settings.keys import SigningKey

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Known:
    revision: int
    listing: HostListing
    event_keys: Mapping[str, Sequence[SigningKey]]


class LiveHosts:
    """Hosts of the settings and of the database: one cheap look at the revision a second, and a reading after a change.

    A database that does not answer leaves what was known. A host id in both places: the settings win.
    """

    def __init__(
        self,
        settled: Mapping[str, HostEntry],
        database: Database,
        vault: Vault,
        *,
        look_every_seconds: float = LOOK_EVERY_SECONDS,
    ) -> None:
        """`settled` are the hosts of the settings."""
        self.settled = settled
        self._database = database
        self._vault = vault
        self._every = look_every_seconds
        self._lock = threading.Lock()
        self._looked_at: float | None = None
        self._known = _Known(-1, HostListing(settled), {})

    def __call__(self) -> HostListing:
        """All hosts."""
        return self._current().listing

    def event_keys(self, host_id: str) -> Sequence[SigningKey]:
        """The keys that an enrolled host may sign its events with."""
        return self._current().event_keys.get(host_id, ())

    def outdate(self) -> None:
        """The next call looks at the database: this process changed something."""
        self._looked_at = None

    def _current(self) -> _Known:
        looked_at = self._looked_at
        if looked_at is not None and time.monotonic() - looked_at < self._every:
            return self._known
        with self._lock:
            if self._looked_at is None or self._looked_at == looked_at:
                self._look()
            return self._known

    def _look(self) -> None:
        self._looked_at = time.monotonic()
        try:
            with self._database.read() as connection:
                hosts = EnrolledHostRepository(connection)
                revision = hosts.revision()
                if revision == self._known.revision:
                    return
                enrolled, suspended = hosts.list_all(), HostSuspensions(connection).host_ids()
        except DatabaseUnavailableError as error:
            log.warning("fleet_not_looked_at", reason=error.code)
            return
        self._known = self._merged(revision, enrolled, suspended)
        log.info("fleet_changed", revision=revision, hosts=len(self._known.listing.entries))

    def _merged(self, revision: int, enrolled: Sequence[EnrolledHost], suspended: frozenset[str]) -> _Known:
        entries = {host_id: replace(entry, suspended=host_id in suspended) for host_id, entry in self.settled.items()}
        event_keys, without_keys = {}, set()
        shadowed = frozenset(host.id for host in enrolled) & self.settled.keys()
        if shadowed:
            log.warning("host_listed_twice", hosts=sorted(shadowed), reason="the settings win over the enrolled one")
        for host in enrolled:
            if host.id in shadowed:
                continue
            keys = self._opened(host)
            if keys is None:
                without_keys.add(host.id)
                continue
            pair = keys.current
            entries[host.id] = HostEntry(
                host.id, host.label, host.url, pair.read, pair.write, host.ca_file, host.id in suspended
            )
            event_keys[host.id] = tuple(keys.event_keys())
        return _Known(revision, HostListing(entries, frozenset(without_keys), shadowed), event_keys)

    def _opened(self, host: EnrolledHost) -> HostKeys | None:
        if host.sealed_keys is None:
            return None
        try:
            return HostKeys.opened(host.sealed_keys, self._vault)
        except SecretsKeyLostError as error:
            log.warning("host_keys_lost", host=host.id, reason=error.detail)
            return None
