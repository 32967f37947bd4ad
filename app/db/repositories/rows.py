"""Quotas of the whole fleet: filtered, sorted and paged by the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, false, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from app.db.asking import contains
from app.db.tables.audit import MappingRow
from app.db.tables.fleet import DeviceRow, QuotaRow
from app.db.tables.people import PersonRow
from app.quota.status import QuotaStatus

FIRST_PERSONAL_UID = 1000
"""Smaller uids are the system's (login.defs(5), UID_MIN): the rule "same name" never gives them to anybody."""

_DEVICE = (DeviceRow.kind, DeviceRow.mount_points, DeviceRow.status, DeviceRow.measured_at)
_mapped = aliased(PersonRow, name="mapped")
_namesake = aliased(PersonRow, name="namesake")

_person_id = func.coalesce(_mapped.id, _namesake.id)
_person_name = func.coalesce(_mapped.name, _namesake.name)

_SORT: dict[str, Any] = {
    "host": QuotaRow.host_id,
    "device": QuotaRow.device,
    "id": QuotaRow.quota_id,
    "name": QuotaRow.name,
    "person": func.coalesce(_person_name, ""),
    "status": QuotaRow.severity,
    "percent": QuotaRow.fullness,
    "block_current": QuotaRow.block_current,
    "block_soft_limit": QuotaRow.block_soft_limit,
    "block_hard_limit": QuotaRow.block_hard_limit,
    "inode_current": QuotaRow.inode_current,
    "inode_hard_limit": QuotaRow.inode_hard_limit,
}
_TIES = (QuotaRow.host_id, QuotaRow.device, QuotaRow.quota_type, QuotaRow.quota_id)


RowKey = tuple[str, str, str, int]
"""Host, device, quota type, id."""


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Which rows; None is any. `needs_attention`: not ok, or at least 90 % full."""

    host: str | None = None
    device: str | None = None
    kind: str | None = None
    quota_type: str | None = None
    status: str | None = None
    person: str | None = None
    limits_source: str | None = None
    text: str | None = None
    needs_attention: bool = False


@dataclass(frozen=True, slots=True)
class FleetRow:
    """One quota with where it stands and whose it is."""

    host_id: str
    device: str
    quota_type: str
    quota_id: int
    name: str
    status: str
    fullness: float
    block_current: int
    block_soft_limit: int
    block_hard_limit: int
    block_time_limit: int
    inode_current: int
    inode_soft_limit: int
    inode_hard_limit: int
    inode_time_limit: int
    limits_source: str
    parts: dict[str, int]
    kind: str
    mount_points: list[str]
    device_status: str
    device_measured_at: datetime
    person_id: str | None
    person_name: str | None

    @property
    def key(self) -> RowKey:
        """What tells it from all others."""
        return self.host_id, self.device, self.quota_type, self.quota_id


class FleetRowRepository:
    """Lists of quotas on one connection. `same_name`: accounts belong to the person who logs in with their name."""

    def __init__(self, connection: Connection, *, same_name: bool) -> None:
        self._connection = connection
        self._same_name = same_name

    def page(
        self, wanted: RowFilter, order: Sequence[tuple[str, bool]], *, limit: int, offset: int = 0
    ) -> list[FleetRow]:
        """Rows in the order of (field, descending) pairs; the fullest first where none is given."""
        order = order or [("percent", True)]
        clauses = [_SORT[name].desc() if down else _SORT[name].asc() for name, down in order]
        clauses += [tie.desc() if order[0][1] else tie.asc() for tie in _TIES]
        query = self._joined(wanted).order_by(*clauses).limit(limit).offset(offset)
        return [FleetRow(*row) for row in self._connection.execute(query)]

    def count(self, wanted: RowFilter) -> int:
        """How many rows there are."""
        if wanted.person is not None or wanted.kind is not None:
            return self._connection.execute(
                select(func.count()).select_from(self._joined(wanted).subquery())
            ).scalar_one()
        query = select(func.count()).select_from(QuotaRow).where(*_conditions(self._connection, wanted))
        return self._connection.execute(query).scalar_one()

    def after(self, wanted: RowFilter, last: RowKey | None, *, limit: int) -> list[FleetRow]:
        """The next rows by host, device, type and id, after the one of this key; from the first where it is None."""
        query = self._joined(wanted).order_by(*_TIES).limit(limit)
        if last is not None:
            query = query.where(tuple_(*_TIES) > tuple_(*last))
        return [FleetRow(*row) for row in self._connection.execute(query)]

    def counts_by_status(self) -> dict[str, int]:
        """Rows by status, counted by severity, which has a small index."""
        query = select(QuotaRow.severity, func.count()).group_by(QuotaRow.severity)
        names = [status.value for status in QuotaStatus]
        return {names[row[0]]: row[1] for row in self._connection.execute(query)}

    def of_person(self, person_id: str, matched_name: str | None) -> list[FleetRow]:
        """A person's own rows, the fullest first: through the names of their accounts, never by scanning the fleet."""
        names = select(MappingRow.username).where(MappingRow.person_id == person_id)
        mine: ColumnElement[bool] = QuotaRow.name.in_(names)
        if self._same_name and matched_name is not None:
            mine = or_(mine, QuotaRow.name == matched_name)
        query = self._joined(RowFilter(person=person_id)).where(mine)
        query = query.order_by(QuotaRow.fullness.desc(), *(tie.asc() for tie in _TIES))
        return [FleetRow(*row) for row in self._connection.execute(query)]

    def _joined(self, wanted: RowFilter) -> Select[Any]:
        is_user = QuotaRow.quota_type == "user"
        personal = and_(is_user, QuotaRow.quota_id >= FIRST_PERSONAL_UID) if self._same_name else false()
        account = and_(MappingRow.host_id == QuotaRow.host_id, MappingRow.username == QuotaRow.name, is_user)
        query = (
            select(*_QUOTA, *_DEVICE, _person_id, _person_name)
            .join(DeviceRow, and_(DeviceRow.host_id == QuotaRow.host_id, DeviceRow.name == QuotaRow.device))
            .outerjoin(MappingRow, account)
            .outerjoin(_mapped, and_(_mapped.id == MappingRow.person_id, MappingRow.state == "active"))
            .outerjoin(_namesake, and_(_namesake.matched_name == QuotaRow.name, personal, MappingRow.id.is_(None)))
            .where(*_conditions(self._connection, wanted))
        )
        if wanted.kind is not None:
            query = query.where(DeviceRow.kind == wanted.kind)
        if wanted.person is not None:
            query = query.where(_person_id == wanted.person)
        return query


_OWN_COLUMNS = ("severity", "attention")
_QUOTA = [column for column in QuotaRow.__table__.columns if column.name not in _OWN_COLUMNS]


def _conditions(connection: Connection, wanted: RowFilter) -> list[ColumnElement[bool]]:
    equal: list[tuple[Any, object]] = [
        (QuotaRow.host_id, wanted.host),
        (QuotaRow.device, wanted.device),
        (QuotaRow.quota_type, wanted.quota_type),
        (QuotaRow.status, wanted.status),
        (QuotaRow.limits_source, wanted.limits_source),
    ]
    conditions = [column == value for column, value in equal if value is not None]
    if wanted.needs_attention:
        conditions.append(QuotaRow.attention == 1)
    if wanted.text:
        columns = (QuotaRow.name, QuotaRow.host_id, QuotaRow.device)
        conditions.append(contains(connection, wanted.text, columns))
    return conditions
