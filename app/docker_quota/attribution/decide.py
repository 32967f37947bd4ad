"""Decides: evidence in, an attribution out."""

from app.docker_quota.attribution.evidence import AuditFinding, Builders, Evidence, Override
from app.docker_quota.values import UNKNOWN, Attribution, Candidate, Certainty, Method


def attribute(evidence: Evidence, *, trust_labels: bool) -> Attribution:
    """Whose it is. The strongest evidence decides; what contradicts a label makes it ambiguous.

    `trust_labels` is `DOCKER_QUOTA_TRUST_LABELS`. The table is in docs/docker-attribution.md.
    """
    if evidence.override is not None:
        return _by_override(evidence.override)
    if evidence.journal is not None:
        return _by_journal(evidence.journal, evidence.label)
    seen = evidence.audit or AuditFinding(())
    if evidence.label is not None:
        return _by_label(evidence.label, seen, is_trusted=trust_labels)
    if seen.candidates:
        return _by_audit(seen)
    if evidence.source is not None:
        return evidence.source.attribution.inherited(evidence.source.method)
    return UNKNOWN if evidence.builders is None else _by_builders(evidence.builders)


def _by_override(override: Override) -> Attribution:
    if override.candidate is None:
        return Attribution(None, None, Method.OVERRIDE, Certainty.CERTAIN)
    return Attribution.of(override.candidate, Method.OVERRIDE, Certainty.CERTAIN)


def _by_journal(creator: Candidate, named: Candidate | None) -> Attribution:
    """A label that names another makes it no less certain; whom it names is said."""
    others = () if named is None or named.uid == creator.uid else (named,)
    return Attribution(creator.uid, creator.user, Method.PROXY, Certainty.CERTAIN, others)


def _by_label(named: Candidate, seen: AuditFinding, *, is_trusted: bool) -> Attribution:
    """A claim. It stands where nothing speaks against it: the audit log saw nobody, or them among others."""
    names_others = bool(seen.candidates) and named.uid not in {each.uid for each in seen.candidates}
    if is_trusted and (seen.has_unknown or not names_others):
        return Attribution.of(named, Method.LABEL, Certainty.CLAIMED)
    return Attribution(named.uid, named.user, Method.LABEL, Certainty.AMBIGUOUS, _each_once(named, *seen.candidates))


def _by_audit(seen: AuditFinding) -> Attribution:
    candidates = _each_once(*seen.candidates)
    if len(candidates) > 1 or seen.has_unknown:
        return Attribution(None, None, Method.AUDIT, Certainty.AMBIGUOUS, candidates)
    return Attribution.of(candidates[0], Method.AUDIT, Certainty.PROBABLE)


def _by_builders(building: Builders) -> Attribution:
    """Never certain: the time alone speaks."""
    candidates = _each_once(*building.candidates)
    if not candidates:
        return UNKNOWN
    if len(candidates) > 1 or building.has_unknown:
        return Attribution(None, None, Method.PROXY, Certainty.AMBIGUOUS, candidates)
    return Attribution.of(candidates[0], Method.PROXY, Certainty.PROBABLE)


def _each_once(*candidates: Candidate) -> tuple[Candidate, ...]:
    by_uid = {each.uid: each for each in reversed(candidates)}
    return tuple(by_uid[uid] for uid in sorted(by_uid))
