"""The ledger of a slave's Docker device: its objects, whose they are, and the limits of users."""

from datetime import datetime

from sqlalchemy import Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class DockerObjectRow(Base):
    """A container, image, layer, volume or record of the build cache, as it was last listed and measured.

    `id` is Docker's: of a layer the chain id, of a volume its name. `created_ns` are Unix nanoseconds, 0 where Docker
    does not say. `first_seen_at` is when qman saw it first; null where it is older than the ledger. `gone_at` is when a
    full listing first lacked it: until it is forgotten it may come back as what it was. `facts` is a JSON object.
    The columns from `uid` on are the attribution; `candidates` is a JSON list of pairs.
    """

    __tablename__ = "docker_object"

    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    created_ns: Mapped[int]
    first_seen_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None] = mapped_column(index=True)
    bytes: Mapped[int]
    log_bytes: Mapped[int]
    facts: Mapped[str] = mapped_column(Text)
    uid: Mapped[int | None]
    user: Mapped[str | None] = mapped_column(String(256))
    method: Mapped[str] = mapped_column(String(10))
    certainty: Mapped[str] = mapped_column(String(10))
    candidates: Mapped[str] = mapped_column(Text)


class DockerOverrideRow(Base):
    """An admin's word on whose an object is; `uid` null: nobody's.

    It holds for the object that was created at `created_ns`, not for another that later has the name of a volume, and
    stays when the object is gone.
    """

    __tablename__ = "docker_override"

    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    created_ns: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    uid: Mapped[int | None]
    user: Mapped[str | None] = mapped_column(String(256))
    reason: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime]


class DockerWordRow(Base):
    """What an admin said about whose an object is, or took back. Rows are added and never changed.

    `said_by` is who said it, `action` is `set` or `withdrawn`; `uid` null: nobody's. `before` is the attribution that
    stood until then, a JSON object: what the audit log said is in no log any more.
    """

    __tablename__ = "docker_word"
    __table_args__ = (Index("ix_docker_word_object_id", "object_id", "kind"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    object_id: Mapped[str] = mapped_column(String(255))
    created_ns: Mapped[int]
    said_at: Mapped[datetime]
    said_by: Mapped[str] = mapped_column(String(256))
    action: Mapped[str] = mapped_column(String(10))
    uid: Mapped[int | None]
    user: Mapped[str | None] = mapped_column(String(256))
    reason: Mapped[str] = mapped_column(Text)
    before: Mapped[str] = mapped_column(Text)


class DockerLimitRow(Base):
    """A user's limits of what they have in Docker's store, in bytes; null is unlimited."""

    __tablename__ = "docker_limit"

    uid: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    soft: Mapped[int | None]
    hard: Mapped[int | None]


class DockerStoreRow(Base):
    """The store as a whole when it was last measured, in bytes, and how the engine answered since. One row.

    `engine` is a JSON object. `state` is `ok` or why the engine or its store cannot be read, `detail` says more.
    `measured_at` is null until the store was measured for the first time.
    """

    __tablename__ = "docker_store"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    engine: Mapped[str] = mapped_column(Text)
    measured_at: Mapped[datetime | None]
    used: Mapped[int]
    free: Mapped[int]
    overhead: Mapped[int]
    filesystem_used: Mapped[int | None]
