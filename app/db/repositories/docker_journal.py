"""The journal of the socket proxy: who created what of Docker."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, insert, select

from app.db.batches import in_batches
from app.db.tables.docker_proxy import DockerJournalRow

_AT_ONCE = 500
"""Ids in one statement: a database takes only so many parameters."""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One creation: `kind` is container, volume, network or image; `object_id` as dockerd answered it.

    `uid` is for whom it counts and `user` that uid's name; both None where nobody can be named. The rest is what the
    kernel told of the process that asked, and when dockerd was asked and had answered.
    """

    kind: str
    object_id: str
    uid: int | None
    user: str | None
    peer_uid: int
    login_uid: int | None
    pid: int
    container_id: str | None
    began_at: datetime
    at: datetime


class DockerJournalRepository:
    """The journal on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, entries: Sequence[JournalEntry]) -> None:
        """Adds these. Needs a writing transaction."""
        self._connection.execute(insert(DockerJournalRow), [asdict(entry) for entry in entries])

    def find_owner(self, kind: str, object_id: str) -> int | None:
        """For whom the object counts, by its latest creation; None where the journal cannot say."""
        row = DockerJournalRow
        query = select(row.uid).where(row.object_id == object_id, row.kind == kind).order_by(row.id.desc()).limit(1)
        return self._connection.execute(query).scalar_one_or_none()

    def entries(self, kind: str, object_ids: Iterable[str]) -> Sequence[JournalEntry]:
        """All of these objects, in the order in which they were added."""
        row = DockerJournalRow
        columns = [getattr(row, each.name) for each in fields(JournalEntry)]
        found: list[JournalEntry] = []
        for some in in_batches(object_ids, _AT_ONCE):
            query = select(*columns).where(row.kind == kind, row.object_id.in_(some)).order_by(row.id)
            found += [JournalEntry(*each) for each in self._connection.execute(query)]
        return found
