"""The provider as its discovery document describes it (OpenID Connect Discovery 1.0)."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.auth.oidc.errors import LoginInvalidError, ProviderUnavailableError
from app.auth.oidc.http import ProviderHttp
from app.quota.clock import Clock

METADATA_LASTS = timedelta(hours=1)
KEYS_LAST = timedelta(minutes=15)
KEYS_AGAIN_AFTER = timedelta(seconds=10)
"""An unknown key id fetches the keys anew, but not more often than this."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """Where the provider answers what."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None


class Provider:
    """Metadata and keys of one provider, remembered for a while. Safe to use from many threads."""

    def __init__(self, url: str, issuer: str, http: ProviderHttp, clock: Clock) -> None:
        """`issuer` is whom the metadata must name."""
        self._url = url
        self._issuer = issuer
        self._clock = clock
        self._lock = threading.Lock()
        self._metadata: tuple[datetime, Metadata] | None = None
        self._keys: tuple[datetime, KeySet] | None = None
        self.http = http

    def metadata(self) -> Metadata:
        """The endpoints. ProviderUnavailableError, LoginInvalidError (another issuer)."""
        now = self._clock()
        known = self._metadata
        if known is not None and timedelta() <= now - known[0] < METADATA_LASTS:
            return known[1]
        found = self.http.get_object(f"{self._url}/.well-known/openid-configuration")
        if found.get("issuer") not in {self._issuer, self._issuer.rstrip("/"), self._issuer + "/"}:
            raise LoginInvalidError("the discovery document names another issuer")
        try:
            metadata = Metadata(
                issuer=found["issuer"],
                authorization_endpoint=found["authorization_endpoint"],
                token_endpoint=found["token_endpoint"],
                jwks_uri=found["jwks_uri"],
                userinfo_endpoint=found.get("userinfo_endpoint"),
            )
        except KeyError as error:
            raise ProviderUnavailableError(f"the discovery document lacks {error}") from error
        self._metadata = (now, metadata)
        return metadata

    def keys(self, *, unknown_kid: bool = False) -> KeySet:
        """The provider's keys; fetched anew when they are old, or when a token names one that is not among them."""
        now = self._clock()
        with self._lock:
            lasts = KEYS_AGAIN_AFTER if unknown_kid else KEYS_LAST
            if self._keys is not None and timedelta() <= now - self._keys[0] < lasts:
                return self._keys[1]
            found: Any = self.http.get_object(self.metadata().jwks_uri)
            try:
                keys = KeySet.import_key_set(found)
            except (JoseError, ValueError, KeyError, TypeError) as error:
                raise ProviderUnavailableError("the provider's keys cannot be read") from error
            self._keys = (now, keys)
            return keys
