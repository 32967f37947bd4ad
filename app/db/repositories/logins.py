"""Logins under way, between the redirect to the provider and its answer."""

from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from app.db.asking import no_longer_needed
from app.db.tables.people import LoginAttemptRow


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """A login that was begun: by whom is known by the hash of a cookie, which one by the hash of its state."""

    state_hash: str
    browser_hash: str
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    return_to: str
    expires_at: datetime


class LoginAttemptRepository:
    """Login attempts on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, attempt: LoginAttempt, now: datetime) -> None:
        """A login that begins; those that expired are cleared away with it."""
        expired = no_longer_needed(LoginAttemptRow, LoginAttemptRow.expires_at < now)
        self._connection.execute(delete(LoginAttemptRow).where(expired))
        self._connection.execute(insert(LoginAttemptRow).values(**asdict(attempt)))

    def is_known(self, state_hash: str) -> bool:
        """Was a login of this state begun, and not yet used or cleared away?"""
        query = select(LoginAttemptRow.state_hash).where(LoginAttemptRow.state_hash == state_hash)
        return self._connection.execute(query).first() is not None

    def take(self, state_hash: str, now: datetime) -> LoginAttempt | None:
        """The attempt of this state, which is used up by asking; None when there is none or it expired."""
        query = select(*LoginAttemptRow.__table__.columns).where(LoginAttemptRow.state_hash == state_hash)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        used = self._connection.execute(delete(LoginAttemptRow).where(LoginAttemptRow.state_hash == state_hash))
        attempt = LoginAttempt(*row)
        return attempt if used.rowcount == 1 and attempt.expires_at > now else None
