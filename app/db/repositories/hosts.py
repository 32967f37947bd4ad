"""Hosts and how their readings go."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, select, text, update

from app.db.tables.fleet import HostRow


class HostRecord(NamedTuple):
    """A host as stored. Instants are aware UTC; `taken_at` None: never read. A named tuple: lists have hundreds."""

    id: str
    label: str
    url: str
    version: str | None
    etag: str | None
    taken_at: datetime | None
    attempted_at: datetime | None
    failing_since: datetime | None
    problem_code: str | None
    problem_detail: str | None
    changed_at: datetime | None
    refresh_requested_at: datetime | None
    revision: int
    devices: int
    suspended_at: datetime | None = None


class LastReading(NamedTuple):
    """How fresh a host's figures are. A named tuple, since a page of quotas may be of a hundred hosts."""

    host_id: str
    taken_at: datetime | None
    suspended_at: datetime | None
    problem_code: str | None


class HostRepository:
    """Reads and writes hosts on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def sync(self, hosts: Iterable[tuple[str, str, str]]) -> None:
        """Makes the stored hosts those given as (id, label, url); what is known of a host that stays is kept."""
        self.lock_all()
        wanted = {host_id: (label, url) for host_id, label, url in hosts}
        known = {
            row.id: (row.label, row.url)
            for row in self._connection.execute(select(HostRow.id, HostRow.label, HostRow.url))
        }
        for host_id, (label, url) in wanted.items():
            if host_id not in known:
                self.add(host_id, label, url)
            elif known[host_id] != (label, url):
                self._connection.execute(update(HostRow).where(HostRow.id == host_id).values(label=label, url=url))
        for host_id in known.keys() - wanted.keys():
            self.remove(host_id)

    def add(self, host_id: str, label: str, url: str) -> None:
        """A host of which nothing is known yet."""
        self._connection.execute(insert(HostRow).values(id=host_id, label=label, url=url, revision=0, devices=0))

    def remove(self, host_id: str) -> None:
        """With its devices and quotas."""
        self._connection.execute(delete(HostRow).where(HostRow.id == host_id))

    def list_all(self) -> list[HostRecord]:
        """All hosts by id."""
        return [HostRecord(*row) for row in self._connection.execute(_HOSTS.order_by(HostRow.id))]

    def last_readings(self, host_ids: Iterable[str]) -> dict[str, LastReading]:
        """The last readings of these hosts, by id."""
        rows = self._connection.execute(_LAST_READINGS, {"ids": sorted(set(host_ids))}).all()
        return {row[0]: LastReading._make(row) for row in rows}

    def lock_all(self) -> None:
        """Until the end of the transaction nobody else adds, removes or changes hosts; reading goes on.

        On SQLite a writing transaction is that already.
        """
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text("LOCK TABLE host IN SHARE ROW EXCLUSIVE MODE"))

    def lock(self, host_id: str) -> None:
        """Until the end of the transaction nobody else stores anything of the host.

        Whoever writes the host's devices or quotas does this first; of several hosts, in the order of their ids.
        """
        host = select(HostRow.id).where(HostRow.id == host_id)
        self._connection.execute(host.with_for_update(key_share=True))

    def find(self, host_id: str) -> HostRecord | None:
        """One host, or None."""
        row = self._connection.execute(_HOSTS.where(HostRow.id == host_id)).one_or_none()
        return None if row is None else HostRecord(*row)

    def newest_attempt(self) -> datetime | None:
        """When the last reading of any host that is not suspended began, however it went; None: never."""
        newest = select(func.max(HostRow.attempted_at)).where(HostRow.suspended_at.is_(None))
        return self._connection.execute(newest).scalar_one()

    def record_change(self, host_id: str, at: datetime) -> None:
        """A limit was changed there at `at`: readings begun before are out of date, and so is the ETag."""
        self._set(host_id, changed_at=at, etag=None, revision=HostRow.revision + 1)

    def request_refresh(self, host_id: str, at: datetime) -> None:
        """Asks the collector to read the host at once."""
        self._set(host_id, refresh_requested_at=at)

    def _set(self, host_id: str, **values: object) -> None:
        self._connection.execute(update(HostRow).where(HostRow.id == host_id).values(**values))


_HOSTS: Select[Any] = select(*(HostRow.__table__.columns[name] for name in HostRecord._fields))
_LAST_READINGS = select(HostRow.id, HostRow.taken_at, HostRow.suspended_at, HostRow.problem_code).where(
    HostRow.id.in_(bindparam("ids", expanding=True))
)
