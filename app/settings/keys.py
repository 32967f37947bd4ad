"""Keys that are shared between hosts, and what makes a key acceptable."""

import ipaddress
from typing import Annotated, Literal

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


class ApiKey(SettingsModel):
    """A key that a slave accepts."""

    id: KeyId
    secret: Secret
    scope: Literal["read", "write"]


class SigningKey(SettingsModel):
    """A key that the master signs with."""

    id: KeyId
    secret: Secret


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
