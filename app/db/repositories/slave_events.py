"""Events of hosts, as the master was told them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from app.db.tables.slave_events import SlaveEventRow


@dataclass(frozen=True, slots=True)
class SlaveEvent:
    """A row of `slave_event`."""

    host_id: str
    id: str
    type: str
    occurred_at: datetime
    received_at: datetime
    device: str | None
    uid: int | None
    user: str | None
    container_id: str | None
    container_name: str | None
    used_bytes: int | None
    limit_bytes: int | None
    explanation: str


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events; None is any. `family` is what stands before the dot of the type; `until` is excluded."""

    family: str | None = None
    host: str | None = None
    type: str | None = None
    user: str | None = None
    since: datetime | None = None
    until: datetime | None = None


_COLUMNS = [getattr(SlaveEventRow, each.name) for each in fields(SlaveEvent)]


class SlaveEventRepository:
    """Events on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, event: SlaveEvent) -> None:
        """Adds it; nothing where the host told it before."""
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(SlaveEventRow).values(asdict(event))
        self._connection.execute(statement.on_conflict_do_nothing(index_elements=["host_id", "id"]))

    def page(self, wanted: EventFilter, *, limit: int, offset: int) -> tuple[Sequence[SlaveEvent], int]:
        """Events, the newest first, within a second the last that came; and how many there are in all."""
        row, conditions = SlaveEventRow, _conditions(wanted)
        query = select(*_COLUMNS).where(*conditions).order_by(*_NEWEST_FIRST)
        found = self._connection.execute(query.limit(limit).offset(offset))
        total = self._connection.execute(select(func.count()).select_from(row).where(*conditions)).scalar_one()
        return [SlaveEvent(*each) for each in found], total

    def after(self, wanted: EventFilter, last: SlaveEvent | None, *, limit: int) -> list[SlaveEvent]:
        """Those behind this one, the newest first; None: from the newest on."""
        row, conditions = SlaveEventRow, _conditions(wanted)
        if last is not None:
            is_same = (row.occurred_at == last.occurred_at, row.received_at == last.received_at)
            is_behind = tuple_(row.id, row.host_id) > (last.id, last.host_id)
            conditions.append(
                or_(
                    row.occurred_at < last.occurred_at,
                    and_(is_same[0], row.received_at < last.received_at),
                    and_(*is_same, is_behind),
                )
            )
        query = select(*_COLUMNS).where(*conditions).order_by(*_NEWEST_FIRST).limit(limit)
        return [SlaveEvent(*each) for each in self._connection.execute(query)]


_NEWEST_FIRST = (
    *(SlaveEventRow.occurred_at.desc(), SlaveEventRow.received_at.desc()),
    *(SlaveEventRow.id, SlaveEventRow.host_id),
)


def _conditions(wanted: EventFilter) -> list[ColumnElement[bool]]:
    row = SlaveEventRow
    equal = ((row.host_id, wanted.host), (row.type, wanted.type), (row.user, wanted.user))
    conditions: list[ColumnElement[bool]] = [column == value for column, value in equal if value is not None]
    if wanted.family is not None:
        conditions.append(row.type.startswith(f"{wanted.family}.", autoescape=True))
    if wanted.since is not None:
        conditions.append(row.occurred_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(row.occurred_at < wanted.until)
    return conditions
