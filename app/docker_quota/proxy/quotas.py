"""Who may create nothing more, where the settings want that: by the ledger, as of its last look at the store."""

import time
from collections.abc import Mapping
from threading import Lock
from typing import NamedTuple, Protocol

import structlog

from app.docker_quota.ledger import Ledger
from app.quota.errors import QmanError
from app.quota.units import format_bytes

log = structlog.get_logger(__name__)

KEPT_SECONDS = 2.0
"""How long an account of the ledger serves, so that creations at once add it up once."""


class Excess(NamedTuple):
    """Bytes that somebody has of Docker's store, and their hard limit, which these reach."""

    used: int
    limit: int

    def told(self) -> str:
        """For the person."""
        return (
            f"quota exceeded: your containers, images and volumes take {format_bytes(self.used)} of the"
            f" {format_bytes(self.limit)} that you may have. Remove some, or ask for more."
        )


class OverQuota(Protocol):
    """Tells who is at the hard limit."""

    def find_excess(self, uid: int) -> Excess | None:
        """None below the limit, without one, and where nobody can tell. Raises nothing."""


class LedgerOverQuota:
    """By the ledger of the Docker device. One that cannot be read refuses nobody."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = Lock()
        self._until = 0.0
        self._excesses: Mapping[int, Excess] = {}

    def find_excess(self, uid: int) -> Excess | None:
        """See `OverQuota`."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._excesses = self._read()
                self._until = time.monotonic() + KEPT_SECONDS
            return self._excesses.get(uid)

    def _read(self) -> Mapping[int, Excess]:
        try:
            _, account, limits = self._ledger.account()
        except QmanError as error:
            log.warning("docker_ledger_unreadable", problem=error.detail)
            return {}
        return {
            uid: Excess(share.held, hard)
            for uid, share in account.shares.items()
            if uid in limits and (hard := limits[uid].hard) is not None and share.held >= hard
        }
