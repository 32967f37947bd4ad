"""The use case "log in": begin at the provider, come back, become a person with a session."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session

from app.auth.guard import Sessions, hashed
from app.auth.oidc.errors import LoginExpiredError, LoginInvalidError, LoginRefusedError, ProviderUnavailableError
from app.auth.oidc.http import ProviderCalls
from app.auth.oidc.identity import identity_of, text_of
from app.auth.oidc.provider import Metadata, Provider
from app.auth.oidc.tokens import checked_claims
from app.auth.people import sign_in
from app.db.engine import Database
from app.db.repositories.logins import LoginAttempt, LoginAttemptRepository
from app.db.repositories.people import PersonRepository
from app.quota.clock import Clock
from app.settings.oauth import OAuthSettings

ATTEMPT_LASTS = timedelta(minutes=10)
UNAVAILABLE = frozenset({"server_error", "temporarily_unavailable"})
"""What a provider says of itself when it cannot (RFC 6749, 4.1.2.1)."""
LONGEST_REASON = 100


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the browser, and the secret that its cookie must bring back."""

    url: str = field(repr=False)
    browser_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the browser brought back from the provider."""

    state: str = field(repr=False)
    code: str | None = field(repr=False)
    refused: str | None
    issuer: str | None


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """The id for the session cookie, and where the person wanted to go."""

    session_id: str = field(repr=False)
    return_to: str


@dataclass(frozen=True, slots=True)
class Login:
    """Login by one provider."""

    settings: OAuthSettings
    provider: Provider
    database: Database
    sessions: Sessions
    clock: Clock

    def begin(self, return_to: str, *, user_id: str | None) -> Begun:
        """Begins a login. `user_id` is passed on only to the mock provider. LoginError."""
        calls = self.provider.http.within()
        metadata = self.provider.metadata(calls, anew=True)
        state, nonce, browser = (secrets.token_urlsafe(32) for _ in range(3))
        verifier = secrets.token_urlsafe(48)
        extra = {"user_id": user_id} if user_id is not None and metadata.qman_mock_provider else {}
        with self._client(metadata, calls) as client:
            url, _ = client.create_authorization_url(
                metadata.authorization_endpoint,
                state=state,
                nonce=nonce,
                code_verifier=verifier,
                **extra,
            )
        now = self.clock()
        attempt = LoginAttempt(hashed(state), hashed(browser), nonce, verifier, return_to, now + ATTEMPT_LASTS)
        with self.database.write() as connection:
            LoginAttemptRepository(connection).add(attempt, now)
        return Begun(url, browser)

    def finish(self, answer: Answer, browser_secret: str) -> LoggedIn:
        """Ends a login that this browser began. LoginError."""
        attempt = self._taken(answer.state, browser_secret)
        _check_answer(answer)
        calls = self.provider.http.within()
        metadata = self.provider.metadata(calls)
        if answer.issuer is not None and answer.issuer != metadata.issuer:
            raise LoginInvalidError("the answer is another provider's")  # RFC 9207
        tokens = self._exchange(answer.code or "", attempt.code_verifier, metadata, calls)
        claims = checked_claims(
            text_of(tokens, "id_token"),
            access_token=tokens.get("access_token"),
            provider=self.provider,
            calls=calls,
            client_id=self.settings.client.client_id,
            nonce=attempt.nonce,
            clock=self.clock,
        )
        identity = identity_of(claims, tokens, self.settings, metadata.userinfo_endpoint, calls)
        with self.database.write() as connection:
            person = sign_in(PersonRepository(connection), identity, self.clock())
        return LoggedIn(self.sessions.begin(person), attempt.return_to)

    def _taken(self, state: str, browser_secret: str) -> LoginAttempt:
        """The attempt of this state, used up by asking. What nobody began costs no write lock."""
        now, state_hash = self.clock(), hashed(state)
        with self.database.read() as connection:
            is_known = LoginAttemptRepository(connection).is_known(state_hash)
        attempt = None
        if is_known:
            with self.database.write() as connection:
                attempt = LoginAttemptRepository(connection).take(state_hash, now)
        if attempt is None or not secrets.compare_digest(attempt.browser_hash, hashed(browser_secret)):
            raise LoginExpiredError("no login of this browser is under way")
        return attempt

    def _client(self, metadata: Metadata, calls: ProviderCalls) -> OAuth2Session:
        secret = self.settings.client.client_secret
        by_post = "client_secret_basic" not in metadata.token_endpoint_auth_methods_supported
        method = "client_secret_post" if by_post else "client_secret_basic"
        client = OAuth2Session(
            client_id=self.settings.client.client_id,
            client_secret=secret.get_secret_value() if secret else None,
            scope=" ".join(self.settings.scopes),
            redirect_uri=self.settings.redirect_uri,
            code_challenge_method="S256",
            token_endpoint_auth_method=method if secret else "none",
        )
        calls.bind(client)
        return client

    def _exchange(self, code: str, verifier: str, metadata: Metadata, calls: ProviderCalls) -> dict[str, Any]:
        try:
            with self._client(metadata, calls) as client:
                tokens = client.fetch_token(
                    metadata.token_endpoint, code=code, code_verifier=verifier, allow_redirects=False
                )
        except AuthlibBaseError as error:
            raise LoginRefusedError(f"token endpoint: {str(error.error)[:LONGEST_REASON]}") from error
        except (requests.RequestException, OSError, ValueError, TypeError, RecursionError) as error:
            raise ProviderUnavailableError(f"token endpoint: {type(error).__name__}") from error
        return dict(tokens)


def _check_answer(answer: Answer) -> None:
    if answer.refused in UNAVAILABLE:
        raise ProviderUnavailableError(f"the provider says: {answer.refused}")
    if answer.refused is not None or not answer.code:
        raise LoginRefusedError(f"the provider says: {(answer.refused or 'no code')[:LONGEST_REASON]}")
