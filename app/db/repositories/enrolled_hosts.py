"""Hosts that were enrolled in the dashboard, and the revision of the whole fleet."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.db.tables.fleet import HostRow
from app.db.tables.hosts import EnrolledHostRow, EnrolmentCodeRow, FleetRevisionRow

_ONLY = 1


@dataclass(frozen=True, slots=True)
class EnrolledHost:
    """As stored; see the table."""

    id: str
    label: str
    url: str
    ca_file: str | None
    sealed_keys: str | None
    keys_at: datetime | None
    enrolled_at: datetime | None
    rotation: str | None
    version: int


@dataclass(frozen=True, slots=True)
class EnrolmentCode:
    """As stored; see the table."""

    id: str
    host_id: str
    sealed_keys: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    person_id: str
    person_name: str


class EnrolledHostRepository:
    """Reads and writes them on one connection. Each writing method makes the fleet's revision grow."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def revision(self) -> int:
        """Grows whenever a host or its keys change; 0 before the first change."""
        query = select(FleetRevisionRow.revision).where(FleetRevisionRow.id == _ONLY)
        return self._connection.execute(query).scalar_one_or_none() or 0

    def bump(self) -> None:
        """Something of the fleet changed."""
        grown = update(FleetRevisionRow).where(FleetRevisionRow.id == _ONLY)
        if self._connection.execute(grown.values(revision=FleetRevisionRow.revision + 1)).rowcount:
            return
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(FleetRevisionRow).values(id=_ONLY, revision=1))
        except IntegrityError:  # somebody was faster by a moment
            self._connection.execute(grown.values(revision=FleetRevisionRow.revision + 1))

    def list_all(self) -> list[EnrolledHost]:
        """All by id."""
        return [EnrolledHost(*row) for row in self._connection.execute(_HOSTS.order_by(EnrolledHostRow.id))]

    def find(self, host_id: str) -> EnrolledHost | None:
        """One, or None."""
        row = self._connection.execute(_HOSTS.where(EnrolledHostRow.id == host_id)).one_or_none()
        return None if row is None else EnrolledHost(*row)

    def add(self, host_id: str, label: str, url: str, ca_file: str | None) -> None:
        """A host that waits for its keys."""
        values = {"id": host_id, "label": label, "url": url, "ca_file": ca_file, "version": 0}
        self._connection.execute(insert(EnrolledHostRow).values(**values))
        self.bump()

    def remove(self, host_id: str) -> bool:
        """With its codes; False when it was not there."""
        self._connection.execute(delete(EnrolmentCodeRow).where(EnrolmentCodeRow.host_id == host_id))
        removed = self._connection.execute(delete(EnrolledHostRow).where(EnrolledHostRow.id == host_id)).rowcount
        self.bump()
        return bool(removed)

    def put_keys(self, host: EnrolledHost, sealed_keys: str, rotation: str | None, **instants: datetime) -> bool:
        """Stores the host's keys; False when they were changed since `host` was read."""
        stored = self._connection.execute(
            update(EnrolledHostRow)
            .where(EnrolledHostRow.id == host.id, EnrolledHostRow.version == host.version)
            .values(sealed_keys=sealed_keys, rotation=rotation, version=host.version + 1, **instants)
        )
        self.bump()
        return bool(stored.rowcount)

    def has_secrets(self) -> bool:
        """Was anything sealed in this database, that is still there?"""
        keys = select(func.count()).select_from(EnrolledHostRow).where(EnrolledHostRow.sealed_keys.is_not(None))
        codes = select(func.count()).select_from(EnrolmentCodeRow)
        return any(self._connection.execute(query).scalar_one() for query in (keys, codes))


class EnrolmentCodeRepository:
    """Reads and writes codes on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, code: EnrolmentCode) -> None:
        """A new code."""
        self._connection.execute(insert(EnrolmentCodeRow).values(**asdict(code)))

    def drop_open(self, host_id: str) -> None:
        """The codes of a host that were not used are good no more."""
        where = (EnrolmentCodeRow.host_id == host_id, EnrolmentCodeRow.used_at.is_(None))
        self._connection.execute(delete(EnrolmentCodeRow).where(*where))

    def purge(self, before: datetime) -> None:
        """Forgets those that expired before then."""
        self._connection.execute(delete(EnrolmentCodeRow).where(EnrolmentCodeRow.expires_at < before))

    def list_all(self) -> list[EnrolmentCode]:
        """All that are remembered, the newest last."""
        query = select(*EnrolmentCodeRow.__table__.columns).order_by(EnrolmentCodeRow.made_at)
        return [EnrolmentCode(*row) for row in self._connection.execute(query)]

    def find(self, code_id: str) -> EnrolmentCode | None:
        """One, or None."""
        query = select(*EnrolmentCodeRow.__table__.columns).where(EnrolmentCodeRow.id == code_id)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else EnrolmentCode(*row)

    def use(self, code_id: str, now: datetime) -> bool:
        """True for the first; False for everybody after."""
        where = (EnrolmentCodeRow.id == code_id, EnrolmentCodeRow.used_at.is_(None))
        return bool(self._connection.execute(update(EnrolmentCodeRow).where(*where).values(used_at=now)).rowcount)


class HostSuspensions:
    """Which hosts are suspended, those of the settings too."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def host_ids(self) -> frozenset[str]:
        """The suspended ones."""
        query = select(HostRow.id).where(HostRow.suspended_at.is_not(None))
        return frozenset(self._connection.execute(query).scalars())

    def put(self, host_id: str, suspended_at: datetime | None) -> None:
        """Suspends a host from then on, or resumes it."""
        self._connection.execute(update(HostRow).where(HostRow.id == host_id).values(suspended_at=suspended_at))
        EnrolledHostRepository(self._connection).bump()


_HOSTS: Any = select(*EnrolledHostRow.__table__.columns)
