"""Decides who may make a call: by session, role, CSRF token and Origin; or by an API token and its scopes."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import structlog
from flask import request

from app.auth.bearer import BearerTokens
from app.auth.caller import Caller, CallerToken
from app.auth.errors import CsrfError, ForbiddenError, UnauthenticatedError
from app.auth.people import LOCAL_ISSUER
from app.auth.scopes import ADMIN_ACCESSES, changes_something
from app.auth.token_text import token_in
from app.db.engine import Database
from app.db.repositories.people import Person
from app.db.repositories.sessions import Session, SessionRepository
from app.quota.clock import Clock

log = structlog.get_logger(__name__)

COOKIE = "qman_session"
CSRF_HEADER = "X-CSRF-Token"
_DEFAULT_PORTS = {"http": 80, "https": 443}


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


class Guard:
    """The guard of the master's routes.

    Accesses are `public`, `user` and `admin`, and `user_session` and `admin_session` for what no token opens.
    """

    def __init__(self, sessions: Sessions, tokens: BearerTokens, client_url: str | None, *, demo: bool = False) -> None:
        """`client_url` is where people's browsers find the dashboard: its origin may send changes.

        `demo`: login is switched off. Sessions of the local admin count only then, not when it is on again.
        """
        self._sessions = sessions
        self._tokens = tokens
        self._demo = demo
        self._client_origin = _origin(client_url) if client_url else None

    def __call__(self, access: str) -> Caller | None:
        """The caller, or None for a public call. UnauthenticatedError, ForbiddenError, TokenScopeError, CsrfError.

        An API token decides alone: a cookie that comes with it counts for nothing.
        """
        if access == "public":
            return None
        token = token_in(request.headers.get("Authorization", ""))
        return self._by_session(access) if token is None else self._by_token(token, access)

    def _by_session(self, access: str) -> Caller:
        found = self._sessions.find(request.cookies.get(COOKIE, ""))
        if found is None or (found[1].issuer == LOCAL_ISSUER and not self._demo):
            raise UnauthenticatedError("Log in first.")
        session, person = found
        if changes_something(request.method):
            self._refuse_forgery(session.csrf_token)
        if access in ADMIN_ACCESSES and not person.is_admin:
            log.warning("request_refused", code="forbidden", path=request.path, person=person.id)
            raise ForbiddenError("Only admins may do that.")
        return Caller(person, session.csrf_token, "session", request.remote_addr or "", session.id_hash)

    def _by_token(self, text: str, access: str) -> Caller:
        """No page of another site can make a browser send a token, so there is no forgery to refuse."""
        address = request.remote_addr or ""
        token, person = self._tokens.find(text, address)
        try:
            self._tokens.check(token, person, access, request.method)
        except ForbiddenError as error:
            log.warning("request_refused", code=error.code, path=request.path, person=person.id, token=token.id)
            raise
        return Caller(person, "", "token", address, token=CallerToken(token.id, token.name))

    def _refuse_forgery(self, token: str) -> None:
        origin = request.headers.get("Origin")
        foreign = origin is not None and _origin(origin) not in {self._client_origin, _origin(request.host_url)}
        if foreign or request.headers.get("Sec-Fetch-Site") == "cross-site":
            raise self._forgery("The request comes from a page of another site.")
        if not secrets.compare_digest(request.headers.get(CSRF_HEADER, "").encode(), token.encode()):
            raise self._forgery(f"The header {CSRF_HEADER} is missing or wrong; /api/me tells the right one.")

    def _forgery(self, detail: str) -> CsrfError:
        log.warning("request_refused", code=CsrfError.code, path=request.path, address=request.remote_addr)
        return CsrfError(detail)


def _origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port, as browsers compare them (RFC 6454); of what is no URL, something equal to nothing."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or url, parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return "", url, None
