"""Nonces of accepted signatures."""

from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from app.db.asking import no_longer_needed
from app.db.tables.slave import NonceRow


class NonceRepository:
    """Nonces on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def insert(self, key_id: str, nonce: str, expires_at: datetime) -> bool:
        """Keeps the nonce; False when it is there already. Needs a writing transaction."""
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(NonceRow).values(key_id=key_id, nonce=nonce, expires_at=expires_at)
        inserted = statement.on_conflict_do_nothing().returning(NonceRow.nonce)
        return self._connection.execute(inserted).first() is not None

    def exists(self, key_id: str, nonce: str) -> bool:
        """Is the nonce there?"""
        found = select(NonceRow.nonce).where(NonceRow.key_id == key_id, NonceRow.nonce == nonce)
        return self._connection.execute(found).first() is not None

    def purge(self, now: datetime) -> None:
        """Forgets what has expired."""
        self._connection.execute(delete(NonceRow).where(no_longer_needed(NonceRow, NonceRow.expires_at <= now)))
