"""What admins said about whose Docker's objects are, one after the other."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select

from app.db.tables.docker_ledger import DockerWordRow

SET, WITHDRAWN = "set", "withdrawn"


class StoredWord(NamedTuple):
    """A row of `docker_word` without its number."""

    kind: str
    object_id: str
    created_ns: int
    said_at: datetime
    said_by: str
    action: str
    uid: int | None
    user: str | None
    reason: str
    before: str


_COLUMNS = [getattr(DockerWordRow, name) for name in StoredWord._fields]


class DockerWordRepository:
    """The words on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, word: StoredWord) -> None:
        """Adds it. Needs a writing transaction."""
        self._connection.execute(insert(DockerWordRow), [word._asdict()])

    def of_object(self, kind: str, object_id: str) -> Sequence[StoredWord]:
        """All on objects of this name, in the order in which they were said."""
        row = DockerWordRow
        query = select(*_COLUMNS).where(row.object_id == object_id, row.kind == kind).order_by(row.id)
        return [StoredWord(*each) for each in self._connection.execute(query)]

    def of_kind(self, kind: str) -> Sequence[StoredWord]:
        """All on objects of this kind, in the order in which they were said."""
        row = DockerWordRow
        query = select(*_COLUMNS).where(row.kind == kind).order_by(row.id)
        return [StoredWord(*each) for each in self._connection.execute(query)]

    def newest(self) -> int:
        """The number of the last one, 0 where there is none: another number, and somebody said something since."""
        return self._connection.execute(select(func.coalesce(func.max(DockerWordRow.id), 0))).scalar_one()
