"""The state of mock hosts in the database: a text with a version, replaced only by who knows that version."""

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from app.db.engine import Database
from app.db.tables.slave import MockStateRow


class SqlMockStateStore:
    """The state of one mock host, shared by all processes that use this database."""

    def __init__(self, database: Database, host_id: str) -> None:
        """Touches nothing yet."""
        self._database = database
        self._host_id = host_id

    def load(self) -> tuple[int, str] | None:
        """The version and the text as they stand; None before the first `replace`."""
        query = select(MockStateRow.version, MockStateRow.state).where(MockStateRow.host_id == self._host_id)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else (row.version, row.state)

    def replace(self, expected_version: int, text: str) -> int | None:
        """Put the text in place of that version (0: of nothing), atomically.

        Returns the new version, or None when another version stands by now: nothing is changed then.
        """
        new_version = expected_version + 1
        if expected_version == 0:
            return new_version if self._inserted(text) else None
        change = (
            update(MockStateRow)
            .where(MockStateRow.host_id == self._host_id, MockStateRow.version == expected_version)
            .values(version=new_version, state=text)
        )
        with self._database.write() as connection:
            return new_version if connection.execute(change).rowcount == 1 else None

    def _inserted(self, text: str) -> bool:
        try:
            with self._database.write() as connection:
                connection.execute(insert(MockStateRow).values(host_id=self._host_id, version=1, state=text))
        except IntegrityError:
            return False
        return True
