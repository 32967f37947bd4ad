"""The ledger of the Docker device: objects with their attributions, overrides, limits, and the store as a whole."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.db.base import Base
from app.db.batches import in_batches
from app.db.tables.docker_ledger import DockerLimitRow, DockerObjectRow, DockerOverrideRow, DockerStoreRow

_AT_ONCE = 50
"""Rows in one statement: a database takes only so many parameters."""
_THE_STORE = 1


class StoredObject(NamedTuple):
    """A row of `docker_object`, column by column."""

    kind: str
    id: str
    name: str
    created_ns: int
    first_seen_at: datetime | None
    gone_at: datetime | None
    bytes: int
    log_bytes: int
    facts: str
    uid: int | None
    user: str | None
    method: str
    certainty: str
    candidates: str


class StoredOverride(NamedTuple):
    """A row of `docker_override`."""

    kind: str
    id: str
    created_ns: int
    uid: int | None
    user: str | None
    reason: str
    set_at: datetime


class StoredStore(NamedTuple):
    """The row of `docker_store`."""

    state: str
    detail: str
    asked_at: datetime
    engine: str
    measured_at: datetime | None
    used: int
    free: int
    overhead: int
    filesystem_used: int | None


class DockerLedgerRepository:
    """The ledger on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find_store(self) -> StoredStore | None:
        """The store as it was last measured; None before anybody asked its engine."""
        columns = [getattr(DockerStoreRow, name) for name in StoredStore._fields]
        row = self._connection.execute(select(*columns)).one_or_none()
        return None if row is None else StoredStore(*row)

    def put_store(self, store: StoredStore) -> None:
        """Keeps it in place of the last."""
        self._upsert(DockerStoreRow, [{"id": _THE_STORE, **store._asdict()}], ("id",))

    def objects(self, *, gone_too: bool = False) -> Sequence[StoredObject]:
        """Those that are there, in the order of kind and id; with `gone_too` also those remembered."""
        row = DockerObjectRow
        query = select(*[getattr(row, name) for name in StoredObject._fields]).order_by(row.kind, row.id)
        if not gone_too:
            query = query.where(row.gone_at.is_(None))
        return [StoredObject(*each) for each in self._connection.execute(query)]

    def put_objects(self, objects: Iterable[StoredObject]) -> None:
        """Keeps each in place of what stood there for its kind and id."""
        self._upsert(DockerObjectRow, [each._asdict() for each in objects], ("kind", "id"))

    def mark_gone(self, keys: Iterable[tuple[str, str]], now: datetime) -> None:
        """Keeps that these are gone since now."""
        row = DockerObjectRow
        for kind, object_id in keys:
            where = (row.kind == kind, row.id == object_id, row.gone_at.is_(None))
            self._connection.execute(update(row).where(*where).values(gone_at=now))

    def forget_gone(self, before: datetime) -> None:
        """Forgets what is gone since before that. Overrides are kept for ever."""
        self._connection.execute(delete(DockerObjectRow).where(DockerObjectRow.gone_at < before))

    def overrides(self) -> Sequence[StoredOverride]:
        """All, also those of objects that are gone."""
        columns = [getattr(DockerOverrideRow, name) for name in StoredOverride._fields]
        return [StoredOverride(*each) for each in self._connection.execute(select(*columns))]

    def find_override(self, kind: str, object_id: str, created_ns: int) -> StoredOverride | None:
        """The one for this very object."""
        row = DockerOverrideRow
        columns = [getattr(row, name) for name in StoredOverride._fields]
        query = select(*columns).where(row.kind == kind, row.id == object_id, row.created_ns == created_ns)
        found = self._connection.execute(query).one_or_none()
        return None if found is None else StoredOverride(*found)

    def drop_override(self, override: StoredOverride) -> None:
        """Forgets it."""
        row = DockerOverrideRow
        where = (row.kind == override.kind, row.id == override.id, row.created_ns == override.created_ns)
        self._connection.execute(delete(row).where(*where))

    def put_override(self, override: StoredOverride) -> None:
        """Keeps it in place of another for the same object."""
        self._upsert(DockerOverrideRow, [override._asdict()], ("kind", "id", "created_ns"))

    def limits(self) -> Mapping[int, tuple[int | None, int | None]]:
        """Soft and hard limit by uid, of those who have any."""
        row = DockerLimitRow
        return {uid: (soft, hard) for uid, soft, hard in self._connection.execute(select(row.uid, row.soft, row.hard))}

    def put_limits(self, uid: int, soft: int | None, hard: int | None) -> None:
        """Keeps them; a row stays for who has none any more: the uid was seen."""
        self._upsert(DockerLimitRow, [{"uid": uid, "soft": soft, "hard": hard}], ("uid",))

    def _upsert(self, table: type[Base], rows: Sequence[Mapping[str, Any]], key: Sequence[str]) -> None:
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        for some in in_batches(rows, _AT_ONCE):
            statement = dialect.insert(table).values(some)
            changed = {name: statement.excluded[name] for name in some[0] if name not in key}
            self._connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed))
