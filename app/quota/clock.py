"""The clock, passed in wherever time matters, so that tests own it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present as an aware UTC instant."""


def utc_now() -> datetime:
    """The system's clock."""
    return datetime.now(UTC)
