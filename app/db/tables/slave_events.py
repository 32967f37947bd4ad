"""What slaves told the master of themselves."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class SlaveEventRow(Base):
    """An event of a host, as the host told it, once however often it did. Rows are added and never changed.

    What is null says that the event is about no user, container or quota.
    """

    __tablename__ = "slave_event"
    __table_args__ = (Index("ix_slave_event_occurred_at", "occurred_at", "id"),)

    host_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    type: Mapped[str] = mapped_column(String(50))
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    device: Mapped[str | None] = mapped_column(Text)
    uid: Mapped[int | None]
    user: Mapped[str | None] = mapped_column(String(256))
    container_id: Mapped[str | None] = mapped_column(String(64))
    container_name: Mapped[str | None] = mapped_column(Text)
    used_bytes: Mapped[int | None]
    limit_bytes: Mapped[int | None]
    explanation: Mapped[str] = mapped_column(Text)
