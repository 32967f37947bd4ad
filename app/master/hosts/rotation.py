"""The use case "the keys of a host are changed", killed at any step and finished by the next try.

The slave makes the new pair and accepts both; the master stores it, reads with it, switches, and has the old one
dropped. Whatever is lost in between, one of the two pairs is good on both sides.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import orjson
import structlog
from pydantic import ValidationError

from app.auth.enrolment.errors import SealBrokenError
from app.auth.enrolment.sealing import Asker, SealedOut, keys_words
from app.auth.vault import Vault
from app.db.engine import Database
from app.db.repositories.audit import AuditRepository
from app.db.repositories.enrolled_hosts import EnrolledHost, EnrolledHostRepository
from app.db.repositories.hosts import HostRepository
from app.master.collector.slave_client import FetchError, SlaveClient, told_as_host_error
from app.master.errors import HostInSettingsError, KeysChangedError
from app.master.fleet import HostEntry
from app.master.hosts.keys import HostKeys
from app.master.hosts.listing import LiveHosts
from app.master.hosts.trail import Actor, key_ids, keys_entry
from app.master.wire.hostadmin import RotationOut
from app.quota.clock import Clock
from app.settings.keys import KeyPair
from app.web.wire import Out

log = structlog.get_logger(__name__)

CONFIRMING, DROPPING = "confirming", "dropping"
_BY_HAND = (
    "{} stands in SLAVES of the master's settings, which the master does not write. Add a second pair to API_KEYS of"
    " the slave, put it into SLAVES, restart both, then take the first pair out."
)


class _Settled(Out):
    status: str


@dataclass(frozen=True, slots=True)
class Rotation:
    """Changes keys, one host at a time. Each step is stored before the next begins."""

    database: Database
    live: LiveHosts
    vault: Vault
    client: SlaveClient
    clock: Clock

    def rotate(self, actor: Actor, host_id: str) -> RotationOut:
        """New keys for the host; an earlier rotation that stopped half way is finished instead.

        HostNotFoundError, HostNotEnrolledError, HostInSettingsError, HostSuspendedError, KeysChangedError: somebody
        else rotates it too; what the slave refuses, HostRefusedError, HostTimeoutError, HostFailedError,
        SealBrokenError: the keys in use stay good, and trying again goes on from there.
        """
        self.live.outdate()
        entry = self._entry(host_id)
        if self._stored(host_id).rotation is None:
            self._order(entry)
        if self._stored(host_id).rotation == CONFIRMING and not self._confirm(entry, actor):
            self._order(entry)
            self._confirm(entry, actor)
        return self._drop(entry)

    def _entry(self, host_id: str) -> HostEntry:
        listing = self.live()
        if host_id in self.live.settled:
            raise HostInSettingsError(_BY_HAND.format(host_id))
        return listing.get(host_id)

    def _order(self, entry: HostEntry) -> None:
        stored = self._stored(entry.id)
        keys, asker = self._keys(stored), Asker()
        body = orjson.dumps({"public_key": asker.public_key})
        signer = keys.current.write
        answer = self.client.change(_with(entry, keys.current), "POST", "/remote-api/keys", body, SealedOut)
        secret = signer.secret.get_secret_value().encode()
        try:
            offered = KeyPair.model_validate(asker.opened(answer, secret, keys_words(entry.id, signer.id)))
        except ValidationError as error:
            raise SealBrokenError("The host answered something else than keys.") from error
        self._store(stored, replace(keys, next=offered), CONFIRMING)

    def _confirm(self, entry: HostEntry, actor: Actor) -> bool:
        """Reads with the new keys, and switches; False: the slave does not know them, and they are forgotten."""
        stored = self._stored(entry.id)
        keys = self._keys(stored)
        if keys.next is None:
            return False
        with self.database.read() as connection:
            host = HostRepository(connection).find(entry.id)
        try:
            self.client.read(_with(entry, keys.next), host.etag if host else None)
        except FetchError as error:
            if error.code == "unauthorized":
                self._store(stored, replace(keys, next=None), None)
                return False
            with told_as_host_error():
                raise
        now = self.clock()

        def audited(repository: AuditRepository) -> None:
            after = key_ids(keys.next or keys.current)
            repository.add(keys_entry(actor, entry.id, now, before=key_ids(keys.current), after=after))

        self._store(stored, keys.promoted(), DROPPING, audited, keys_at=now)
        log.info("keys_rotated", host=entry.id, key_id=keys.next.read.id)
        return True

    def _drop(self, entry: HostEntry) -> RotationOut:
        stored = self._stored(entry.id)
        if stored.rotation == DROPPING:
            keys = self._keys(stored)
            self.client.change(_with(entry, keys.current), "POST", "/remote-api/keys/settle", b"", _Settled)
            self._store(stored, keys.settled(), None)
        return RotationOut(host=entry.id, keys_at=self._stored(entry.id).keys_at)

    def _stored(self, host_id: str) -> EnrolledHost:
        with self.database.read() as connection:
            stored = EnrolledHostRepository(connection).find(host_id)
        if stored is None or stored.sealed_keys is None:
            raise KeysChangedError("The host was removed or enrolled anew meanwhile.")
        return stored

    def _keys(self, stored: EnrolledHost) -> HostKeys:
        return HostKeys.opened(stored.sealed_keys or "", self.vault)

    def _store(
        self,
        stored: EnrolledHost,
        keys: HostKeys,
        step: str | None,
        also: Callable[[AuditRepository], None] = lambda _: None,
        **instants: datetime,
    ) -> None:
        sealed = keys.sealed(self.vault)
        with self.database.write() as connection:
            if not EnrolledHostRepository(connection).put_keys(stored, sealed, step, **instants):
                raise KeysChangedError("Somebody else changes the keys of this host. Look again in a moment.")
            also(AuditRepository(connection))
        self.live.outdate()


def _with(entry: HostEntry, pair: KeyPair) -> HostEntry:
    return replace(entry, read_key=pair.read, write_key=pair.write)
