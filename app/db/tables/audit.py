"""The audit trail, mappings, and leases."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import DDL, JSON, ForeignKey, Index, String, Text, UniqueConstraint, event, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.audit_guards import AUDIT_GUARDS
from app.db.base import Base

_OPEN = text("outcome = 'unknown' AND settled_at IS NULL")


class AuditRow(Base):
    """One change. Rows are added, and their outcome settled once; nothing else is ever changed."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_at", "at"),
        Index("ix_audit_host_id", "host_id", "device"),
        Index("ix_audit_change_set_id", "change_set_id"),
        Index("ix_audit_open", "at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[str] = mapped_column(String(36))
    actor_name: Mapped[str] = mapped_column(String(256))
    via: Mapped[str] = mapped_column(String(10))
    action: Mapped[str] = mapped_column(String(50))
    host_id: Mapped[str | None] = mapped_column(String(100))
    device: Mapped[str | None] = mapped_column(String(1000))
    quota_type: Mapped[str | None] = mapped_column(String(10))
    target_id: Mapped[str | None] = mapped_column(String(100))
    target_name: Mapped[str | None] = mapped_column(String(256))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(String(100))
    outcome: Mapped[str] = mapped_column(String(10))
    problem: Mapped[str | None] = mapped_column(String(500))
    undo_of: Mapped[str | None] = mapped_column(String(36))
    token_id: Mapped[str | None] = mapped_column(String(36))
    """Of the API token that it was done with; the token itself may be gone by now."""
    token_name: Mapped[str | None] = mapped_column(String(100))
    change_set_id: Mapped[str | None] = mapped_column(String(36))
    resend_of: Mapped[str | None] = mapped_column(String(36))
    """The entry of the same change, sent before by a process that ended in between."""
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(String(10))
    """What told the outcome: the host's `answer`, a later `reading`; `overtaken`: nothing can, it was changed again."""


_guard: Callable[[str], Any] = DDL

for _dialect, _statements in AUDIT_GUARDS.items():
    for _statement in _statements:
        event.listen(AuditRow.__table__, "after_create", _guard(_statement).execute_if(dialect=_dialect))


class MappingRow(Base):
    """Which account on a host belongs to which person."""

    __tablename__ = "mapping"
    __table_args__ = (UniqueConstraint("host_id", "username"), Index("ix_mapping_person_id", "person_id"))

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    host_id: Mapped[str] = mapped_column(String(100))
    username: Mapped[str] = mapped_column(String(256))
    state: Mapped[str] = mapped_column(String(10))
    via: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]
    created_by: Mapped[str | None] = mapped_column(String(36))


class LeaseRow(Base):
    """Who does a job that only one process may do, and until when."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(50), primary_key=True)
    holder: Mapped[str] = mapped_column(String(100))
    expires_at: Mapped[datetime]
