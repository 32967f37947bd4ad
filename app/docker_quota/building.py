"""Who was building when a record of the build cache was made, by the proxy's journal."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from app.db.repositories.docker_journal import JournalEntry
from app.docker_quota.attribution.evidence import Builders
from app.docker_quota.attribution.suspects import LINGER
from app.docker_quota.values import Attribution, Candidate, Certainty, Method

LONGEST = timedelta(days=1)
"""A build whose end is not in the journal, since the proxy was killed, may have gone on for so long."""
JUDGED_ANEW = timedelta(hours=1)
"""So long after a record was made it is judged at each look: the journal may be late."""
CLOCK_SLACK = timedelta(milliseconds=100)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Build(NamedTuple):
    """One request of a build; `builder` is None where nobody can be named, `ended_at` where no end is known."""

    builder: Candidate | None
    began_at: datetime
    ended_at: datetime | None


def moment_of(nanoseconds: int) -> datetime:
    """Of Unix nanoseconds."""
    return _EPOCH + timedelta(microseconds=nanoseconds // 1000)


def builds_of(entries: Iterable[JournalEntry]) -> Sequence[Build]:
    """The builds by their entries: each has one from when it began, and another from when it had ended."""
    found: dict[str, Build] = {}
    for entry in entries:
        builder = None if entry.uid is None else Candidate(entry.uid, entry.user)
        is_second = entry.object_id in found or entry.at > entry.began_at
        ended_at = max(entry.at, entry.began_at) if is_second else None
        found[entry.object_id] = Build(builder, entry.began_at, ended_at)
    return tuple(found.values())


def builders_at(moment: datetime, builds: Iterable[Build]) -> Builders | None:
    """Everybody who was building then, and just before: dockerd may still be at it. None: nobody was."""
    at_work = [
        each
        for each in builds
        if each.began_at - CLOCK_SLACK <= moment <= (each.ended_at or each.began_at + LONGEST) + LINGER
    ]
    if not at_work:
        return None
    named = {each.builder for each in at_work if each.builder is not None}
    return Builders(tuple(sorted(named, key=lambda each: each.uid)), has_unknown=any(not e.builder for e in at_work))


def builders_in(attribution: Attribution) -> Builders | None:
    """What the journal said when this was decided, None where that had no part in it."""
    if attribution.method is not Method.PROXY:
        return None
    if attribution.uid is not None:
        return Builders((Candidate(attribution.uid, attribution.user),))
    is_alone = attribution.certainty is Certainty.AMBIGUOUS and len(attribution.candidates) < 2  # noqa: PLR2004 - one and somebody unknown
    return Builders(attribution.candidates, has_unknown=is_alone) if attribution.candidates else None
