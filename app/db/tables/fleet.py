"""What the master last heard of each host: hosts, their devices, their quotas."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Double, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class HostRow(Base):
    """A host of the settings, and how its last readings went."""

    __tablename__ = "host"

    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    label: Mapped[str] = mapped_column(String(200))
    url: Mapped[str] = mapped_column(String(500))
    version: Mapped[str | None] = mapped_column(String(50))
    etag: Mapped[str | None] = mapped_column(String(200))
    taken_at: Mapped[datetime | None]
    attempted_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    problem_code: Mapped[str | None] = mapped_column(String(50))
    problem_detail: Mapped[str | None] = mapped_column(String(500))
    changed_at: Mapped[datetime | None]
    """When the master last changed a limit there; a reading begun before that is not stored."""
    refresh_requested_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=0)
    """Counts the readings that changed something."""
    devices: Mapped[int] = mapped_column(default=0)
    """How many devices the last reading had."""
    suspended_at: Mapped[datetime | None]
    """Since when the host is neither read nor changed."""
    fullest: Mapped[float] = mapped_column(Double, default=-1.0, server_default="-1")
    """Percent of the fullest quota, or -1 where none has limits."""
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    """Readings that failed in a row."""
    next_due_at: Mapped[datetime | None]
    """When it is to be read again; None: at once."""
    claim: Mapped[str | None] = mapped_column(String(40))
    """Whoever knows this token may read the host, until `claimed_until`."""
    claimed_until: Mapped[datetime | None]


class DeviceRow(Base):
    """A device of a host as last read."""

    __tablename__ = "device"

    host_id: Mapped[str] = mapped_column(ForeignKey("host.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(1000), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(10))
    measured_at: Mapped[datetime]
    percent: Mapped[float | None] = mapped_column(Double)
    mount_points: Mapped[list[str]] = mapped_column(JSON)
    head: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The device as the slave sent it, without its rows."""


_WORST_FIRST = ("severity", "fullness", "host_id", "device", "quota_type", "quota_id")
_IN_NEED = text("attention = 1")


class QuotaRow(Base):
    """One quota as last read. Limits as on the wire: KiB or counts, 0 is unlimited."""

    __tablename__ = "quota"
    __table_args__ = (
        Index("ix_quota_fullness", "fullness", "host_id", "device", "quota_type", "quota_id"),
        Index("ix_quota_name", "name", "host_id", "device", "quota_type", "quota_id", "fullness"),
        Index("ix_quota_attention", *_WORST_FIRST, sqlite_where=_IN_NEED, postgresql_where=_IN_NEED),
        Index("ix_quota_severity", "severity"),
    )

    host_id: Mapped[str] = mapped_column(ForeignKey("host.id", ondelete="CASCADE"), primary_key=True)
    device: Mapped[str] = mapped_column(String(1000), primary_key=True)
    quota_type: Mapped[str] = mapped_column(String(10), primary_key=True)
    quota_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(256))
    status: Mapped[str] = mapped_column(String(20))
    severity: Mapped[int] = mapped_column(SmallInteger)
    attention: Mapped[int] = mapped_column(SmallInteger)
    """1 where it is not all right or nearly full, else 0."""
    fullness: Mapped[float] = mapped_column(Double)
    """Percent, or -1 where it is unlimited."""
    block_current: Mapped[int]
    block_soft_limit: Mapped[int]
    block_hard_limit: Mapped[int]
    block_time_limit: Mapped[int]
    inode_current: Mapped[int]
    inode_soft_limit: Mapped[int]
    inode_hard_limit: Mapped[int]
    inode_time_limit: Mapped[int]
    limits_source: Mapped[str] = mapped_column(String(10))
    parts: Mapped[dict[str, int]] = mapped_column(JSON)
