"""Decides who may make a call: by session, role, CSRF token and Origin."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from flask import request

from app.auth.caller import Caller
from app.auth.errors import CsrfError, ForbiddenError, UnauthenticatedError
from app.db.engine import Database
from app.db.repositories.people import Person
from app.db.repositories.sessions import Session, SessionRepository
from app.quota.clock import Clock

COOKIE = "qman_session"
CSRF_HEADER = "X-CSRF-Token"
_SAFE_METHODS = frozenset({"GET", "HEAD"})


def hashed(secret: str) -> str:
    """What the database keeps of a secret that a browser holds."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Sessions:
    """Begins, finds and ends sessions."""

    database: Database
    clock: Clock
    duration: timedelta

    def begin(self, person: Person) -> str:
        """A new session, always under a new id; gives the id for the cookie."""
        session_id, now = secrets.token_urlsafe(32), self.clock()
        session = Session(hashed(session_id), person.id, secrets.token_urlsafe(32), now, now + self.duration)
        with self.database.write() as connection:
            SessionRepository(connection).add(session)
        return session_id

    def find(self, session_id: str) -> tuple[Session, Person] | None:
        """The session of a cookie with its person; None when it is unknown, ended or expired."""
        if not session_id:
            return None
        with self.database.read() as connection:
            return SessionRepository(connection).find(hashed(session_id), self.clock())

    def end(self, id_hash: str) -> None:
        """Logs out."""
        with self.database.write() as connection:
            SessionRepository(connection).end(id_hash, self.clock())


class SessionGuard:
    """The guard of the master's routes; accesses are `public`, `user` and `admin`."""

    def __init__(self, sessions: Sessions, client_url: str | None) -> None:
        """`client_url` is where people's browsers find the dashboard: its origin may send changes."""
        self._sessions = sessions
        self._client_origin = _origin(client_url) if client_url else None

    def __call__(self, access: str) -> Caller | None:
        """The caller, or None for a public call. UnauthenticatedError, ForbiddenError, CsrfError."""
        if access == "public":
            return None
        found = self._sessions.find(request.cookies.get(COOKIE, ""))
        if found is None:
            raise UnauthenticatedError("Log in first.")
        session, person = found
        if request.method not in _SAFE_METHODS:
            self._refuse_forgery(session.csrf_token)
        if access == "admin" and not person.is_admin:
            raise ForbiddenError("Only admins may do that.")
        return Caller(person, session.csrf_token, "session", request.remote_addr or "", session.id_hash)

    def _refuse_forgery(self, token: str) -> None:
        origin = request.headers.get("Origin")
        if origin is not None and origin not in {self._client_origin, _origin(request.host_url)}:
            raise CsrfError("The request comes from a page of another site.")
        if request.headers.get("Sec-Fetch-Site") == "cross-site":
            raise CsrfError("The request comes from a page of another site.")
        if not secrets.compare_digest(request.headers.get(CSRF_HEADER, "").encode(), token.encode()):
            raise CsrfError(f"The header {CSRF_HEADER} is missing or wrong; /api/me tells the right one.")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
