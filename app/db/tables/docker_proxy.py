"""The table of the socket proxy before Docker: its journal."""

from datetime import datetime

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class DockerJournalRow(Base):
    """A Docker object that somebody created through the proxy, or a build. Rows are added, never changed, and thinned.

    `uid` is for whom it counts, `user` the name that this uid had then; both null where nobody can be named.
    `peer_uid` is of the process that asked, `login_uid` of who had logged in there. `began_at` is when dockerd was
    asked, `at` when it had answered. The same object may stand here more than once: an image that is built again.
    A build has a row when it begins (`at` is `began_at`), and another when it has ended.
    """

    __tablename__ = "docker_journal"
    __table_args__ = (Index("ix_docker_journal_object_id", "object_id", "kind"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    object_id: Mapped[str] = mapped_column(String(300))
    uid: Mapped[int | None]
    user: Mapped[str | None] = mapped_column(String(256))
    peer_uid: Mapped[int]
    login_uid: Mapped[int | None]
    pid: Mapped[int]
    container_id: Mapped[str | None] = mapped_column(String(64))
    """Of the container in which the process ran that asked."""
    began_at: Mapped[datetime]
    at: Mapped[datetime] = mapped_column(index=True)
