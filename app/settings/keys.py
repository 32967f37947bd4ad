"""Keys that are shared between hosts, and what makes a key acceptable."""

import ipaddress
import secrets
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr

from app.settings.files import SettingsModel

SHORTEST_SECRET = 32
EXAMPLE_MARK = "example"
"""Secrets that contain this word stand in the example files; they are refused outside development."""


def _long_enough(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < SHORTEST_SECRET:
        message = f"at least {SHORTEST_SECRET} characters"
        raise ValueError(message)
    return secret


Secret = Annotated[SecretStr, AfterValidator(_long_enough)]
KeyId = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+$")]


class SigningKey(SettingsModel):
    """A key that the master signs with."""

    id: KeyId
    secret: Secret


class ApiKey(SigningKey):
    """A key that a slave accepts."""

    scope: Literal["read", "write"]


class KeyPair(SettingsModel):
    """What a master and an enrolled host share: keys to read, to write, and to sign events with.

    They change together.
    """

    read: SigningKey
    write: SigningKey
    event: SigningKey

    @classmethod
    def new(cls, host_id: str) -> "KeyPair":
        """Secrets of 384 random bits; the ids say whose they are, and differ each time."""
        mark = secrets.token_hex(6)
        keys = {
            name: {"id": f"{host_id[:60]}-{name}-{mark}", "secret": secrets.token_urlsafe(48)}
            for name in ("read", "write", "event")
        }
        return cls.model_validate(keys)

    def plain(self) -> dict[str, Any]:
        """With the secrets: for what is sealed, or for the keys file."""
        keys = {"read": self.read, "write": self.write, "event": self.event}
        return {name: {"id": key.id, "secret": key.secret.get_secret_value()} for name, key in keys.items()}


def event_key_id(host_id: str) -> str:
    """The id of a host's event key where the settings name a secret alone."""
    return f"{host_id[:90]}-events"


def is_example(secret: SecretStr) -> bool:
    """Does this secret stand in the example files?"""
    return EXAMPLE_MARK in secret.get_secret_value().lower()


def is_loopback(address: str) -> bool:
    """Is this bind address reachable from this machine only? `localhost` counts; a name of elsewhere does not."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False
