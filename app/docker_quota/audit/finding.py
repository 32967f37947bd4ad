"""What the audit log says of one container, as evidence."""

from collections.abc import Callable, Mapping
from datetime import datetime

from app.docker_quota.attribution.evidence import AuditFinding
from app.docker_quota.audit.watch import AuditWatch
from app.docker_quota.values import Attribution, Candidate, Counting


def find_by_audit(
    watch: AuditWatch,
    moment: datetime,
    name_of: Callable[[int], str | None],
    owners: Mapping[str, Attribution],
) -> AuditFinding | None:
    """Who may have made the container that was created at that moment; None where the log cannot say (yet).

    `owners` are the attributions of the containers that there are, by id: a request out of one counts for whoever that
    is. A container of nobody's makes the finding one with somebody unknown.
    """
    suspects = watch.find_suspects(moment)
    if suspects is None:
        return None
    found = [owners.get(each) for each in suspects.containers]
    known = [each for each in found if each is not None and each.counts() is Counting.USED]
    uids = suspects.uids | {each.uid for each in known if each.uid is not None}
    candidates = tuple(Candidate(uid, name_of(uid)) for uid in sorted(uids))
    return AuditFinding(candidates, has_unknown=len(known) < len(found))
