"""What the master last heard of Docker's objects on its hosts, and what users say is theirs."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class DockerReadingRow(Base):
    """Docker's objects on a host as last read. `body` is JSON, empty before the first good reading at `taken_at`.

    `asked_at` is when the host was last asked; the problem is why it gave no answer then, null where it did.
    """

    __tablename__ = "docker_reading"

    host_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    asked_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    body: Mapped[str] = mapped_column(Text)
    problem_code: Mapped[str | None] = mapped_column(String(50))
    problem_detail: Mapped[str | None] = mapped_column(String(500))


class DockerClaimRow(Base):
    """Somebody says that an object is theirs. It attributes nothing: an admin decides.

    `uid` is that of the person's account on the host. `state` is `open`, `confirmed`, `denied` or `gone`.
    `object_created_at` is when the object was created that is meant, null where Docker does not say: another may have
    its name later.
    """

    __tablename__ = "docker_claim"
    __table_args__ = (
        Index("ix_docker_claim_object_id", "host_id", "kind", "object_id"),
        Index("ix_docker_claim_person_id", "person_id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    host_id: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(10))
    object_id: Mapped[str] = mapped_column(String(255))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    person_name: Mapped[str] = mapped_column(String(256))
    username: Mapped[str] = mapped_column(String(256))
    uid: Mapped[int]
    claimed_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10))
    settled_at: Mapped[datetime | None]
    object_created_at: Mapped[datetime | None]
