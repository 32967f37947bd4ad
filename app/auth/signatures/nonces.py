"""Nonces seen: each is accepted once, whichever worker process it reaches."""

from datetime import datetime
from threading import Lock
from typing import Protocol

import structlog

from app.db.engine import Database
from app.db.errors import NoSpaceError
from app.db.repositories.nonces import NonceRepository

log = structlog.get_logger(__name__)

PURGE_EVERY_SECONDS = 60


class Nonces(Protocol):
    """Remembers nonces until they expire."""

    def claim(self, key_id: str, nonce: str, *, now: datetime, expires_at: datetime) -> bool:
        """True for the first to come with this nonce of this key, False for everybody after. Atomic."""


class DatabaseNonces:
    """Nonces in a database that all worker processes share. The unique insert is the check.

    While the database's disk is full, what is new is kept in this process's memory: reading goes on then, and a change
    fails at its own writes.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._purged_at: datetime | None = None
        self._in_memory: dict[tuple[str, str], datetime] = {}

    def claim(self, key_id: str, nonce: str, *, now: datetime, expires_at: datetime) -> bool:
        """See `Nonces`. DatabaseUnavailableError."""
        try:
            with self._database.write() as connection:
                nonces = NonceRepository(connection)
                if self._purge_is_due(now):
                    nonces.purge(now)
                is_new = nonces.insert(key_id, nonce, expires_at)
        except NoSpaceError:
            log.warning("nonces_in_memory", reason="the disk of the database is full")
            with self._database.read() as connection:
                is_new = not NonceRepository(connection).exists(key_id, nonce)
            return is_new and self._claim_in_memory((key_id, nonce), now, expires_at)
        return is_new and (key_id, nonce) not in self._in_memory

    def _purge_is_due(self, now: datetime) -> bool:
        with self._lock:
            purged_at = self._purged_at
            if purged_at is not None and abs((now - purged_at).total_seconds()) < PURGE_EVERY_SECONDS:
                return False
            self._purged_at = now
            return True

    def _claim_in_memory(self, claim: tuple[str, str], now: datetime, expires_at: datetime) -> bool:
        with self._lock:
            for expired in [known for known, end in self._in_memory.items() if end <= now]:
                del self._in_memory[expired]
            if claim in self._in_memory:
                return False
            self._in_memory[claim] = expires_at
            return True
