"""How people log in: the OpenID Connect provider, from oauth.config.json."""

import os
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from app.settings.files import SettingsError, SettingsModel, load, read_object
from app.settings.keys import is_loopback
from app.settings.master import BaseUrl, MasterSettings, is_base_url


def _is_issuer(url: str) -> str:
    is_base_url(url)
    return url  # as it stands: a slash at its end is part of it


def _has_openid(scopes: list[str]) -> list[str]:
    if "openid" not in scopes:
        message = "a list that has openid"
        raise ValueError(message)
    return scopes


Issuer = Annotated[str, Field(max_length=500), AfterValidator(_is_issuer)]
ClaimName = Annotated[str, Field(min_length=1, max_length=200)]
Scope = Annotated[str, Field(pattern=r"^[\x21\x23-\x5b\x5d-\x7e]+$")]
"""RFC 6749, 3.3."""


class ServerSettings(SettingsModel):
    """The provider. Discovery is at `<url>/.well-known/openid-configuration`; `issuer` is `url` unless told."""

    url: BaseUrl
    issuer: Issuer | None = None


class ClientSettings(SettingsModel):
    """qman as the provider knows it. `url` is where people's browsers find the dashboard."""

    url: BaseUrl
    client_id: Annotated[str, Field(min_length=1)] = "qman"
    client_secret: SecretStr | None = None
    redirect_path: Annotated[str, Field(pattern=r"^(/[A-Za-z0-9._~-]+)+$")] = "/auth/callback"


class ClaimNames(SettingsModel):
    """Which claims carry what."""

    name: ClaimName = "preferred_username"
    email: ClaimName = "email"
    groups: ClaimName = "groups"


class OAuthSettings(SettingsModel):
    """Everything about login. `enabled` false: everybody is the local admin, on loopback only."""

    enabled: bool
    server: ServerSettings
    client: ClientSettings
    scopes: Annotated[list[Scope], AfterValidator(_has_openid)] = ["openid", "profile", "email", "groups"]
    claims: ClaimNames = ClaimNames()
    admin_group: Annotated[str, Field(min_length=1)] = "admin"
    ca_file: str | None = None

    @property
    def issuer(self) -> str:
        """Whom id tokens must come from."""
        return self.server.issuer or self.server.url

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends the browser back to."""
        return self.client.url + self.client.redirect_path

    @property
    def is_for_development(self) -> bool:
        """Plain HTTP on loopback: the mock provider, or another that browsers of other machines do not find."""
        parts = urlsplit(self.issuer)
        return parts.scheme == "http" and is_loopback(parts.hostname or "")


def oauth_path() -> Path:
    """OAUTH_CONFIG_PATH, or oauth.config.json in the working directory."""
    return Path(os.environ.get("OAUTH_CONFIG_PATH", "oauth.config.json"))


def load_oauth_settings(path: Path, master: MasterSettings) -> OAuthSettings | None:
    """The settings of login; None where there is no such file. Raises SettingsError.

    What is fit for development only (no login, or the mock provider) is refused unless the master is bound to loopback.
    """
    if not path.exists():
        if "OAUTH_CONFIG_PATH" not in os.environ:
            return None
        raise SettingsError(f"{path}: the file is missing (OAUTH_CONFIG_PATH names it)")
    values: dict[str, Any] = read_object(path)
    settings = load(OAuthSettings, values, path, environment={})
    if settings.ca_file is not None and not os.access(settings.ca_file, os.R_OK):
        raise SettingsError(f'{path}: ca_file: found "{settings.ca_file}", expected a file that can be read')
    if not settings.enabled and not master.in_development:
        raise SettingsError(f"{path}: enabled: found false, expected true (BIND is {master.BIND}, not loopback)")
    if settings.enabled and settings.is_for_development and not master.in_development:
        raise SettingsError(
            f"{path}: server.url: found a provider on loopback, expected your own provider"
            f" (BIND is {master.BIND}, not loopback)"
        )
    return settings
