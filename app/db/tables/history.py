"""History: what quotas and devices were. Nothing here refers to `host`: it outlives a host's place in the settings."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class HistorySeriesRow(Base):
    """One quota, or one device (`quota_type` is `device`, `quota_id` 0), and its most recent records.

    `last_slot` and the three figures are where `recent` ends; with `gone` they are those before it went.
    """

    __tablename__ = "history_series"
    __table_args__ = (
        UniqueConstraint("host_id", "device", "quota_type", "quota_id"),
        Index("ix_history_series_recent_since", "recent_since"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    host_id: Mapped[str] = mapped_column(String(100))
    device: Mapped[str] = mapped_column(String(1000))
    quota_type: Mapped[str] = mapped_column(String(10))
    quota_id: Mapped[int]
    last_slot: Mapped[int]
    block_current: Mapped[int]
    block_hard_limit: Mapped[int]
    inode_current: Mapped[int]
    gone: Mapped[bool]
    recent_since: Mapped[int | None]
    """Slot of the first record in `recent`; None where it has none."""
    recent: Mapped[bytes] = mapped_column(LargeBinary)
    """A plain stretch (app/master/history/codec.py)."""


class HistoryChunkRow(Base):
    """An older stretch of a series, thinned: the tier says to what step."""

    __tablename__ = "history_chunk"
    __table_args__ = (Index("ix_history_chunk_tier", "tier", "start"),)

    series_id: Mapped[int] = mapped_column(
        Integer, ForeignKey("history_series.id", ondelete="CASCADE"), primary_key=True
    )
    tier: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    start: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """First slot of the chunk's period."""
    data: Mapped[bytes] = mapped_column(LargeBinary)


class DeviceForecastRow(Base):
    """When a device will be full, as computed in the background."""

    __tablename__ = "device_forecast"

    host_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    device: Mapped[str] = mapped_column(String(1000), primary_key=True)
    computed_at: Mapped[datetime]
    full_at: Mapped[datetime | None]
    earliest: Mapped[datetime | None]
    latest: Mapped[datetime | None]
    basis_points: Mapped[int]
    confidence: Mapped[str] = mapped_column(String(20))


class FleetDayRow(Base):
    """What all devices together used at the end of a UTC day, in bytes."""

    __tablename__ = "fleet_day"

    day: Mapped[datetime] = mapped_column(primary_key=True)
    used: Mapped[int]
    total: Mapped[int]
    devices: Mapped[int]
