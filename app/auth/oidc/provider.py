"""The provider as its discovery document describes it (OpenID Connect Discovery 1.0)."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from app.auth.oidc.errors import LoginInvalidError, ProviderUnavailableError
from app.auth.oidc.http import ProviderCalls, ProviderHttp
from app.quota.clock import Clock

METADATA_LASTS = timedelta(hours=1)
KEYS_LAST = timedelta(minutes=15)
KEYS_AGAIN_AFTER = timedelta(seconds=10)
"""An unknown key id fetches the keys anew, but not more often than this."""


def _is_endpoint(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not url.isprintable():
        message = "a URL"
        raise ValueError(message)
    return url


Endpoint = Annotated[str, AfterValidator(_is_endpoint)]


class Metadata(BaseModel):
    """Where the provider answers what."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    issuer: str
    authorization_endpoint: Endpoint
    token_endpoint: Endpoint
    jwks_uri: Endpoint
    userinfo_endpoint: Endpoint | None = None
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]
    qman_mock_provider: bool = False
    """The mock provider says so itself: it alone is told who wants to log in."""

    @property
    def endpoints(self) -> list[str]:
        """All of them."""
        told = (self.authorization_endpoint, self.token_endpoint, self.jwks_uri, self.userinfo_endpoint)
        return [endpoint for endpoint in told if endpoint is not None]


class Provider:
    """Metadata and keys of one provider, remembered for a while. Safe to use from many threads."""

    def __init__(self, url: str, issuer: str, http: ProviderHttp, clock: Clock) -> None:
        """`issuer` is whom the metadata must name."""
        self._url = url
        self._issuer = issuer
        self._clock = clock
        self._metadata: tuple[datetime, Metadata] | None = None
        self._keys: tuple[datetime, KeySet] | None = None
        self.http = http

    def metadata(self, calls: ProviderCalls, *, anew: bool = False) -> Metadata:
        """The endpoints; `anew` asks, so that nobody is sent to a provider that is down.

        ProviderUnavailableError, LoginInvalidError (another issuer).
        """
        now = self._clock()
        known = self._metadata
        if not anew and known is not None and timedelta() <= now - known[0] < METADATA_LASTS:
            return known[1]
        metadata = self._discovered(calls.get_object(f"{self._url}/.well-known/openid-configuration"))
        self._metadata = (now, metadata)
        return metadata

    def keys(self, calls: ProviderCalls, *, unknown_kid: bool = False) -> KeySet:
        """The provider's keys; fetched anew when they are old, or when a token names one that is not among them.

        Nobody waits for somebody else's request: two threads may ask at once. ProviderUnavailableError.
        """
        now = self._clock()
        known = self._keys
        lasts = KEYS_AGAIN_AFTER if unknown_kid else KEYS_LAST
        if known is not None and timedelta() <= now - known[0] < lasts:
            return known[1]
        found = calls.get_object(self.metadata(calls).jwks_uri).get("keys")
        imported = [_imported(each) for each in found] if isinstance(found, list) else []
        keys = KeySet([key for key in imported if key is not None])
        if not keys:
            raise ProviderUnavailableError("the provider has no keys that can be read")
        self._keys = (now, keys)
        return keys

    def _discovered(self, document: dict[str, Any]) -> Metadata:
        if document.get("issuer") not in (self._issuer, self._issuer.rstrip("/"), self._issuer + "/"):
            raise LoginInvalidError("the discovery document names another issuer")
        try:
            metadata = Metadata.model_validate(document)
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"])
            raise ProviderUnavailableError(f"the discovery document: {where} is not as expected") from error
        if self._url.startswith("https://") and any(not each.startswith("https://") for each in metadata.endpoints):
            raise LoginInvalidError("the discovery document leads from https to http")
        return metadata


def _imported(data: Any) -> Key | None:
    """A public key; None where it is of a kind that is not known, broken, or a shared secret."""
    if not isinstance(data, dict) or data.get("kty") == "oct":
        return None
    try:
        return JWKRegistry.import_key(data)
    except (JoseError, ValueError, KeyError, TypeError):
        return None
