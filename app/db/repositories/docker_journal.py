"""The journal of the socket proxy: who created what of Docker."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, delete, exists, insert, select

from app.db.batches import in_batches
from app.db.tables.docker_ledger import DockerObjectRow
from app.db.tables.docker_proxy import DockerJournalRow

BUILD = "build"
"""The kind of what creates no object with an id: a build, whose `object_id` is a number of its own.

It has an entry when it begins and another when it has ended.
"""
_AT_ONCE = 500
"""Ids in one statement: a database takes only so many parameters."""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One creation: `kind` is container, volume, network or image; `object_id` as dockerd answered it. Or a `BUILD`.

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

    def forget_gone(self, before: datetime) -> None:
        """Forgets entries from before that of what the ledger neither has nor remembers. In a writing transaction."""
        row, its = DockerJournalRow, DockerObjectRow
        is_known = exists().where(its.kind == row.kind, its.id == row.object_id)
        self._connection.execute(delete(row).where(row.at < before, ~is_known))

    def old_entries(self, kinds: Sequence[str], before: datetime) -> Sequence[tuple[int, JournalEntry]]:
        """Those from before that on objects of these kinds, with their numbers."""
        row = DockerJournalRow
        columns = [getattr(row, each.name) for each in fields(JournalEntry)]
        query = select(row.id, *columns).where(row.at < before, row.kind.in_(kinds)).order_by(row.id)
        return [(number, JournalEntry(*rest)) for number, *rest in self._connection.execute(query)]

    def builds_since(self, moment: datetime) -> Sequence[JournalEntry]:
        """Those entries of builds that were made since then, in the order in which they were added."""
        row = DockerJournalRow
        columns = [getattr(row, each.name) for each in fields(JournalEntry)]
        query = select(*columns).where(row.at >= moment, row.kind == BUILD).order_by(row.id)
        return [JournalEntry(*each) for each in self._connection.execute(query)]

    def forget(self, numbers: Iterable[int]) -> None:
        """Forgets these. Needs a writing transaction."""
        for some in in_batches(numbers, _AT_ONCE):
            self._connection.execute(delete(DockerJournalRow).where(DockerJournalRow.id.in_(some)))

    def entries(self, kind: str, object_ids: Iterable[str]) -> Sequence[JournalEntry]:
        """All of these objects, in the order in which they were added."""
        row = DockerJournalRow
        columns = [getattr(row, each.name) for each in fields(JournalEntry)]
        found: list[JournalEntry] = []
        for some in in_batches(object_ids, _AT_ONCE):
            query = select(*columns).where(row.kind == kind, row.object_id.in_(some)).order_by(row.id)
            found += [JournalEntry(*each) for each in self._connection.execute(query)]
        return found
