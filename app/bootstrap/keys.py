"""Prepares what `qman keys` does on a master."""

import getpass
import socket
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.bootstrap import read_settings
from app.bootstrap.hosts import HostParts, host_parts
from app.db.engine import Database
from app.db.repositories.enrolled_hosts import EnrolledHost, EnrolledHostRepository
from app.master.collector.slave_client import SlaveClient
from app.master.fleet import HostEntry
from app.master.hosts.rotation import Rotation
from app.master.hosts.trail import Actor
from app.quota.clock import utc_now
from app.quota.errors import QmanError
from app.settings.files import SettingsError
from app.settings.master import MasterSettings

AT_A_TIME = 8


@dataclass(frozen=True, slots=True)
class ListedKeys:
    """The keys of one host; `read_key` None: there are none, or they do not open."""

    host: str
    source: str
    read_key: str | None
    keys_at: datetime | None
    rotation: str | None
    suspended: bool


@dataclass(frozen=True, slots=True)
class Rotated:
    """How it went with one host; `problem` None: it has new keys."""

    host: str
    code: str | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class FleetKeys:
    """The keys of all hosts of a master, whether it runs or not."""

    parts: HostParts
    database: Database
    rotate_one: Callable[[str], object]

    def listed(self) -> Sequence[ListedKeys]:
        """By host. DatabaseUnavailableError."""
        listing = self.parts.live()
        with self.database.read() as connection:
            stored = {host.id: host for host in EnrolledHostRepository(connection).list_all()}
        settled = self.parts.live.settled
        every = sorted({*listing.entries, *stored})
        return [_listed(each, listing.entries.get(each), None if each in settled else stored[each]) for each in every]

    def to_rotate(self) -> Sequence[str]:
        """The hosts whose keys the master may change: enrolled, with keys, not suspended."""
        found = self.listed()
        return [each.host for each in found if each.source == "enrolled" and each.read_key and not each.suspended]

    def rotate(self, host_ids: Sequence[str]) -> Iterator[Rotated]:
        """Each of them, several at a time, as they are done."""
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            for done in as_completed([pool.submit(self._rotated, host_id) for host_id in host_ids]):
                yield done.result()

    def _rotated(self, host_id: str) -> Rotated:
        try:
            self.rotate_one(host_id)
        except QmanError as error:
            return Rotated(host_id, error.code, error.detail)
        return Rotated(host_id, None, None)


def _listed(host_id: str, entry: HostEntry | None, stored: EnrolledHost | None) -> ListedKeys:
    return ListedKeys(
        host=host_id,
        source="settings" if stored is None else "enrolled",
        read_key=entry.read_key.id if entry else None,
        keys_at=None if stored is None else stored.keys_at,
        rotation=None if stored is None else stored.rotation,
        suspended=entry is not None and entry.suspended,
    )


def fleet_keys(config: Path | None) -> FleetKeys:
    """Of the master of these settings. SettingsError: they are wrong, or a slave's."""
    configured = read_settings(config)
    settings = configured.settings
    if not isinstance(settings, MasterSettings):
        raise SettingsError(f'{configured.path}: ROLE: found "slave", expected "master", who has all keys')
    database = Database(settings.DATABASE_URL)
    parts = host_parts(settings, database)
    client = SlaveClient(utc_now, hosts=AT_A_TIME)
    rotation = Rotation(database, parts.live, parts.vault, client, utc_now)
    actor = Actor("", getpass.getuser(), "system", socket.gethostname()[:100])
    return FleetKeys(parts, database, lambda host_id: rotation.rotate(actor, host_id))
