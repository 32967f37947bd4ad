"""Who may make a call: the accesses of routes, and what the scopes of an API token open."""

from collections.abc import Iterable
from typing import Final, Literal

Scope = Literal["read", "write", "admin"]

SCOPES: Final[tuple[Scope, ...]] = ("read", "write", "admin")
ADMIN_ACCESSES: Final = frozenset({"admin", "admin_session"})
SESSION_ACCESSES: Final = frozenset({"user_session", "admin_session"})
"""What no token opens: to log out, to make or revoke tokens, and to say which hosts there are and with which keys."""

_SAFE_METHODS = frozenset({"GET", "HEAD"})


def changes_something(method: str) -> bool:
    """Is it more than a reading?"""
    return method not in _SAFE_METHODS


def needed_scopes(access: str, method: str) -> frozenset[Scope]:
    """What a token needs for a call, all of it."""
    by_method: Scope = "write" if changes_something(method) else "read"
    return frozenset({by_method, "admin"}) if access in ADMIN_ACCESSES else frozenset({by_method})


def opened_scopes(given: Iterable[str]) -> frozenset[str]:
    """What the scopes of a token come to: `write` reads too, and `admin` without either of the others does both."""
    scopes = frozenset(given)
    if "write" in scopes or scopes == {"admin"}:
        return scopes | {"read", "write"}
    return scopes
