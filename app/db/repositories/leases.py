"""Leases: a job that only one process may do belongs to whoever holds its row."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, or_, update
from sqlalchemy.exc import IntegrityError

from app.db.tables.audit import LeaseRow


class LeaseRepository:
    """Leases on one connection; use it in a writing transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def acquire(self, name: str, holder: str, now: datetime, duration: timedelta) -> bool:
        """Takes or renews the lease; False while another holder's has not expired."""
        free = or_(LeaseRow.holder == holder, LeaseRow.expires_at <= now)
        taken = self._connection.execute(
            update(LeaseRow).where(LeaseRow.name == name, free).values(holder=holder, expires_at=now + duration)
        )
        if taken.rowcount:
            return True
        try:
            with self._connection.begin_nested():
                new = insert(LeaseRow).values(name=name, holder=holder, expires_at=now + duration)
                self._connection.execute(new)
        except IntegrityError:
            return False  # somebody holds it, or was faster by a moment
        return True

    def release(self, name: str, holder: str) -> None:
        """Gives the lease up, so that the next one need not wait for its end."""
        self._connection.execute(delete(LeaseRow).where(LeaseRow.name == name, LeaseRow.holder == holder))
