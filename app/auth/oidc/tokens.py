"""Checks an id token (OpenID Connect Core 1.0, 3.1.3.7)."""

from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError

from app.auth.oidc.errors import LoginInvalidError
from app.auth.oidc.provider import Provider
from app.quota.clock import Clock

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Public-key signatures only: never `none`, never a MAC with what might be a public key."""
LEEWAY_SECONDS = 60


def checked_claims(id_token: str, *, provider: Provider, client_id: str, nonce: str, clock: Clock) -> dict[str, Any]:
    """The claims of a token whose signature, issuer, audience, expiry and nonce are right. LoginInvalidError."""
    claims = _signed_claims(id_token, provider)
    registry = jwt.JWTClaimsRegistry(
        now=int(clock().timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": provider.metadata().issuer},
        aud={"essential": True, "value": client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        registry.validate(claims)
    except JoseError as error:
        raise LoginInvalidError(f"id token: {error}") from error
    audience = claims["aud"]
    if claims.get("azp", client_id) != client_id or (
        isinstance(audience, list) and len(audience) > 1 and "azp" not in claims
    ):
        raise LoginInvalidError("id token: for another client")
    if not isinstance(claims["sub"], str) or not claims["sub"]:
        raise LoginInvalidError("id token: no subject")
    return claims


def _signed_claims(id_token: str, provider: Provider) -> dict[str, Any]:
    try:
        kid = jws.extract_compact(id_token.encode()).headers().get("kid")
        keys = provider.keys()
        if kid is not None and all(key.kid != kid for key in keys.keys):
            keys = provider.keys(unknown_kid=True)
        return dict(jwt.decode(id_token, keys, algorithms=ALGORITHMS).claims)
    except (JoseError, ValueError) as error:
        raise LoginInvalidError(f"id token: {type(error).__name__}") from error
