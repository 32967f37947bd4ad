"""Tokens that a library would refuse to make."""

import hashlib
import hmac
import json
from typing import Any

from joserfc import jws
from joserfc.jwk import Key
from joserfc.util import urlsafe_b64encode


def base64url(value: object) -> str:
    """JSON, or bytes as they are, as a part of a token."""
    return urlsafe_b64encode(value if isinstance(value, bytes) else json.dumps(value).encode()).decode()


def unsigned(claims: dict[str, Any]) -> str:
    """A token of the algorithm `none`."""
    return f"{base64url({'alg': 'none', 'typ': 'JWT'})}.{base64url(claims)}."


def with_mac(claims: dict[str, Any], secret: bytes, kid: str | None) -> str:
    """A token of the algorithm HS256 with whatever secret."""
    signed = f"{base64url({'alg': 'HS256', 'kid': kid})}.{base64url(claims)}"
    return f"{signed}.{base64url(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


def altered(token: str, **claims: Any) -> str:
    """The token with other claims under the old signature."""
    head, _, signature = token.split(".")
    return f"{head}.{base64url(claims)}.{signature}"


def signing(payload: bytes, key: Key) -> str:
    """A well signed token of anything, be it JSON or not."""
    return jws.serialize_compact({"alg": "RS256", "kid": key.kid}, payload, key)
