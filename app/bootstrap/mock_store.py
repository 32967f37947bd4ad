"""The state of a mock host in the slave's database, shared by its worker processes."""

from app.db.engine import Database
from app.db.repositories.mock_states import MockStateRepository


class DatabaseMockStore:
    """A `MockStateStore` (see `app.backends.mock.store`) for one host."""

    def __init__(self, database: Database, host_id: str) -> None:
        self._database = database
        self._host_id = host_id

    def load(self) -> tuple[int, str] | None:
        """See `MockStateStore`."""
        with self._database.read() as connection:
            return MockStateRepository(connection).find(self._host_id)

    def replace(self, expected_version: int, text: str) -> int | None:
        """See `MockStateStore`."""
        with self._database.write() as connection:
            return MockStateRepository(connection).replace(self._host_id, expected_version, text)
