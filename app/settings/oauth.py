"""How people log in: the OpenID Connect provider, from oauth.config.json."""

import os
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from app.settings.files import SettingsError, SettingsModel, load, read_object
from app.settings.keys import is_loopback
from app.settings.master import BaseUrl, MasterSettings

MOCK_CLIENT_SECRET = "mock-provider-client-secret"  # noqa: S105 - the mock provider's, worth nothing elsewhere


class ServerSettings(SettingsModel):
    """The provider. Discovery is at `<url>/.well-known/openid-configuration`; `issuer` is `url` unless told."""

    url: BaseUrl
    issuer: str | None = None


class ClientSettings(SettingsModel):
    """qman as the provider knows it. `url` is where people's browsers find the dashboard."""

    url: BaseUrl
    client_id: Annotated[str, Field(min_length=1)] = "qman"
    client_secret: SecretStr | None = None
    redirect_path: Annotated[str, Field(pattern=r"^/[^?#\s]*$")] = "/auth/callback"


class ClaimNames(SettingsModel):
    """Which claims carry what."""

    name: str = "preferred_username"
    email: str = "email"
    groups: str = "groups"


class OAuthSettings(SettingsModel):
    """Everything about login. `enabled` false: everybody is the local admin, on loopback only."""

    enabled: bool
    server: ServerSettings
    client: ClientSettings
    scopes: list[str] = ["openid", "profile", "email", "groups"]
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
    def provider_is_mock(self) -> bool:
        """Plain HTTP on loopback without a secret of its own: the mock provider, for development."""
        parts = urlsplit(self.server.url)
        return parts.scheme == "http" and is_loopback(parts.hostname or "") and self.client.client_secret is None


def oauth_path() -> Path:
    """OAUTH_CONFIG_PATH, or oauth.config.json in the working directory."""
    return Path(os.environ.get("OAUTH_CONFIG_PATH", "oauth.config.json"))


def load_oauth_settings(path: Path, master: MasterSettings) -> OAuthSettings | None:
    """The settings of login; None where there is no such file. Raises SettingsError.

    What is fit for development only (no login, or the mock provider) is refused unless the master is bound to loopback.
    """
    if not path.exists() and "OAUTH_CONFIG_PATH" not in os.environ:
        return None
    values: dict[str, Any] = read_object(path)
    settings = load(OAuthSettings, values, path, environment={})
    if not settings.enabled and not master.in_development:
        raise SettingsError(f"{path}: enabled: found false, expected true (BIND is {master.BIND}, not loopback)")
    if settings.enabled and settings.provider_is_mock and not master.in_development:
        raise SettingsError(
            f"{path}: server.url: found the mock provider on loopback, expected your own provider"
            f" (BIND is {master.BIND}, not loopback)"
        )
    return settings
