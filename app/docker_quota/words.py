"""What admins say about whose objects are: it counts at once, and each word is kept with what stood before it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.db.repositories.docker_ledger import DockerLedgerRepository, StoredOverride
from app.db.repositories.docker_words import SET, WITHDRAWN, DockerWordRepository, StoredWord
from app.docker_quota.entries import Entry, to_row
from app.docker_quota.objects import ObjectKind
from app.docker_quota.values import UNKNOWN, Attribution, Candidate, Certainty, Method

Overrides = Mapping[tuple[ObjectKind, str, int], Candidate | None]
"""An admin's word by kind, id and second of creation; None: it is nobody's."""


@dataclass(frozen=True, slots=True)
class Saying:
    """Who says it, why, and when."""

    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Word:
    """What was said about an object: whose it is (None: nobody's), or that what was said before no longer holds."""

    saying: Saying
    is_withdrawn: bool
    candidate: Candidate | None
    before: Attribution


def overrides_of(rows: Iterable[StoredOverride]) -> Overrides:
    """The overrides as they are looked up."""
    return {(ObjectKind(row.kind), row.id, row.created_ns // 10**9): _candidate(row.uid, row.user) for row in rows}


def as_said(entries: Iterable[Entry], overrides: Overrides) -> Iterator[Entry]:
    """The entries by the overrides: a look that began before a word was said may have kept what was before."""
    for entry in entries:
        key = (entry.kind, entry.id, entry.created_ns // 10**9)
        if key in overrides:
            said = overrides[key]
            yield entry if _says(entry.attribution, said) else replace(entry, attribution=_attribution(said))
        elif entry.attribution.method is Method.OVERRIDE:
            yield replace(entry, attribution=UNKNOWN)
        else:
            yield entry


def say(
    ledger: DockerLedgerRepository,
    words: DockerWordRepository,
    entry: Entry,
    candidate: Candidate | None,
    saying: Saying,
) -> None:
    """Keeps an admin's word. The same again changes nothing."""
    stood = ledger.find_override(entry.kind.value, entry.id, entry.created_ns)
    uid, user = (candidate.uid, candidate.user) if candidate else (None, None)
    new = StoredOverride(entry.kind.value, entry.id, entry.created_ns, uid, user, saying.reason, saying.at)
    if stood is not None and stood._replace(set_at=new.set_at) == new:
        return
    ledger.put_override(new)
    words.append(_stored(entry, SET, candidate, saying))
    ledger.put_objects([to_row(replace(entry, attribution=_attribution(candidate)))])


def withdraw(ledger: DockerLedgerRepository, words: DockerWordRepository, entry: Entry, saying: Saying) -> None:
    """The word no longer holds: what stood before it does, until the next look. Nothing where there is none."""
    stood = ledger.find_override(entry.kind.value, entry.id, entry.created_ns)
    if stood is None:
        return
    ledger.drop_override(stood)
    words.append(_stored(entry, WITHDRAWN, None, saying))
    before = before_words(words.of_object(entry.kind.value, entry.id)).get((entry.id, entry.created_ns), UNKNOWN)
    ledger.put_objects([to_row(replace(entry, attribution=before))])


def before_words(rows: Iterable[StoredWord]) -> Mapping[tuple[str, int], Attribution]:
    """What was known of objects besides the words, by id and creation: when one was last said about what had none."""
    kept = (((row.object_id, row.created_ns), _before(row)) for row in rows)
    return {key: its for key, its in kept if its.method is not Method.OVERRIDE}


def word_of(row: StoredWord) -> Word:
    """As it is spoken of."""
    saying = Saying(row.said_by, row.reason, row.said_at)
    return Word(saying, row.action == WITHDRAWN, _candidate(row.uid, row.user), _before(row))


def _candidate(uid: int | None, user: str | None) -> Candidate | None:
    return None if uid is None else Candidate(uid, user)


def _attribution(candidate: Candidate | None) -> Attribution:
    if candidate is None:
        return Attribution(None, None, Method.OVERRIDE, Certainty.CERTAIN)
    return Attribution.of(candidate, Method.OVERRIDE, Certainty.CERTAIN)


def _says(its: Attribution, said: Candidate | None) -> bool:
    """Is it that word? As of today it may be nobody's, where the uid was given to somebody else."""
    if its.method is not Method.OVERRIDE:
        return False
    if said is None:
        return (its.uid, its.user) == (None, None)
    return (its.uid, its.user) == (said.uid, said.user) or (its.uid is None and its.user == said.user is not None)


def _stored(entry: Entry, action: str, candidate: Candidate | None, saying: Saying) -> StoredWord:
    uid, user = (candidate.uid, candidate.user) if candidate else (None, None)
    row, its = to_row(entry), entry.attribution
    before = {
        "uid": its.uid,
        "user": its.user,
        "method": row.method,
        "certainty": row.certainty,
        "candidates": json.loads(row.candidates),
    }
    where = (row.kind, row.id, row.created_ns)
    return StoredWord(*where, saying.at, saying.by, action, uid, user, saying.reason, json.dumps(before))


def _before(row: StoredWord) -> Attribution:
    its = json.loads(row.before)
    candidates = tuple(Candidate(uid, user) for uid, user in its["candidates"])
    return Attribution(its["uid"], its["user"], Method(its["method"]), Certainty(its["certainty"]), candidates)
