"""Gathers what speaks for whom, for all objects of a look at once."""

from collections.abc import Callable, Collection, Mapping, Sequence

from app.db.engine import Database
from app.db.repositories.docker_journal import DockerJournalRepository, JournalEntry
from app.docker_quota.attribution.decide import attribute
from app.docker_quota.attribution.evidence import Evidence, Override, Source, find_claim
from app.docker_quota.joining import Attribute, Subject
from app.docker_quota.ledger import Ledger
from app.docker_quota.objects import Listing, ObjectKind
from app.docker_quota.values import Attribution, Candidate, Method

UidsOf = Callable[[Collection[str]], Mapping[str, int | None]]
"""The uid of each name, None for a name of nobody. BackendError: the user database does not answer."""

_INHERITED = {ObjectKind.LAYER: Method.LAYER, ObjectKind.VOLUME: Method.MOUNT}
_SLACK = 1.0
"""A volume tells the second in which it was made."""


class Evidences:
    """What is known about Docker's objects besides what the engine tells: overrides, the proxy's journal, names."""

    def __init__(self, database: Database, uids_of: UidsOf, *, trust_labels: bool) -> None:
        """`trust_labels` is `DOCKER_QUOTA_TRUST_LABELS`."""
        self._database = database
        self._ledger = Ledger(database)
        self._uids_of = uids_of
        self._trust_labels = trust_labels

    def gather(self, listing: Listing) -> Attribute:
        """How to attribute these objects. BackendError: the user database does not answer."""
        labels = [each.labels for each in listing.containers]
        labels += [each.labels for each in listing.images] + [each.labels for each in listing.volumes]
        names = {name for its in labels if (name := find_claim(its)) is not None}
        uids, overrides, journal = self._uids_of(names), self._ledger.overrides(), self._journal(listing)

        def decide(subject: Subject) -> Attribution:
            key = (subject.kind, subject.id, subject.created_ns // 10**9)
            name = find_claim(subject.labels, subject.image_labels)
            uid = None if name is None else uids.get(name)
            source = subject.source
            evidence = Evidence(
                override=Override(overrides[key]) if key in overrides else None,
                journal=_creator(subject, journal.get((subject.kind, subject.id), ())),
                label=None if uid is None else Candidate(uid, name),
                source=None if source is None else Source(source, _INHERITED[subject.kind]),
            )
            return attribute(evidence, trust_labels=self._trust_labels)

        return decide

    def _journal(self, listing: Listing) -> Mapping[tuple[ObjectKind, str], Sequence[JournalEntry]]:
        ids = {
            ObjectKind.CONTAINER: [each.id for each in listing.containers],
            ObjectKind.IMAGE: [each.id for each in listing.images],
            ObjectKind.VOLUME: [each.name for each in listing.volumes],
        }
        found: dict[tuple[ObjectKind, str], list[JournalEntry]] = {}
        with self._database.read() as connection:
            for kind, its in ids.items():
                for entry in DockerJournalRepository(connection).entries(kind.value, its):
                    found.setdefault((kind, entry.object_id), []).append(entry)
        return found


def _creator(subject: Subject, entries: Sequence[JournalEntry]) -> Candidate | None:
    """Who made this very object, by the journal; None where it cannot say."""
    made = [entry for entry in entries if _is_about(subject, entry)]
    if not made:
        return None
    entry = made[-1] if subject.kind is ObjectKind.IMAGE else made[0]
    return None if entry.uid is None else Candidate(entry.uid, entry.user)


def _is_about(subject: Subject, entry: JournalEntry) -> bool:
    """A volume can be asked for again, and another had its name before; an image can be built again by another."""
    if subject.kind is ObjectKind.VOLUME:
        created = subject.created_ns / 10**9
        return entry.began_at.timestamp() - _SLACK <= created <= entry.at.timestamp() + _SLACK
    if subject.kind is ObjectKind.IMAGE:
        return subject.first_seen_at is None or entry.began_at <= subject.first_seen_at
    return True
