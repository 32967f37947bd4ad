"""What enforcement of the Docker quota did on this host."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from app.db.engine import Database
from app.db.repositories.docker_enforcement import DockerOutboxRepository


@dataclass(frozen=True, slots=True)
class DockerEvents:
    """The outbox, to be read."""

    database: Database

    def newest(self, delivery: str | None, most: int) -> Sequence[dict[str, Any]]:
        """So many at most, the newest first, as the master is told them, each with how its delivery stands."""
        with self.database.read() as connection:
            found = DockerOutboxRepository(connection).events(delivery, most=most, newest_first=True)
        return [{**orjson.loads(row.body), "delivery": row.state, "problem": row.problem} for row in found]
