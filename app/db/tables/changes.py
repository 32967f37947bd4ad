"""Change sets: changes that belong together, previewed, carried out in the background, and undone as one."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class ChangeSetRow(Base):
    """One import, batch, or undo of either; who asked for it, and how far it is."""

    __tablename__ = "change_set"
    __table_args__ = (Index("ix_change_set_created_at", "created_at"), Index("ix_change_set_state", "state"))

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    """`draft` until somebody says run, then `running`, then `done` or `cancelled`."""
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    actor_id: Mapped[str] = mapped_column(String(36))
    actor_name: Mapped[str] = mapped_column(String(256))
    via: Mapped[str] = mapped_column(String(10))
    origin: Mapped[str] = mapped_column(String(100))
    token_id: Mapped[str | None] = mapped_column(String(36))
    token_name: Mapped[str | None] = mapped_column(String(100))
    reason: Mapped[str] = mapped_column(Text)
    undo_of: Mapped[str | None] = mapped_column(String(36))
    force: Mapped[bool] = mapped_column(default=False)
    """An undo that asks nobody whether the limits were changed since."""


class ChangeLineRow(Base):
    """One quota of a change set that is carried out in the background. Text is as given, ids as found."""

    __tablename__ = "change_line"
    __table_args__ = (
        Index("ix_change_line_outcome", "change_set_id", "outcome"),
        Index("ix_change_line_audit_id", "audit_id"),
    )

    change_set_id: Mapped[str] = mapped_column(ForeignKey("change_set.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The line of the file, or a count."""
    host_id: Mapped[str] = mapped_column(String(100))
    device: Mapped[str] = mapped_column(String(1000))
    quota_type: Mapped[str] = mapped_column(String(10))
    quota_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(String(256))
    limits: Mapped[dict[str, int]] = mapped_column(JSON)
    """The limits to set."""
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    expected: Mapped[dict[str, int] | None] = mapped_column(JSON)
    """An undo: the limits that must stand, else somebody else has changed them since."""
    outcome: Mapped[str] = mapped_column(String(10))
    """`wrong` or `waiting`, then `sent`, then as in the audit trail; `cancelled`."""
    below_usage: Mapped[bool] = mapped_column(default=False)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    audit_id: Mapped[str | None] = mapped_column(String(36))
    undo_of: Mapped[str | None] = mapped_column(String(36))
