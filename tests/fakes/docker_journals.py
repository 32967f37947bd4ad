"""Journals of the socket proxy."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.db.repositories.docker_journal import JournalEntry


@dataclass
class MemoryJournal:
    """Keeps entries; `owners` are those of containers."""

    entries: list[JournalEntry] = field(default_factory=list)
    owners: dict[str, int] = field(default_factory=dict)

    def record(self, entries: Sequence[JournalEntry]) -> None:
        self.entries.extend(entries)

    def find_owner(self, container_id: str) -> int | None:
        return self.owners.get(container_id)
