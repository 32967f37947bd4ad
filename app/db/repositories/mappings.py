"""Which account on a host belongs to which person."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from app.db.asking import contains, ordered
from app.db.tables.audit import MappingRow
from app.db.tables.fleet import QuotaRow
from app.db.tables.people import PersonRow


@dataclass(frozen=True, slots=True)
class MappingRecord:
    """A mapping as stored."""

    id: str
    person_id: str
    host_id: str
    username: str
    state: str
    via: str
    created_at: datetime
    created_by: str | None


@dataclass(frozen=True, slots=True)
class MappingFilter:
    """Which mappings; None is any. `person` is an id."""

    id: str | None = None
    host: str | None = None
    person: str | None = None
    state: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class ListedMapping:
    """A mapping with the person's name, and the uid where the account has a quota."""

    mapping: MappingRecord
    person_name: str
    uid: int | None


_SORT: dict[str, Any] = {
    "host": MappingRow.host_id,
    "username": MappingRow.username,
    "created_at": MappingRow.created_at,
}


class MappingRepository:
    """Mappings on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, mapping: MappingRecord) -> bool:
        """A new mapping; False where the account is somebody's already."""
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(MappingRow).values(**asdict(mapping))
        added = statement.on_conflict_do_nothing(index_elements=["host_id", "username"]).returning(MappingRow.id)
        return self._connection.execute(added).first() is not None

    def delete(self, mapping_id: str) -> bool:
        """Ends a mapping; False where it has ended already."""
        return self._connection.execute(delete(MappingRow).where(MappingRow.id == mapping_id)).rowcount == 1

    def find(self, mapping_id: str) -> MappingRecord | None:
        """One mapping, or None."""
        query = select(*MappingRow.__table__.columns).where(MappingRow.id == mapping_id)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else MappingRecord(*row)

    def names_of_person(
        self, person_id: str, namesake: str | None, hosts: Collection[str]
    ) -> Mapping[str, Mapping[str, bool]]:
        """By host the names of a person's accounts there, and whether a mapping says so; else it is the same name.

        A mapping, whoever has it, goes before the same name. `namesake` None: only mappings count.
        """
        columns = (MappingRow.host_id, MappingRow.username, MappingRow.person_id, MappingRow.state)
        is_one = or_(MappingRow.person_id == person_id, MappingRow.username == namesake)
        found: dict[str, dict[str, bool]] = {host: {} if namesake is None else {namesake: False} for host in hosts}
        for host, name, holder, state in self._connection.execute(select(*columns).where(is_one)):
            if holder == person_id and state == "active":
                found.setdefault(host, {})[name] = True
            elif host in found:
                found[host].pop(name, None)
        return {host: found[host] for host in hosts if found[host]}

    def page(
        self, wanted: MappingFilter, order: Sequence[tuple[str, bool]], *, limit: int, offset: int
    ) -> tuple[list[ListedMapping], int]:
        """Mappings in the given order (by host and name where none is given), and how many there are in all."""
        conditions = _conditions(self._connection, wanted)
        clauses = [ordered(_SORT[name], down=down) for name, down in order]
        uid = (
            select(func.min(QuotaRow.quota_id))
            .where(
                and_(
                    QuotaRow.host_id == MappingRow.host_id,
                    QuotaRow.name == MappingRow.username,
                    QuotaRow.quota_type == "user",
                )
            )
            .scalar_subquery()
        )
        query = (
            select(*MappingRow.__table__.columns, PersonRow.name, uid)
            .join(PersonRow, PersonRow.id == MappingRow.person_id)
            .where(*conditions)
            .order_by(*clauses, MappingRow.host_id, MappingRow.username)
        )
        rows = self._connection.execute(query.limit(limit).offset(offset))
        total = self._connection.execute(
            select(func.count()).select_from(MappingRow).join(PersonRow).where(*conditions)
        ).scalar_one()
        return [ListedMapping(MappingRecord(*row[:-2]), row[-2], row[-1]) for row in rows], total


def _conditions(connection: Connection, wanted: MappingFilter) -> list[Any]:
    equal: list[tuple[Any, object]] = [
        (MappingRow.id, wanted.id),
        (MappingRow.host_id, wanted.host),
        (MappingRow.person_id, wanted.person),
        (MappingRow.state, wanted.state),
    ]
    conditions = [column == value for column, value in equal if value is not None]
    if wanted.text:
        columns = (MappingRow.username, MappingRow.host_id, PersonRow.name)
        conditions.append(contains(connection, wanted.text, columns))
    return conditions
