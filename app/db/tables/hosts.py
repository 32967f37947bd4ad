"""Hosts that were enrolled in the dashboard, the codes for that, and how often any of it changed."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class EnrolledHostRow(Base):
    """A host that is not in the settings. Its keys are sealed; the key that opens them is not in the database."""

    __tablename__ = "enrolled_host"

    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    label: Mapped[str] = mapped_column(String(200))
    url: Mapped[str] = mapped_column(String(500))
    ca_file: Mapped[str | None] = mapped_column(String(1000))
    sealed_keys: Mapped[str | None] = mapped_column(Text)
    """Null before the host was enrolled."""
    keys_at: Mapped[datetime | None]
    """Since when the keys in use are."""
    enrolled_at: Mapped[datetime | None]
    """When a code was last exchanged for keys; the host counts as enrolled from its first good reading after that."""
    rotation: Mapped[str | None] = mapped_column(String(20))
    """The step at which a rotation of its keys stands: `confirming` or `dropping`."""
    version: Mapped[int] = mapped_column(default=0)
    """Counts changes of the keys, so that two that change them at once are told apart."""


class EnrolmentCodeRow(Base):
    """A code that a host can be enrolled with, once. The code itself is not stored, only keys derived from it."""

    __tablename__ = "enrolment_code"

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    host_id: Mapped[str] = mapped_column(ForeignKey("enrolled_host.id", ondelete="CASCADE"), index=True)
    sealed_keys: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    person_id: Mapped[str] = mapped_column(String(36))
    person_name: Mapped[str] = mapped_column(String(256))


class FleetRevisionRow(Base):
    """One row, which grows with each change of hosts or keys: server processes look at it every second."""

    __tablename__ = "fleet_revision"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision: Mapped[int]
