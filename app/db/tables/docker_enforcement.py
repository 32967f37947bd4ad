"""What enforcement of the Docker quota remembers on a slave, and the events that wait for the master."""

from datetime import datetime

from sqlalchemy import Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class DockerStandingRow(Base):
    """A user who is above their hard limit: since when, and when a container of theirs was last removed.

    `is_exhausted`: it was said that nothing is left to stop. `dry_run`: nothing was done to anybody then.
    """

    __tablename__ = "docker_standing"

    uid: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    dry_run: Mapped[bool]
    since: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    is_exhausted: Mapped[bool]


class DockerDecisionRow(Base):
    """What a round decided to do to a container. `done_at` is null from before it is done until it was seen to be.

    `step` is stop, remove, skip or failed. `event` is the event as JSON that tells of it, `event_id` its id.
    """

    __tablename__ = "docker_decision"

    container_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    step: Mapped[str] = mapped_column(String(10), primary_key=True)
    dry_run: Mapped[bool] = mapped_column(primary_key=True)
    uid: Mapped[int]
    event_id: Mapped[str] = mapped_column(String(36))
    event: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class DockerEventRow(Base):
    """An event for the master, in the order of `number`. `body` is its JSON.

    `state` is queued, delivered, parked (the master refuses it, `problem` says why), or dry_run, which is never sent.
    """

    __tablename__ = "docker_event"

    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    id: Mapped[str] = mapped_column(String(36), unique=True)
    body: Mapped[str] = mapped_column(Text)
    occurred_at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(10), index=True)
    problem: Mapped[str | None] = mapped_column(Text)
