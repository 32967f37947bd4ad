"""Who made containers by the audit log, from look to look: what was found is kept with the attribution."""

import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta

import structlog

from app.docker_quota.attribution.evidence import AuditFinding
from app.docker_quota.audit.finding import find_by_audit
from app.docker_quota.audit.watch import SETTLE, AuditWatch
from app.docker_quota.values import Attribution, Candidate, Certainty, Method

log = structlog.get_logger(__name__)

NamesOf = Callable[[Collection[int]], Mapping[int, str | None]]
"""The name of each uid, None for one without. Those that the user database does not answer for are missing."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class AuditTrail:
    """The audit log as a look of the ledger asks it: `look` first, then `find` for each container."""

    def __init__(self, watch: AuditWatch, names_of: NamesOf, sleep: Callable[[float], None] = time.sleep) -> None:
        self._watch = watch
        self._names_of = names_of
        self._sleep = sleep
        self._problem = ""

    def look(self, newest_ns: int) -> None:
        """Reads what is new, and waits for records of the newest container: two seconds at most.

        A log that cannot be read is told once, and nothing is found in it.
        """
        self._watch.look()
        until = self._watch.read_until
        missing = timedelta(0) if until is None else _moment(newest_ns) - until
        if timedelta(0) < missing <= SETTLE:
            self._sleep(missing.total_seconds())
            self._watch.look()
        problem = self._watch.problem.detail if self._watch.problem else ""
        if problem and problem != self._problem:
            log.warning("audit_log_unreadable", detail=problem)
        self._problem = problem

    def find(
        self, known: Attribution | None, created_ns: int, before: Mapping[str, Attribution]
    ) -> AuditFinding | None:
        """Who may have made a container. `before` are the attributions of all of them at the last look, by id.

        `known` is its own, without what an admin said. What was found before is not judged anew: the log forgets. None
        where nothing is known, or not yet.
        """
        kept = None if known is None else finding_in(known)
        if kept is not None:
            return kept
        return find_by_audit(self._watch, _moment(created_ns), lambda uid: self._names_of([uid]).get(uid), before)


def _moment(nanoseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=nanoseconds // 1000)


def finding_in(attribution: Attribution) -> AuditFinding | None:
    """What the audit log said when this was decided, None where that had no part in it."""
    candidates = attribution.candidates
    if attribution.method is Method.AUDIT:
        if attribution.uid is not None:
            return AuditFinding((Candidate(attribution.uid, attribution.user),))
        is_alone = attribution.certainty is Certainty.AMBIGUOUS and len(candidates) < 2  # noqa: PLR2004 - one and somebody unknown
        return AuditFinding(candidates, has_unknown=is_alone) if candidates else None
    if attribution.method is Method.LABEL and attribution.certainty is Certainty.AMBIGUOUS:
        others = tuple(each for each in candidates if each.uid != attribution.uid)
        return AuditFinding(others) if others else None
    return None
