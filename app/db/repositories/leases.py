"""Leases: a job that only one process may do belongs to whoever holds its row."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from app.db.tables.audit import LeaseRow


class LeaseRepository:
    """Leases on one connection; a writing transaction, except for `is_held`."""

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

    def renew(self, name: str, holder: str, now: datetime, duration: timedelta) -> bool:
        """Lengthens the holder's own, also one that has expired; False where another had it since."""
        its = update(LeaseRow).where(LeaseRow.name == name, LeaseRow.holder == holder)
        return bool(self._connection.execute(its.values(expires_at=now + duration)).rowcount)

    def is_held(self, name: str, now: datetime) -> bool:
        """Whether somebody holds the lease."""
        held = select(LeaseRow.name).where(LeaseRow.name == name, LeaseRow.expires_at > now)
        return self._connection.execute(held).first() is not None

    def release(self, name: str, holder: str) -> None:
        """Gives the lease up, so that the next one need not wait for its end."""
        self._connection.execute(delete(LeaseRow).where(LeaseRow.name == name, LeaseRow.holder == holder))
