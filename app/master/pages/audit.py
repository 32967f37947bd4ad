"""The audit trail as people see it."""

from dataclasses import dataclass

from app.db.engine import Database
from app.db.repositories.audit import AuditFilter, AuditRecord, AuditRepository
from app.master.wire.changes import AuditFilters, AuditOut, AuditPageOut, AuditQuery


@dataclass(frozen=True, slots=True)
class AuditPages:
    """Answers for the page Audit trail."""

    database: Database

    def page(self, query: AuditQuery) -> AuditPageOut:
        """A page of entries, newest first where no order is given."""
        with self.database.read() as connection:
            found, total = AuditRepository(connection).page(
                audit_filter(query), query.order, limit=query.page_size, offset=(query.page - 1) * query.page_size
            )
        return AuditPageOut(
            items=[audit_out(record) for record in found], total=total, page=query.page, page_size=query.page_size
        )


def audit_filter(query: AuditFilters) -> AuditFilter:
    """What a caller asked for, as the repository takes it."""
    return AuditFilter(
        actor=query.actor,
        host=query.host,
        device=query.device,
        target=query.target,
        action=query.action,
        outcome=query.outcome,
        change_set=query.change_set,
        since=query.since,
        until=query.until,
        text=query.q,
    )


def audit_out(record: AuditRecord) -> AuditOut:
    """An entry as people see it."""
    return AuditOut.model_validate(
        {
            "id": record.id,
            "at": record.at,
            "actor": {"id": record.actor_id, "name": record.actor_name},
            "via": record.via,
            "token": None if record.token_id is None else {"id": record.token_id, "name": record.token_name},
            "action": record.action,
            "host": record.host_id,
            "device": record.device,
            "quota_type": record.quota_type,
            "target_id": record.target_id,
            "target_name": record.target_name,
            "before": record.before,
            "after": record.after,
            "reason": record.reason,
            "origin": record.origin,
            "outcome": record.outcome,
            "problem": record.problem,
            "undo_of": record.undo_of,
            "change_set": record.change_set_id,
            "resend_of": record.resend_of,
            "settled_at": record.settled_at,
            "settled_by": record.settled_by,
        },
        strict=False,
    )
