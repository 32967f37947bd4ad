"""The use case "an admin adds a host, and the host gets its keys by a one-time code"."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta

import structlog

from app.auth.caller import Caller
from app.auth.enrolment.code import CodeKeys, new_code
from app.auth.enrolment.errors import EnrolmentExpiredError, EnrolmentUsedError, EnrolmentWrongHostError
from app.auth.enrolment.sealing import Answerer, EnrolIn, SealedOut, enrolment_words
from app.auth.signatures import AcceptedKey, DatabaseNonces, SignatureInvalidError, SignatureVerifier, SignedMessage
from app.auth.vault import SecretsKeyLostError, Vault
from app.db.engine import Database
from app.db.repositories.audit import AuditRepository
from app.db.repositories.enrolled_hosts import (
    EnrolledHost,
    EnrolledHostRepository,
    EnrolmentCode,
    EnrolmentCodeRepository,
)
from app.db.repositories.hosts import HostRepository
from app.master.errors import HostExistsError, HostInSettingsError, HostNotFoundError, KeysChangedError
from app.master.hosts.keys import HostKeys
from app.master.hosts.listing import LiveHosts
from app.master.hosts.trail import enrolled_entry, host_entry
from app.master.wire.hostadmin import CodeOut, HostIn
from app.quota.clock import Clock
from app.quota.errors import FieldFault, InvalidInputError
from app.settings.keys import KeyPair

log = structlog.get_logger(__name__)

GOOD_FOR = timedelta(minutes=15)
REMEMBERED = timedelta(days=1)
"""How long a code is told from one that never was."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Adds and removes hosts, makes codes, and exchanges each code once. `ca_files` are those that hosts may name."""

    database: Database
    live: LiveHosts
    vault: Vault
    clock: Clock
    ca_files: Collection[str]

    def add(self, caller: Caller, wanted: HostIn) -> CodeOut:
        """A host that waits for its keys, and the code to get them. HostExistsError, SecretsKeyLostError."""
        if wanted.ca_file is not None and wanted.ca_file not in self.ca_files:
            known = f"one of CA_FILES in the master's settings: {', '.join(self.ca_files) or 'it names none'}"
            raise InvalidInputError("The file is unknown.", fields=[FieldFault("ca_file", wanted.ca_file, known)])
        label = wanted.label.strip()
        with self.database.write() as connection:
            HostRepository(connection).lock_all()
            hosts = EnrolledHostRepository(connection)
            if wanted.id in self.live.settled or hosts.find(wanted.id) is not None:
                raise HostExistsError(f"There is a host {wanted.id} already.")
            hosts.add(wanted.id, label, wanted.url, wanted.ca_file)
            HostRepository(connection).add(wanted.id, label, wanted.url)
            after = {"label": label, "url": wanted.url, "ca_file": wanted.ca_file}
            entry = host_entry(caller, "add_host", wanted.id, self.clock(), after=after)
            AuditRepository(connection).add(entry)
            made = self._new_code(EnrolmentCodeRepository(connection), hosts, caller, wanted.id)
        self.live.outdate()
        return made

    def new_code(self, caller: Caller, host_id: str) -> CodeOut:
        """Another code; an earlier one is good no more. HostNotFoundError, HostInSettingsError, SecretsKeyLostError.

        The keys that the host has stay good until the code is exchanged.
        """
        with self.database.write() as connection:
            hosts = EnrolledHostRepository(connection)
            self._get(hosts, host_id)
            entry = host_entry(caller, "make_enrolment_code", host_id, self.clock())
            AuditRepository(connection).add(entry)
            return self._new_code(EnrolmentCodeRepository(connection), hosts, caller, host_id)

    def remove(self, caller: Caller, host_id: str) -> None:
        """Forgets the host, its keys and its figures; the audit trail stays. HostNotFoundError, HostInSettingsError."""
        with self.database.write() as connection:
            HostRepository(connection).lock_all()
            hosts = EnrolledHostRepository(connection)
            host = self._get(hosts, host_id)
            hosts.remove(host_id)
            HostRepository(connection).remove(host_id)
            before = {"label": host.label, "url": host.url, "ca_file": host.ca_file}
            entry = host_entry(caller, "remove_host", host_id, self.clock(), before=before)
            AuditRepository(connection).add(entry)
        self.live.outdate()

    def exchange(self, message: SignedMessage, wanted: EnrolIn, origin: str) -> SealedOut:
        """The keys of the host, sealed for the one who signed with a code, once.

        SignatureInvalidError: not signed with a code of ours, or a replay. EnrolmentUsedError, EnrolmentExpiredError,
        EnrolmentWrongHostError: the code is still as it was. KeysChangedError, SecretsKeyLostError.
        """
        answerer = Answerer(wanted.public_key)
        code, keys = self._verified(message)
        pair = KeyPair.new(code.host_id)
        now = self.clock()
        with self.database.write() as connection:
            hosts, found = EnrolledHostRepository(connection), EnrolmentCodeRepository(connection)
            self._use(found, code, wanted.host_id)
            host = self._get(hosts, code.host_id)
            sealed = HostKeys(pair).sealed(self.vault)
            if not hosts.put_keys(host, sealed, None, keys_at=now, enrolled_at=now):
                raise KeysChangedError("Somebody else changes the keys of this host. Make a new code.")
            AuditRepository(connection).add(enrolled_entry(code, pair, now, origin))
        self.live.outdate()
        log.info("host_enrolled", host=code.host_id, code_id=code.id, key_id=pair.read.id)
        return answerer.sealed(pair.plain(), keys.sealing, enrolment_words(code.host_id, code.id))

    def _verified(self, message: SignedMessage) -> tuple[EnrolmentCode, CodeKeys]:
        codes = _Codes(self.database, self.vault)
        codes.load()
        try:
            key = SignatureVerifier(codes, DatabaseNonces(self.database), self.clock).verify(message)
        except SignatureInvalidError as error:
            if error.rule not in {"unknown_key", "mismatch"}:
                raise
            detail = "The code is not known here, or is no more. Copy it whole, or make a new one in the dashboard."
            raise SignatureInvalidError(error.rule, detail) from error
        return codes.of_key(key.id)

    def _use(self, codes: EnrolmentCodeRepository, code: EnrolmentCode, host_id: str) -> None:
        if code.used_at is not None:
            raise EnrolmentUsedError("The code was exchanged for keys before. Make a new one in the dashboard.")
        if self.clock() >= code.expires_at:
            raise EnrolmentExpiredError("The code has expired. Make a new one in the dashboard.")
        if host_id != code.host_id:
            raise EnrolmentWrongHostError(
                f"The code was made for the host {code.host_id}, and SLAVE_HOST_ID there is {host_id}."
            )
        if not codes.use(code.id, self.clock()):
            raise EnrolmentUsedError("The code was exchanged for keys before. Make a new one in the dashboard.")

    def _get(self, hosts: EnrolledHostRepository, host_id: str) -> EnrolledHost:
        host = hosts.find(host_id)
        if host is not None:
            return host
        if host_id in self.live.settled:
            raise HostInSettingsError(f"{host_id} stands in SLAVES of the master's settings. Change it there.")
        raise HostNotFoundError("There is no host of this id.")

    def _new_code(
        self, codes: EnrolmentCodeRepository, hosts: EnrolledHostRepository, caller: Caller, host_id: str
    ) -> CodeOut:
        text, now = new_code(), self.clock()
        keys = CodeKeys.of(text)
        sealed = self.vault.seal(keys.plain(), is_first=not hosts.has_secrets())
        codes.drop_open(host_id)
        codes.purge(now - REMEMBERED)
        codes.add(
            EnrolmentCode(
                id=keys.code_id,
                host_id=host_id,
                sealed_keys=sealed,
                made_at=now,
                expires_at=now + GOOD_FOR,
                used_at=None,
                person_id=caller.person.id,
                person_name=caller.person.name,
            )
        )
        return CodeOut(host=host_id, code=text, expires_at=now + GOOD_FOR)


class _Codes(Collection[AcceptedKey]):
    """The codes that are remembered, as keys that sign requests."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._known: dict[str, tuple[EnrolmentCode, CodeKeys]] = {}

    def load(self) -> None:
        """As they are now; those that do not open are none."""
        with self._database.read() as connection:
            codes = EnrolmentCodeRepository(connection).list_all()
        for code in codes:
            try:
                keys = CodeKeys.from_plain(code.id, self._vault.open(code.sealed_keys))
            except SecretsKeyLostError as error:
                log.warning("code_not_opened", code_id=code.id, reason=error.detail)
                continue
            self._known[keys.signing.id] = (code, keys)

    def of_key(self, key_id: str) -> tuple[EnrolmentCode, CodeKeys]:
        """The code that signs with this key."""
        return self._known[key_id]

    def __iter__(self) -> Iterator[AcceptedKey]:
        """Their keys."""
        return (AcceptedKey.of(keys.signing, "enrol") for _, keys in self._known.values())

    def __contains__(self, key: object) -> bool:
        """Is it one of them?"""
        return any(key == each for each in self)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._known)
