"""Sessions: what a cookie stands for."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from app.db.asking import no_longer_needed
from app.db.repositories.people import Person
from app.db.tables.people import PersonRow, SessionRow


@dataclass(frozen=True, slots=True)
class Session:
    """A login that lasts; `id_hash` is the SHA-256 of the cookie's id."""

    id_hash: str = field(repr=False)
    person_id: str
    csrf_token: str = field(repr=False)
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Login:
    """When somebody logged in, until when that lasts, and when they logged out, if they did."""

    at: datetime
    expires_at: datetime
    ended_at: datetime | None


_FIND = (
    select(
        SessionRow.id_hash,
        SessionRow.person_id,
        SessionRow.csrf_token,
        SessionRow.created_at,
        SessionRow.expires_at,
        *PersonRow.__table__.columns,
    )
    .join(PersonRow, PersonRow.id == SessionRow.person_id)
    .where(
        SessionRow.id_hash == bindparam("id_hash"),
        SessionRow.expires_at > bindparam("now"),
        SessionRow.ended_at.is_(None),
    )
)
"""Put together once: every request asks it."""


class SessionRepository:
    """Sessions on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, session: Session) -> None:
        """A new login; sessions that expired long ago are cleared away with it."""
        expired = no_longer_needed(SessionRow, SessionRow.expires_at < session.created_at)
        self._connection.execute(delete(SessionRow).where(expired))
        self._connection.execute(
            insert(SessionRow).values(
                id_hash=session.id_hash,
                person_id=session.person_id,
                csrf_token=session.csrf_token,
                created_at=session.created_at,
                expires_at=session.expires_at,
                ended_at=None,
            )
        )

    def find(self, id_hash: str, now: datetime) -> tuple[Session, Person] | None:
        """The session with its person; None when it is unknown, ended or expired."""
        row = self._connection.execute(_FIND, {"id_hash": id_hash, "now": now}).one_or_none()
        return None if row is None else (Session(*row[:5]), Person(*row[5:]))

    def logins_of(self, person_id: str, *, limit: int) -> list[Login]:
        """A person's logins whose session is still kept, the newest first."""
        query = select(SessionRow.created_at, SessionRow.expires_at, SessionRow.ended_at)
        newest = query.where(SessionRow.person_id == person_id).order_by(SessionRow.created_at.desc()).limit(limit)
        return [Login(*row) for row in self._connection.execute(newest)]

    def end(self, id_hash: str, now: datetime) -> None:
        """Logs out: the cookie is worth nothing from now on."""
        where = (SessionRow.id_hash == id_hash, SessionRow.ended_at.is_(None))
        self._connection.execute(update(SessionRow).where(*where).values(ended_at=now))
