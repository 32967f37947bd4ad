"""What the mock provider has promised: codes, used once within a minute, and the access tokens they gave."""

import base64
import hashlib
import secrets
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.auth.mock_provider.users import MockUser
from app.quota.clock import Clock

CODE_LASTS = timedelta(seconds=60)
TOKEN_LASTS = timedelta(seconds=300)
MOST = 1000
"""Of each, so many are remembered: the oldest give way."""


@dataclass(frozen=True, slots=True)
class Authorization:
    """What a browser was sent with to the authorization page."""

    client_id: str
    redirect_uri: str
    nonce: str | None
    code_challenge: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A user's consent to an authorization, until then."""

    user: MockUser
    authorization: Authorization
    expires_at: datetime


class Grants:
    """Codes and access tokens in memory, the latest thousand of each."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._codes: dict[str, Grant] = {}
        self._tokens: dict[str, Grant] = {}

    def give_code(self, user: MockUser, authorization: Authorization) -> str:
        """A code for the client."""
        return self._keep(self._codes, Grant(user, authorization, self._clock() + CODE_LASTS))

    def take_code(self, code: str, *, client_id: str, redirect_uri: str, verifier: str) -> Grant | None:
        """The grant of a code, which is used up by asking; None unless all of it fits (RFC 7636, 4.6)."""
        with self._lock:
            grant = self._codes.pop(code, None)
        if grant is None or grant.expires_at <= self._clock():
            return None
        asked = grant.authorization
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        fits = (asked.client_id, asked.redirect_uri, asked.code_challenge) == (client_id, redirect_uri, challenge)
        return grant if fits else None

    def give_token(self, grant: Grant) -> str:
        """An access token for the claims of the user who granted."""
        return self._keep(self._tokens, replace(grant, expires_at=self._clock() + TOKEN_LASTS))

    def user_of(self, token: str) -> MockUser | None:
        """Whose access token this is; None when it is none, or expired."""
        with self._lock:
            grant = self._tokens.get(token)
        return None if grant is None or grant.expires_at <= self._clock() else grant.user

    def _keep(self, kept: dict[str, Grant], grant: Grant) -> str:
        name = secrets.token_urlsafe(24)
        with self._lock:
            while len(kept) >= MOST:
                del kept[next(iter(kept))]
            kept[name] = grant
        return name
