"""Calls with an API token: who calls, and what the token opens."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

import structlog

from app.auth.errors import ForbiddenError, TokenScopeError, UnauthenticatedError
from app.auth.people import LOCAL_ISSUER
from app.auth.rate import LoginRate
from app.auth.scopes import ADMIN_ACCESSES, SESSION_ACCESSES, needed_scopes, opened_scopes
from app.auth.token_text import is_well_formed
from app.db.engine import Database
from app.db.errors import DatabaseUnavailableError, NoSpaceError
from app.db.repositories.people import Person
from app.db.repositories.tokens import ApiToken, ApiTokenRepository
from app.quota.clock import Clock

log = structlog.get_logger(__name__)

NOTED_EVERY = timedelta(minutes=1)
"""How exactly the last use of a token is kept."""
WRONG_PER_MINUTE = 600
_MOST_REMEMBERED = 10_000


def token_hash(token: str) -> str:
    """What the database keeps of a token: it is random enough that SHA-256 cannot be turned round."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class LastUses:
    """Notes when tokens were used: once a minute, and never at the cost of the call."""

    database: Database
    clock: Clock
    _tried_at: dict[str, datetime] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def note(self, token: ApiToken) -> None:
        """It is being used. A database that takes no writes is no reason to refuse a reading."""
        now = self.clock()
        known = token.last_used_at
        if (known is not None and now - known < NOTED_EVERY) or not self._is_first_to_try(token.id, now):
            return
        try:
            with self.database.write() as connection:
                ApiTokenRepository(connection).note_use(token.id, now, now - NOTED_EVERY)
        except (NoSpaceError, DatabaseUnavailableError) as error:
            log.warning("token_use_not_noted", token=token.id, code=error.code)

    def _is_first_to_try(self, token_id: str, now: datetime) -> bool:
        with self._lock:
            tried = self._tried_at.get(token_id)
            if tried is not None and timedelta() <= now - tried < NOTED_EVERY:
                return False
            if len(self._tried_at) >= _MOST_REMEMBERED:
                self._tried_at.clear()
            self._tried_at[token_id] = now
            return True


class BearerTokens:
    """Finds who a token belongs to, and decides whether it opens a call."""

    def __init__(self, database: Database, clock: Clock, *, admin_login_days: int, demo: bool) -> None:
        """`admin_login_days`: so long after a person's last login their tokens still have an admin's rights.

        `demo`: login is switched off; tokens of the local admin count only then.
        """
        self._database = database
        self._clock = clock
        self._admin_login_days = admin_login_days
        self._demo = demo
        self._uses = LastUses(database, clock)
        self._wrong = LoginRate(clock, per_minute=WRONG_PER_MINUTE, path="by API token")

    def find(self, text: str, address: str) -> tuple[ApiToken, Person]:
        """The token with its person; its use is noted.

        Whatever is wrong with a token, the answer is the same: UnauthenticatedError, and TooManyLoginsError for an
        address that has sent too many wrong ones. Valid ones of the same address go on.
        """
        found = None
        if is_well_formed(text):
            with self._database.read() as connection:
                found = ApiTokenRepository(connection).find_valid(token_hash(text), self._clock())
        if found is None or (found[1].issuer == LOCAL_ISSUER and not self._demo):
            self._wrong.check(address)
            log.warning("request_refused", code=UnauthenticatedError.code, kind="token", address=address)
            raise UnauthenticatedError("The API token is not valid: mistyped, expired or revoked.")
        self._uses.note(found[0])
        return found

    def check(self, token: ApiToken, person: Person, access: str, method: str) -> None:
        """ForbiddenError where the person may not, TokenScopeError where the token does not open it."""
        if access in ADMIN_ACCESSES and not person.is_admin:
            raise ForbiddenError("Only admins may do that.")
        if access in SESSION_ACCESSES:
            raise TokenScopeError("No API token may do that: log in with a browser.")
        missing = needed_scopes(access, method) - opened_scopes(token.scopes.split())
        if missing:
            raise TokenScopeError(f"The API token lacks the scope {', '.join(sorted(missing))}.")
        if access in ADMIN_ACCESSES and self._is_asleep(person):
            days = self._admin_login_days
            raise TokenScopeError(
                f"An admin's token works for {days} days after its owner last logged in: log in with a browser."
            )

    def _is_asleep(self, person: Person) -> bool:
        """Only a login shows whether somebody is still in the group of admins."""
        return self._clock() - person.last_login_at > timedelta(days=self._admin_login_days)
