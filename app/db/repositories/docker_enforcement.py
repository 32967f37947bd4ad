"""Enforcement of the Docker quota: who is above, what was decided, and the events that tell of it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.db.base import Base
from app.db.tables.docker_enforcement import DockerDecisionRow, DockerEventRow, DockerStandingRow


class StoredStanding(NamedTuple):
    """A row of `docker_standing`."""

    uid: int
    dry_run: bool
    since: datetime
    removed_at: datetime | None
    is_exhausted: bool


class StoredDecision(NamedTuple):
    """A row of `docker_decision`."""

    container_id: str
    step: str
    dry_run: bool
    uid: int
    event_id: str
    event: str
    decided_at: datetime
    done_at: datetime | None


class StoredEvent(NamedTuple):
    """A row of `docker_event`, without its number."""

    id: str
    body: str
    occurred_at: datetime
    state: str
    problem: str | None = None


_EVENT = [getattr(DockerEventRow, name) for name in StoredEvent._fields]


class DockerEnforcementRepository:
    """Standings and decisions on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def standings(self) -> Sequence[StoredStanding]:
        """Everybody's."""
        columns = [getattr(DockerStandingRow, name) for name in StoredStanding._fields]
        return [StoredStanding(*row) for row in self._connection.execute(select(*columns))]

    def put_standing(self, standing: StoredStanding) -> None:
        """Keeps it in place of the user's last."""
        _upsert(self._connection, DockerStandingRow, standing, ("uid",))

    def set_acted(self, uid: int, removed_at: datetime | None) -> None:
        """Keeps, of who is above, that there was something left, and when it was removed, where it was."""
        row = DockerStandingRow
        changed = {"is_exhausted": False} | ({} if removed_at is None else {"removed_at": removed_at})
        self._connection.execute(update(row).where(row.uid == uid).values(**changed))

    def newest_removal(self) -> datetime | None:
        """When a container was last removed, of all who are above; None: none was."""
        return self._connection.scalar(select(func.max(DockerStandingRow.removed_at)))

    def remove_standing(self, uid: int) -> None:
        """Forgets it."""
        self._connection.execute(delete(DockerStandingRow).where(DockerStandingRow.uid == uid))

    def remove_standings_of_mode(self, *, dry_run: bool) -> None:
        """Forgets those that were made in a dry run, or those that were not."""
        self._connection.execute(delete(DockerStandingRow).where(DockerStandingRow.dry_run.is_(dry_run)))

    def decisions(self) -> Sequence[StoredDecision]:
        """All, in the order in which they were made."""
        row = DockerDecisionRow
        columns = [getattr(row, name) for name in StoredDecision._fields]
        query = select(*columns).order_by(row.decided_at, row.container_id, row.step)
        return [StoredDecision(*each) for each in self._connection.execute(query)]

    def put_decision(self, decision: StoredDecision) -> None:
        """Keeps it in place of an older one of the same step."""
        _upsert(self._connection, DockerDecisionRow, decision, ("container_id", "step", "dry_run"))

    def settle(self, event_id: str, done_at: datetime) -> bool:
        """Keeps that it was done. False where it is no open decision any more."""
        row = DockerDecisionRow
        where = (row.event_id == event_id, row.done_at.is_(None))
        return bool(self._connection.execute(update(row).where(*where).values(done_at=done_at)).rowcount)

    def drop(self, event_id: str) -> None:
        """Forgets the decision, if it was not carried out."""
        row = DockerDecisionRow
        self._connection.execute(delete(row).where(row.event_id == event_id, row.done_at.is_(None)))

    def forget_containers(self, container_ids: Collection[str]) -> None:
        """Forgets all that was decided on these."""
        for container_id in container_ids:
            self._connection.execute(delete(DockerDecisionRow).where(DockerDecisionRow.container_id == container_id))


class DockerOutboxRepository:
    """Events on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, event: StoredEvent) -> None:
        """Adds it behind the others; nothing where its id is known."""
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(DockerEventRow).values(event._asdict())
        self._connection.execute(statement.on_conflict_do_nothing(index_elements=["id"]))

    def events(self, state: str | None = None, *, most: int, newest_first: bool = False) -> Sequence[StoredEvent]:
        """So many at most, of this state or of any."""
        row = DockerEventRow
        query = select(*_EVENT).order_by(row.number.desc() if newest_first else row.number).limit(most)
        if state is not None:
            query = query.where(row.state == state)
        return [StoredEvent(*each) for each in self._connection.execute(query)]

    def set_state(self, event_ids: Collection[str], state: str, problem: str | None = None) -> None:
        """Keeps how their delivery ended."""
        row = DockerEventRow
        self._connection.execute(update(row).where(row.id.in_(event_ids)).values(state=state, problem=problem))

    def forget(self, before: datetime) -> None:
        """Forgets those that occurred before that, delivered or not."""
        self._connection.execute(delete(DockerEventRow).where(DockerEventRow.occurred_at < before))


def _upsert(
    connection: Connection, table: type[Base], values: StoredStanding | StoredDecision, key: Sequence[str]
) -> None:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table).values(values._asdict())
    changed = {name: statement.excluded[name] for name in values._fields if name not in key}
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed))
