"""Puts together what knows and administers the hosts of a master."""

from dataclasses import dataclass
from pathlib import Path

import structlog

from app.auth.rate import LoginRate
from app.auth.vault import Vault
from app.db.engine import Database
from app.db.repositories.enrolled_hosts import EnrolledHostRepository
from app.db.repositories.hosts import HostRepository
from app.master.collector.slave_client import SlaveClient
from app.master.fleet import Fleet, HostEntry
from app.master.hosts.confirmation import Confirmation
from app.master.hosts.enrolment import Enrolment
from app.master.hosts.listing import LiveHosts
from app.master.hosts.rotation import Rotation
from app.master.hosts.suspension import Suspension
from app.master.routes.hostadmin import HostAdministration
from app.master.slave_events import SlaveEvents
from app.quota.clock import Clock
from app.settings.keys import SigningKey, event_key_id
from app.settings.master import MasterSettings

log = structlog.get_logger(__name__)

ENROLMENTS_PER_MINUTE = 600
"""In one server process, with the questions how an enrolment stands; one address may use a tenth of it."""


@dataclass(frozen=True, slots=True)
class HostParts:
    """The hosts, live, and what opens their keys."""

    fleet: Fleet
    live: LiveHosts
    vault: Vault
    ca_files: tuple[str, ...] = ()


def vault_of(settings: MasterSettings) -> Vault:
    """What opens the stored keys of hosts; touches nothing yet."""
    key = settings.SECRETS_KEY.get_secret_value() if settings.SECRETS_KEY else None
    return Vault(key, Path(settings.SECRETS_KEY_FILE))


def host_parts(settings: MasterSettings, database: Database) -> HostParts:
    """Of these settings and this database; touches neither the database nor the file of the key."""
    settled = {
        slave.id: HostEntry(slave.id, slave.label, slave.url, slave.read_key, slave.write_key, slave.ca_file)
        for slave in settings.SLAVES
    }
    vault = vault_of(settings)
    live = LiveHosts(settled, database, vault)
    return HostParts(Fleet(settled, listing=live), live, vault, tuple(settings.CA_FILES))


def host_administration(parts: HostParts, database: Database, clock: Clock, client: SlaveClient) -> HostAdministration:
    """The use cases behind `/api/hosts/…`."""
    return HostAdministration(
        suspension=Suspension(database, parts.live, clock),
        enrolment=Enrolment(database, parts.live, parts.vault, clock, parts.ca_files),
        confirmation=Confirmation(database, parts.live, clock),
        rotation=Rotation(database, parts.live, parts.vault, client, clock),
        enrolment_rate=LoginRate(clock, per_minute=ENROLMENTS_PER_MINUTE, path="/api/enrolment"),
    )


def slave_events(parts: HostParts, settings: MasterSettings, database: Database, clock: Clock) -> SlaveEvents:
    """The use cases of hosts' events; the keys of the settings beside those of enrolled hosts."""
    settled: dict[str, list[SigningKey]] = {}
    for key in settings.SLAVE_EVENT_KEYS:
        settled.setdefault(key.host, []).append(SigningKey(id=key.id, secret=key.secret))
    if settings.SLAVE_EVENT_SECRET is not None:
        log.warning("slave_event_secret", counts=len(settings.SLAVES) == 1, use_instead="SLAVE_EVENT_KEYS")
    if settings.SLAVE_EVENT_SECRET is not None and len(settings.SLAVES) == 1:
        host_id = settings.SLAVES[0].id
        key_id = event_key_id(host_id)
        settled.setdefault(host_id, []).append(SigningKey(id=key_id, secret=settings.SLAVE_EVENT_SECRET))
    return SlaveEvents(database, parts.live, settled, clock)


def sync_hosts(parts: HostParts, database: Database) -> None:
    """Makes the hosts that people see those of the settings and those enrolled."""
    with database.write() as connection:
        HostRepository(connection).lock_all()  # servers that start together, and hosts that are being enrolled
        hosts = {host.id: (host.id, host.label, host.url) for host in EnrolledHostRepository(connection).list_all()}
        hosts |= {host.id: (host.id, host.label, host.url) for host in parts.live.settled.values()}
        HostRepository(connection).sync(hosts.values())
