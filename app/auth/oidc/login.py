"""The use case "log in": begin at the provider, come back, become a person with a session."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session

from app.auth.guard import Sessions, hashed
from app.auth.oidc.errors import LoginExpiredError, LoginInvalidError, LoginRefusedError, ProviderUnavailableError
from app.auth.oidc.http import TIMEOUT_SECONDS
from app.auth.oidc.provider import Provider
from app.auth.oidc.tokens import checked_claims
from app.auth.people import Identity, sign_in
from app.db.engine import Database
from app.db.repositories.logins import LoginAttempt, LoginAttemptRepository
from app.db.repositories.people import PersonRepository
from app.quota.clock import Clock
from app.settings.oauth import OAuthSettings

ATTEMPT_LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the browser, and the secret that its cookie must bring back."""

    url: str
    browser_secret: str


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """The id for the session cookie, and where the person wanted to go."""

    session_id: str
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
        state, nonce, browser = (secrets.token_urlsafe(32) for _ in range(3))
        verifier = secrets.token_urlsafe(48)
        extra = {"user_id": user_id} if user_id is not None and self.settings.provider_is_mock else {}
        with self._client() as client:
            url, _ = client.create_authorization_url(
                self.provider.metadata().authorization_endpoint,
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

    def finish(self, *, state: str, code: str | None, refused: str | None, browser_secret: str) -> LoggedIn:
        """Ends a login that this browser began. LoginError."""
        with self.database.write() as connection:
            attempt = LoginAttemptRepository(connection).take(hashed(state), self.clock())
        if attempt is None or not secrets.compare_digest(attempt.browser_hash, hashed(browser_secret)):
            raise LoginExpiredError("no login of this browser is under way")
        if refused is not None or not code:
            raise LoginRefusedError(f"the provider says: {(refused or 'no code')[:100]}")
        tokens = self._exchange(code, attempt.code_verifier)
        claims = checked_claims(
            _text(tokens, "id_token"),
            provider=self.provider,
            client_id=self.settings.client.client_id,
            nonce=attempt.nonce,
            clock=self.clock,
        )
        identity = self._identity(claims, tokens)
        with self.database.write() as connection:
            person = sign_in(PersonRepository(connection), identity, self.clock())
        return LoggedIn(self.sessions.begin(person), attempt.return_to)

    def _client(self) -> OAuth2Session:
        secret = self.settings.client.client_secret
        client = OAuth2Session(
            client_id=self.settings.client.client_id,
            client_secret=secret.get_secret_value() if secret else None,
            scope=" ".join(self.settings.scopes),
            redirect_uri=self.settings.redirect_uri,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
        )
        client.trust_env = False
        return client

    def _exchange(self, code: str, verifier: str) -> dict[str, Any]:
        try:
            with self._client() as client:
                tokens = client.fetch_token(
                    self.provider.metadata().token_endpoint,
                    code=code,
                    code_verifier=verifier,
                    timeout=TIMEOUT_SECONDS,
                    allow_redirects=False,
                    verify=self.provider.http.verify,
                )
        except AuthlibBaseError as error:
            raise LoginRefusedError(f"token endpoint: {error.error}") from error
        except (requests.RequestException, ValueError) as error:
            raise ProviderUnavailableError(f"token endpoint: {type(error).__name__}") from error
        return dict(tokens)

    def _identity(self, claims: dict[str, Any], tokens: dict[str, Any]) -> Identity:
        """Name, mail and groups from the id token, from userinfo where it lacks them."""
        names = self.settings.claims
        wanted = (names.name, names.email, names.groups)
        endpoint = self.provider.metadata().userinfo_endpoint
        merged = dict(claims)
        if endpoint and any(name not in claims for name in wanted):
            info = self.provider.http.get_object(endpoint, access_token=_text(tokens, "access_token"))
            if info.get("sub") != claims["sub"]:
                raise LoginInvalidError("userinfo: of another subject")
            merged = {**info, **claims}
        groups = merged.get(names.groups, [])
        groups = groups if isinstance(groups, list) else [groups]
        return Identity(
            issuer=str(claims["iss"]),
            subject=str(claims["sub"]),
            username=_bounded(merged.get(names.name)),
            email=_bounded(merged.get(names.email)),
            is_admin=self.settings.admin_group in groups,
        )


def _text(tokens: dict[str, Any], name: str) -> str:
    value = tokens.get(name)
    if not isinstance(value, str):
        raise LoginInvalidError(f"token endpoint: no {name}")
    return value


def _bounded(value: object) -> str | None:
    """Text of a claim: visible characters, at most 256; None where there is none."""
    if not isinstance(value, str):
        return None
    return "".join(character for character in value if character.isprintable()).strip()[:256] or None
