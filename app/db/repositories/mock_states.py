"""The state of mock hosts."""

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.db.tables.slave import MockStateRow


class MockStateRepository:
    """States on one connection: a text with a version for each host."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, host_id: str) -> tuple[int, str] | None:
        """Version and text, None before the first `replace`."""
        row = self._connection.execute(
            select(MockStateRow.version, MockStateRow.state).where(MockStateRow.host_id == host_id)
        ).one_or_none()
        return None if row is None else (row[0], row[1])

    def replace(self, host_id: str, expected_version: int, text: str) -> int | None:
        """The new version, or None when another one than the expected stands; 0 expects nothing there."""
        if expected_version == 0:
            return self._insert(host_id, text)
        changed = self._connection.execute(
            update(MockStateRow)
            .where(MockStateRow.host_id == host_id, MockStateRow.version == expected_version)
            .values(version=expected_version + 1, state=text)
        )
        return expected_version + 1 if changed.rowcount == 1 else None

    def _insert(self, host_id: str, text: str) -> int | None:
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(MockStateRow).values(host_id=host_id, version=1, state=text))
        except IntegrityError:
            return None
        return 1
