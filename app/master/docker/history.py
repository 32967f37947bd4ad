"""Who said what about an object: admins, from the audit trail, and users, from their claims."""

from dataclasses import dataclass
from datetime import datetime

from app.db.engine import Database
from app.db.repositories.audit import AuditRecord, AuditRepository
from app.db.repositories.docker_hosts import DockerHostRepository, StoredClaim
from app.master.docker.objects import find_object
from app.master.docker.settling import DEVICE, LONGEST_ID, SET, WITHDRAWN
from app.master.wire.docker import ObjectHistoryOut, ObjectHistoryQuery, SaidOut

MOST = 100
"""So many words of admins are told, the last ones."""


@dataclass(frozen=True, slots=True)
class ObjectHistories:
    """What was said through the master. Nobody waits for the host."""

    database: Database

    def of(self, query: ObjectHistoryQuery) -> ObjectHistoryOut:
        """The newest first; nothing about an earlier object of the same name. Empty where nobody said anything."""
        item = find_object(self.database, (query.host, query.kind, query.id))
        created_at = item.created_at if item else None
        with self.database.read() as connection:
            words = AuditRepository(connection).last_on(
                (query.host, DEVICE, query.id[:LONGEST_ID]), (SET, WITHDRAWN), limit=MOST
            )
            claims = DockerHostRepository(connection).claims_on((query.host, query.kind, query.id))
        said = [_word(each) for each in words if _is_on(each, query.kind, created_at)]
        said += [_claim(each) for each in claims if each.is_on(created_at)]
        return ObjectHistoryOut(items=sorted(said, key=lambda each: each.at, reverse=True))


def _is_on(record: AuditRecord, kind: str, created_at: datetime | None) -> bool:
    is_since = created_at is None or record.at >= created_at
    return is_since and (record.after or {}).get("kind", kind) == kind


def _word(record: AuditRecord) -> SaidOut:
    is_set, after = record.action == SET, record.after or {}
    return SaidOut.model_validate(
        {
            "at": record.at,
            "by": record.actor_name,
            "action": "set" if is_set else "withdrawn",
            "uid": after.get("uid") if is_set else None,
            "user": after.get("user") if is_set else None,
            "reason": record.reason,
            "state": record.outcome,
            "audit_id": record.id,
        }
    )


def _claim(each: StoredClaim) -> SaidOut:
    return SaidOut.model_validate(
        {
            "at": each.claimed_at,
            "by": each.person_name,
            "action": "claimed",
            "uid": each.uid,
            "user": each.username,
            "reason": "",
            "state": each.state,
            "audit_id": None,
        }
    )
