"""The tables of a slave: what its worker processes share."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class NonceRow(Base):
    """A nonce of a signature that was accepted; it is refused until it expires, when the signature is too old."""

    __tablename__ = "signature_nonces"

    key_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    nonce: Mapped[str] = mapped_column(String(256), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SlaveDeviceRow(Base):
    """A device that the slave has seen.

    `described` is the device as JSON, so that it can be listed when it is gone, by the run of the server that saw it.
    `generation` grows with each change, so that no worker serves figures from before it. `failed_since` is null while
    the device can be read.
    """

    __tablename__ = "slave_devices"

    name: Mapped[str] = mapped_column(String(1000), primary_key=True)
    run_id: Mapped[str] = mapped_column(String(100))
    backend: Mapped[str] = mapped_column(String(100))
    described: Mapped[str] = mapped_column(Text)
    seen_at: Mapped[datetime]
    generation: Mapped[int] = mapped_column(default=0)
    failed_since: Mapped[datetime | None]


class MockStateRow(Base):
    """The state of a mock host, as text with a version."""

    __tablename__ = "mock_states"

    host_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    version: Mapped[int]
    state: Mapped[str] = mapped_column(Text)


class DefaultLimitsRow(Base):
    """The default limits of a device for one quota type.

    `limits` is a JSON list: block soft, block hard (bytes), inode soft, inode hard; null is unlimited. Text, since an
    inode limit may be larger than any integer of a database.
    """

    __tablename__ = "default_limits"

    device: Mapped[str] = mapped_column(String(1000), primary_key=True)
    quota_type: Mapped[str] = mapped_column(String(10), primary_key=True)
    limits: Mapped[str] = mapped_column(Text)


class AppliedDefaultsRow(Base):
    """Defaults that were put on an id: the limits wanted, and those that stood when they were read back."""

    __tablename__ = "applied_defaults"

    device: Mapped[str] = mapped_column(String(1000), primary_key=True)
    quota_type: Mapped[str] = mapped_column(String(10), primary_key=True)
    quota_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    wanted: Mapped[str] = mapped_column(Text)
    stands: Mapped[str] = mapped_column(Text)
