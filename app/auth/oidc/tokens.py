"""Checks an id token (OpenID Connect Core 1.0, 3.1.3.7)."""

import base64
import hashlib
import secrets
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError

from app.auth.oidc.errors import LoginInvalidError
from app.auth.oidc.http import ProviderCalls
from app.auth.oidc.provider import Provider
from app.quota.clock import Clock

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Public-key signatures only: never `none`, never a MAC with what might be a public key."""
_HASHES = {"256": "sha256", "384": "sha384", "512": "sha512"}
"""By the end of the algorithm's name; Ed25519 hashes by SHA-512."""
LEEWAY_SECONDS = 60
LONGEST_SUBJECT = 255
"""OpenID Connect Core 1.0, 2: `sub` has at most 255 ASCII characters."""


def checked_claims(
    id_token: str,
    *,
    access_token: object,
    provider: Provider,
    calls: ProviderCalls,
    client_id: str,
    nonce: str,
    clock: Clock,
) -> dict[str, Any]:
    """The claims of a token whose signature, issuer, audience, expiry and nonce are right.

    Where it tells the hash of the access token that came with it, that must be right too.

    LoginInvalidError; ProviderUnavailableError where the keys cannot be fetched.
    """
    token = _signed(id_token, provider, calls)
    claims = dict(token.claims)
    registry = jwt.JWTClaimsRegistry(
        now=int(clock().timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": provider.metadata(calls).issuer},
        aud={"essential": True, "value": client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True},
    )
    try:
        registry.validate(claims)
    except JoseError as error:
        raise LoginInvalidError(f"id token: {error}") from error
    if claims["nonce"] != nonce:  # not by the registry, for which a list that has it would do
        raise LoginInvalidError("id token: of another login")
    _check_audience(claims, client_id)
    _check_access_token(claims.get("at_hash"), access_token, token.header["alg"])
    subject = claims["sub"]
    if not (0 < len(subject) <= LONGEST_SUBJECT and subject.isascii() and subject.isprintable()):
        raise LoginInvalidError("id token: no subject that can be one")
    return claims


def _check_audience(claims: dict[str, Any], client_id: str) -> None:
    audience = claims["aud"]
    has_others = isinstance(audience, list) and len(audience) > 1
    if claims.get("azp", client_id) != client_id or (has_others and "azp" not in claims):
        raise LoginInvalidError("id token: for another client")


def _check_access_token(told: object, access_token: object, algorithm: str) -> None:
    """OpenID Connect Core 1.0, 3.1.3.6: the left half of the hash that belongs to the algorithm."""
    if told is None:
        return
    digest = hashlib.new(_HASHES.get(algorithm[-3:], "sha512"), str(access_token).encode(errors="replace")).digest()
    expected = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
    if not secrets.compare_digest(str(told).encode(errors="replace"), expected):
        raise LoginInvalidError("id token: of another access token")


def _signed(id_token: str, provider: Provider, calls: ProviderCalls) -> jwt.Token:
    try:
        kid = jws.extract_compact(id_token.encode()).headers().get("kid")
        keys = provider.keys(calls)
        if kid is not None and all(key.kid != kid for key in keys.keys):
            keys = provider.keys(calls, unknown_kid=True)
        return jwt.decode(id_token, keys, algorithms=ALGORITHMS)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise LoginInvalidError(f"id token: {type(error).__name__}") from error
