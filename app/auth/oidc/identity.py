"""Reads who somebody is from what the provider says of them."""

from typing import Any

from app.auth.oidc.errors import LoginInvalidError
from app.auth.oidc.http import ProviderCalls
from app.auth.people import Identity, cleaned, login_name
from app.settings.oauth import OAuthSettings

LOGIN_NAME = "preferred_username"
"""What the rule "same name" goes by (OpenID Connect Core 1.0, 5.1), however the settings call people.

Other claims, like a full name, are often for everybody to edit: as login names they would open others' accounts.
"""


def identity_of(
    claims: dict[str, Any],
    tokens: dict[str, Any],
    settings: OAuthSettings,
    userinfo_endpoint: str | None,
    calls: ProviderCalls,
) -> Identity:
    """Name, mail and groups from the checked claims of an id token, from userinfo where it lacks them. LoginError."""
    names = settings.claims
    told = {name: value for name, value in claims.items() if value is not None}
    if userinfo_endpoint and not {LOGIN_NAME, names.name, names.email, names.groups} <= told.keys():
        info = calls.get_object(userinfo_endpoint, access_token=text_of(tokens, "access_token"))
        if info.get("sub") != claims["sub"]:
            raise LoginInvalidError("userinfo: of another subject")
        told = {**info, **told}
    groups = told.get(names.groups, [])
    return Identity(
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        name=cleaned(told.get(names.name)),
        username=login_name(told.get(LOGIN_NAME)),
        email=cleaned(told.get(names.email)),
        is_admin=settings.admin_group in (groups if isinstance(groups, list) else [groups]),
    )


def text_of(tokens: dict[str, Any], name: str) -> str:
    """A token of the token endpoint's answer. LoginInvalidError."""
    value = tokens.get(name)
    if not isinstance(value, str):
        raise LoginInvalidError(f"token endpoint: no {name}")
    return value
