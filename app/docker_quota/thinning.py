"""Keeps the proxy's journal from growing without end: what says nothing of any object any more goes after 30 days."""

from datetime import datetime, timedelta

from app.db.engine import Database
from app.db.repositories.docker_journal import DockerJournalRepository
from app.db.repositories.docker_ledger import DockerLedgerRepository
from app.docker_quota.attributing import is_about
from app.docker_quota.entries import Entry, from_row
from app.docker_quota.joining import Subject, came_of
from app.docker_quota.objects import ObjectKind

KEPT = timedelta(days=30)
_ASKED_FOR_AGAIN = (ObjectKind.IMAGE, ObjectKind.VOLUME)
"""What may stand in the journal more than once."""


def thin_journal(database: Database, now: datetime) -> None:
    """Forgets entries older than 30 days of what is gone and forgotten, and those that did not bring what is there.

    DatabaseUnavailableError, NoSpaceError.
    """
    before = now - KEPT
    with database.write() as connection:
        journal = DockerJournalRepository(connection)
        journal.forget_gone(before)
        old = journal.old_entries([kind.value for kind in _ASKED_FOR_AGAIN], before)
        if not old:
            return
        known = {entry.key: entry for entry in map(from_row, DockerLedgerRepository(connection).objects(gone_too=True))}
        journal.forget(
            number
            for number, entry in old
            if not is_about(_subject(known[ObjectKind(entry.kind), entry.object_id], now), entry)
        )


def _subject(entry: Entry, now: datetime) -> Subject:
    came = came_of(entry, now) if entry.kind is ObjectKind.IMAGE else None
    return Subject(entry.kind, entry.id, entry.created_ns, {}, {}, came=came)
