"""Settles what became of admins' words that no answer told: by what a later good reading of the host shows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from app.db.repositories.audit import AuditRecord, AuditRepository
from app.db.repositories.docker_hosts import GONE, OPEN, DockerHostRepository
from app.master.changes.settling import NOT_DONE, NOT_DONE_AFTER, OVER_AFTER
from app.master.docker.objects import Objects
from app.quota.clock import Clock
from app.web.docker_objects import AttributionOut, DockerObjectOut

log = structlog.get_logger(__name__)

DEVICE = "docker"
SET, WITHDRAWN = "attribute_object", "withdraw_attribution"
COMES_BACK = timedelta(days=30)
"""So long a host remembers what is gone: until then it may come back as what it was."""
LONGEST_ID = 100
"""So much of an object's id is in the audit trail."""
_NOT_TOLD = (
    "The host's next reading does not show the object: it is gone, or it is a layer that nothing is to be said of."
)


@dataclass(frozen=True, slots=True)
class WordSettling:
    """Compares entries of unknown outcome with what a host just said. Use it in the transaction that stores that."""

    audit: AuditRepository
    rows: DockerHostRepository
    clock: Clock

    def settle_unknown(self, host_id: str, objects: Objects, begun_at: datetime) -> None:
        """Settles what this good reading tells, which was begun then. One query where nothing is open."""
        for record in self.audit.open_entries():
            is_word = (record.host_id, record.device) == (host_id, DEVICE) and record.action in {SET, WITHDRAWN}
            if is_word and begun_at > record.at + OVER_AFTER:
                self._settle(record, objects, begun_at)

    def _settle(self, record: AuditRecord, objects: Objects, begun_at: datetime) -> None:
        kind = (record.after or {}).get("kind", "")
        item = _find(objects, kind, record.target_id or "")
        if item is not None and _stands(record, item.attribution):
            self._write(record, "applied", None, "reading", item)
            if record.action == SET:
                place = (record.host_id or "", kind, item.id)
                self.rows.settle_claims(place, item.created_at, item.attribution.uid, self.clock())
        elif self.audit.is_overtaken(record, (SET, WITHDRAWN)):
            self._write(record, "unknown", record.problem, "overtaken")
        elif begun_at > record.at + NOT_DONE_AFTER:
            is_told = item is not None
            self._write(record, "failed" if is_told else "unknown", NOT_DONE if is_told else _NOT_TOLD, "reading")

    def _write(
        self, record: AuditRecord, outcome: str, problem: str | None, by: str, item: DockerObjectOut | None = None
    ) -> None:
        kind = (record.after or {}).get("kind")
        after = None if item is None else item.attribution.model_dump(mode="json") | {"kind": kind}
        self.audit.settle(record.id, outcome=outcome, after=after, problem=problem, at=self.clock(), by=by)
        log.info("docker_word_settled", audit_id=record.id, host=record.host_id, outcome=outcome, by=by)


def _find(objects: Objects, kind: str, target_id: str) -> DockerObjectOut | None:
    return next((each for each in objects.of_kind(kind) if each.id[:LONGEST_ID] == target_id), None)


@dataclass(frozen=True, slots=True)
class ClaimSettling:
    """Closes claims on objects that a host just did not show any more, and opens them again where these are back.

    Use it in the transaction that stores the reading.
    """

    rows: DockerHostRepository
    clock: Clock

    def settle(self, host_id: str, objects: Objects, begun_at: datetime) -> None:
        """By this good reading, which was begun then: of a claim that was made later it tells nothing."""
        claims = self.rows.undecided_claims(host_id, self.clock() - COMES_BACK)
        if not claims:
            return
        there = {(kind, its.id): its.created_at for kind, of_kind in objects.by_kind().items() for its in of_kind}
        for claim in claims:
            place = (claim.kind, claim.object_id)
            is_there = place in there and claim.is_on(there[place])
            if claim.state == OPEN and not is_there and begun_at > claim.claimed_at:
                self.rows.put_claim_state(claim.id, GONE, self.clock())
                log.info("docker_claim_closed", claim_id=claim.id, host=host_id)
            elif claim.state == GONE and is_there:
                self.rows.put_claim_state(claim.id, OPEN, None)


def _stands(record: AuditRecord, its: AttributionOut) -> bool:
    if record.action == WITHDRAWN:
        return its.method != "override"
    return its.method == "override" and its.uid == (record.after or {}).get("uid")
