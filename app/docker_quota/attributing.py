"""Gathers what speaks for whom, for all objects of a look at once."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from app.db.engine import Database
from app.db.repositories.docker_journal import DockerJournalRepository, JournalEntry
from app.docker_quota.attribution.decide import attribute
from app.docker_quota.attribution.evidence import (
    AuditFinding,
    Builders,
    Evidence,
    Override,
    Source,
    claimant,
    find_claim,
    uid_in,
)
from app.docker_quota.attribution.today import as_of_today
from app.docker_quota.audited import AuditTrail, NamesOf
from app.docker_quota.building import JUDGED_ANEW, LONGEST, builders_at, builders_in, builds_of, moment_of
from app.docker_quota.entries import Entry, Key
from app.docker_quota.joining import Attribute, Judged, Subject
from app.docker_quota.ledger import Ledger
from app.docker_quota.objects import Listing, ObjectKind
from app.docker_quota.values import Attribution, Candidate, Method
from app.quota.clock import Clock, utc_now

UidsOf = Callable[[Collection[str]], Mapping[str, int | None]]
"""The uid of each name, None for a name of nobody. BackendError: the user database does not answer."""

_INHERITED = {ObjectKind.LAYER: Method.LAYER, ObjectKind.VOLUME: Method.MOUNT}
_SLACK = 1.0
"""A volume tells the second in which it was made."""


class Evidences:
    """What is known of Docker's objects besides what the engine tells: overrides, the journal, the audit log, names."""

    def __init__(
        self,
        database: Database,
        uids_of: UidsOf,
        names_of: NamesOf,
        *,
        trust_labels: bool,
        audit: AuditTrail | None = None,
        clock: Clock = utc_now,
    ) -> None:
        """`trust_labels` is `DOCKER_QUOTA_TRUST_LABELS`. `audit` is None where no log can know the engine's socket."""
        self._clock = clock
        self._database = database
        self._ledger = Ledger(database)
        self._uids_of = uids_of
        self._names_of = names_of
        self._trust_labels = trust_labels
        self._audit = audit

    def gather(self, listing: Listing, entries: Mapping[Key, Entry]) -> Attribute:
        """How to attribute these objects; `entries`: the ledger, with what is gone. BackendError: no user database."""
        labels = [each.labels for each in listing.containers]
        labels += [each.labels for each in listing.images] + [each.labels for each in listing.volumes]
        names = {name for its in labels if (name := find_claim(its)) is not None}
        uids, overrides, journal = self._uids_of(names), self._ledger.overrides(), self._journal(listing)
        unsaid = self._ledger.before_words(ObjectKind.CONTAINER)
        before = _attributions(entries.values())
        builders = self._builders(listing, entries)
        kept = [*before.values(), *unsaid.values()]
        today = self._names_of(
            _uids_in(overrides.values(), kept, journal.values())
            | _claimed_uids(names, entries.values())
            | {each.uid for its in builders.values() for each in its.candidates}
        )
        if self._audit is not None:
            self._audit.look(max((each.created_ns for each in listing.details.values()), default=0))

        def decide(subject: Subject) -> Judged:
            key = (subject.kind, subject.id, subject.created_ns // 10**9)
            claimed = claimant(find_claim(subject.labels, subject.image_labels), uids, today, subject.claimed)
            source = subject.source
            evidence = Evidence(
                override=Override(overrides[key]) if key in overrides else None,
                journal=_creator(subject, journal.get((subject.kind, subject.id), ())),
                label=claimed,
                audit=self._seen(subject, before, unsaid),
                source=None if source is None else Source(source, _INHERITED[subject.kind]),
                builders=builders.get(subject.id) if subject.kind is ObjectKind.CACHE else None,
            )
            return Judged(as_of_today(attribute(evidence, trust_labels=self._trust_labels), today), claimed)

        return decide

    def _seen(
        self, subject: Subject, before: Mapping[str, Attribution], unsaid: Mapping[tuple[str, int], Attribution]
    ) -> AuditFinding | None:
        """By the audit log, which tells who asked for a container; of the rest it does not tell what was asked.

        `unsaid` is what was known of containers before admins said whose they are.
        """
        if self._audit is None or subject.kind is not ObjectKind.CONTAINER:
            return None
        known = before.get(subject.id)
        if known is not None and known.method in {Method.OVERRIDE, Method.NONE}:
            known = unsaid.get((subject.id, subject.created_ns), known)
        return self._audit.find(known, subject.created_ns, before)

    def _builders(self, listing: Listing, entries: Mapping[Key, Entry]) -> Mapping[str, Builders]:
        """Who was building when each record of the build cache was made.

        What was found is kept, and only judged anew while the record is young: the journal forgets.
        """
        known = {entry.id: entry for entry in entries.values() if entry.kind is ObjectKind.CACHE}
        unsaid = self._ledger.before_words(ObjectKind.CACHE) if known else {}
        made = {its: told.created_ns for its, told in listing.cache.items()}
        judged = {its: entry.facts["created_ns"] for its, entry in known.items() if "created_ns" in entry.facts}
        made |= judged
        found = {its: builders_in(_unsaid(entry, unsaid)) for its, entry in known.items()}
        young = self._clock() - JUDGED_ANEW
        due = {
            its: moment
            for its, created_ns in made.items()
            if (moment := moment_of(created_ns)) >= young or its not in judged
        }
        if due:
            with self._database.read() as connection:
                rows = DockerJournalRepository(connection).builds_since(min(due.values()) - LONGEST)
            builds = builds_of(rows)
            found |= {its: builders_at(moment, builds) for its, moment in due.items()}
        return {its: builders for its, builders in found.items() if builders is not None}

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


def _unsaid(entry: Entry, unsaid: Mapping[tuple[str, int], Attribution]) -> Attribution:
    """Whose it was, without what an admin said."""
    its = entry.attribution
    is_said = its.method in {Method.OVERRIDE, Method.NONE}
    return unsaid.get((entry.id, entry.created_ns), its) if is_said else its


def _attributions(entries: Iterable[Entry]) -> Mapping[str, Attribution]:
    """Of the containers, as they were at the last look."""
    there = (entry for entry in entries if entry.gone_at is None)
    return {entry.id: entry.attribution for entry in there if entry.kind is ObjectKind.CONTAINER}


def _claimed_uids(names: Iterable[str], entries: Iterable[Entry]) -> set[int]:
    """Everybody whom labels name or named before, who is not asked for by name."""
    numbers = {uid for name in names if (uid := uid_in(name)) is not None}
    return numbers | {entry.facts["claimed"][0] for entry in entries if "claimed" in entry.facts}


def _uids_in(
    overrides: Iterable[Candidate | None], before: Collection[Attribution], journal: Iterable[Sequence[JournalEntry]]
) -> set[int]:
    """Everybody whom kept evidence names."""
    uids = {each.uid for each in overrides if each is not None}
    uids |= {each.uid for its in before for each in its.candidates}
    found = [its.uid for its in before] + [entry.uid for entries in journal for entry in entries]
    return uids | {uid for uid in found if uid is not None}


def _creator(subject: Subject, entries: Sequence[JournalEntry]) -> Candidate | None:
    """Who made this very object, by the journal; None where it cannot say."""
    made = [entry for entry in entries if is_about(subject, entry)]
    if not made:
        return None
    entry = min(made, key=lambda each: each.at)
    return None if entry.uid is None else Candidate(entry.uid, entry.user)


def is_about(subject: Subject, entry: JournalEntry) -> bool:
    """A volume can be asked for again, and another had its name before; an image can be brought again by another."""
    if subject.kind is ObjectKind.VOLUME:
        created = subject.created_ns / 10**9
        return entry.began_at.timestamp() - _SLACK <= created <= entry.at.timestamp() + _SLACK
    if subject.came is not None:
        return (subject.came.after is None or entry.at >= subject.came.after) and entry.began_at <= subject.came.by
    return True
