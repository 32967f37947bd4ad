"""Quotas of the whole fleet: filtered, sorted and paged by the database."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import aliased

from app.db.asking import contains_on
from app.db.tables.audit import MappingRow
from app.db.tables.fleet import DeviceRow, QuotaRow
from app.db.tables.people import PersonRow
from app.quota.status import QuotaStatus

FIRST_PERSONAL_UID = 1000
"""Smaller uids are the system's (login.defs(5), UID_MIN): the rule "same name" never gives them to anybody."""

_KEPT_QUERIES = 256
"""Putting a query together takes as long as asking it."""

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


class FleetRow(NamedTuple):
    """One quota with where it stands and whose it is. A named tuple, since a page has hundreds of them."""

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
        self._dialect = connection.dialect.name

    def page(
        self, wanted: RowFilter, order: Sequence[tuple[str, bool]], *, limit: int, offset: int = 0
    ) -> list[FleetRow]:
        """Rows in the order of (field, descending) pairs; the fullest first where none is given."""
        query = _page_query(self._same_name, self._dialect, wanted, tuple(order or [("percent", True)]))
        return self._rows(query, {"most": limit, "first": offset})

    def count(self, wanted: RowFilter) -> int:
        """How many rows there are."""
        return self._connection.execute(_count_query(self._same_name, self._dialect, wanted)).scalar_one()

    def after(self, wanted: RowFilter, last: RowKey | None, *, limit: int) -> list[FleetRow]:
        """The next rows by host, device, type and id, after the one of this key; from the first where it is None."""
        query = _joined_where(wanted, self._dialect, same_name=self._same_name).order_by(*_TIES).limit(limit)
        if last is not None:
            query = query.where(tuple_(*_TIES) > tuple_(*last))
        return self._rows(query, {})

    def counts_by_status(self) -> dict[str, int]:
        """Rows by status, counted by severity, which has a small index. Those that are ok are what is left."""
        query = select(QuotaRow.severity, func.count()).where(QuotaRow.severity > 0).group_by(QuotaRow.severity)
        names = [status.value for status in QuotaStatus]
        found: dict[str, int] = {names[row[0]]: row[1] for row in self._connection.execute(query)}
        return {names[0]: self.count(RowFilter()) - sum(found.values()), **found}

    def page_of_person(
        self,
        person_id: str,
        matched_name: str | None,
        *,
        limit: int,
        offset: int = 0,
        host: str | None = None,
        device: str | None = None,
    ) -> tuple[list[FleetRow], int]:
        """A person's own rows, the fullest first, and how many there are: never by scanning the fleet."""
        page, count = _queries_of_person(self._same_name and matched_name is not None, self._dialect, host, device)
        person = {"person": person_id, "name": matched_name}
        found = self._rows(page, {**person, "most": limit, "first": offset})
        if offset == 0 and len(found) < limit:
            return found, len(found)
        return found, self._connection.execute(count, person).scalar_one()

    def is_of_person(self, person_id: str, matched_name: str | None, key: tuple[str, str, str, int]) -> bool:
        """Is the row of this host, device, quota type and id one of the person's own?"""
        is_it = (column == value for column, value in zip(_TIES, key, strict=True))
        mine = _mine(same_name=self._same_name and matched_name is not None)
        query = select(func.count()).select_from(QuotaRow).where(*is_it, mine)
        return bool(self._connection.execute(query, {"person": person_id, "name": matched_name}).scalar_one())

    def accounts_of_person(self, person_id: str, matched_name: str | None) -> list[tuple[str, str, int]]:
        """Host, name and uid of a person's accounts that have quotas, by host and name."""
        account = (QuotaRow.host_id, QuotaRow.name, QuotaRow.quota_id)
        mine = _mine(same_name=self._same_name and matched_name is not None)
        query = select(*account).where(mine).distinct().order_by(*account)
        rows = self._connection.execute(query, {"person": person_id, "name": matched_name})
        return [(row[0], row[1], row[2]) for row in rows]

    def names_of_users(self, host_id: str, uids: Collection[int]) -> Mapping[int, set[str]]:
        """The names that these uids have in the host's quotas; without those that have none."""
        is_one = (QuotaRow.host_id == host_id, QuotaRow.quota_type == "user", QuotaRow.quota_id.in_(sorted(uids)))
        found: dict[int, set[str]] = {}
        for uid, name in self._connection.execute(select(QuotaRow.quota_id, QuotaRow.name).where(*is_one).distinct()):
            found.setdefault(uid, set()).add(name)
        return found

    def _rows(self, query: Select[Any], parameters: dict[str, object]) -> list[FleetRow]:
        return [FleetRow._make(row) for row in self._connection.execute(query, parameters).all()]


_OWN_COLUMNS = ("severity", "attention")
_QUOTA = [column for column in QuotaRow.__table__.columns if column.name not in _OWN_COLUMNS]


def _conditions(wanted: RowFilter, dialect: str) -> list[ColumnElement[bool]]:
    equal: list[tuple[Any, object]] = [
        (QuotaRow.host_id, wanted.host),
        (QuotaRow.device, wanted.device),
        (QuotaRow.quota_type, wanted.quota_type),
        (QuotaRow.status, wanted.status),
        (QuotaRow.limits_source, wanted.limits_source),
    ]
    conditions = [column == value for column, value in equal if value is not None]
    if wanted.needs_attention:
        conditions.append(QuotaRow.attention == literal_column("1"))  # as it stands in the index: no parameter
    if wanted.text:
        columns = (QuotaRow.name, QuotaRow.host_id, QuotaRow.device)
        conditions.append(contains_on(dialect, wanted.text, columns))
    return conditions


def _joined(keys: Subquery | None, *, same_name: bool) -> Select[Any]:
    """All that a row tells, of these keys or of all rows."""
    is_user = QuotaRow.quota_type == "user"
    personal = and_(is_user, QuotaRow.quota_id >= FIRST_PERSONAL_UID) if same_name else false()
    account = and_(MappingRow.host_id == QuotaRow.host_id, MappingRow.username == QuotaRow.name, is_user)
    query = select(*_QUOTA, *_DEVICE, _person_id, _person_name)
    if keys is not None:
        query = query.select_from(keys).join(QuotaRow, and_(*(keys.c[tie.key] == tie for tie in _TIES)))
    return (
        query.join(DeviceRow, and_(DeviceRow.host_id == QuotaRow.host_id, DeviceRow.name == QuotaRow.device))
        .outerjoin(MappingRow, account)
        .outerjoin(_mapped, and_(_mapped.id == MappingRow.person_id, MappingRow.state == "active"))
        .outerjoin(_namesake, and_(_namesake.matched_name == QuotaRow.name, personal, MappingRow.id.is_(None)))
    )


def _joined_where(wanted: RowFilter, dialect: str, *, same_name: bool) -> Select[Any]:
    query = _joined(None, same_name=same_name).where(*_conditions(wanted, dialect))
    if wanted.kind is not None:
        query = query.where(DeviceRow.kind == wanted.kind)
    if wanted.person is not None:
        query = query.where(_person_id == wanted.person)
    return query


def _cut(query: Any) -> Select[Any]:
    cut: Select[Any] = query.limit(bindparam("most", type_=Integer())).offset(bindparam("first", type_=Integer()))
    return cut


@lru_cache(maxsize=_KEPT_QUERIES)
def _page_query(same_name: bool, dialect: str, wanted: RowFilter, order: tuple[tuple[str, bool], ...]) -> Select[Any]:
    """The page is cut before anything is joined, where the order and the filters are of the quota alone."""
    clauses = [_SORT[name].desc() if down else _SORT[name].asc() for name, down in order]
    clauses += [tie.desc() if order[0][1] else tie.asc() for tie in _TIES]
    if wanted.person is not None or wanted.kind is not None or "person" in dict(order):
        return _cut(_joined_where(wanted, dialect, same_name=same_name).order_by(*clauses))
    keys = _cut(select(*_TIES).where(*_conditions(wanted, dialect)).order_by(*clauses))
    return _joined(keys.subquery(), same_name=same_name).order_by(*clauses)


@lru_cache(maxsize=_KEPT_QUERIES)
def _count_query(same_name: bool, dialect: str, wanted: RowFilter) -> Select[int]:
    if wanted.person is not None or wanted.kind is not None:
        return select(func.count()).select_from(_joined_where(wanted, dialect, same_name=same_name).subquery())
    return select(func.count()).select_from(QuotaRow).where(*_conditions(wanted, dialect))


def _mine(*, same_name: bool) -> ColumnElement[bool]:
    """Is it a row of the person `:person` with the matched name `:name`?

    By the names of their accounts, never by scanning the fleet. A mapping, whoever has it, goes before the same name.
    """
    of_account = (MappingRow.host_id == QuotaRow.host_id, MappingRow.username == QuotaRow.name)
    is_user, person = QuotaRow.quota_type == "user", MappingRow.person_id == bindparam("person", type_=String())
    by_mapping = and_(
        is_user,
        QuotaRow.name.in_(select(MappingRow.username).where(person)),
        exists().where(*of_account, person, MappingRow.state == "active"),
    )
    if not same_name:
        return by_mapping
    is_personal = and_(is_user, QuotaRow.quota_id >= FIRST_PERSONAL_UID)
    is_namesake = QuotaRow.name == bindparam("name", type_=String())
    return or_(by_mapping, and_(is_namesake, is_personal, ~exists().where(*of_account)))


@lru_cache(maxsize=_KEPT_QUERIES)
def _queries_of_person(
    same_name: bool, dialect: str, host: str | None, device: str | None
) -> tuple[Select[Any], Select[int]]:
    """A page of a person's rows, and their number."""
    mine = and_(_mine(same_name=same_name), *_conditions(RowFilter(host=host, device=device), dialect))
    order = [QuotaRow.fullness.desc(), *(tie.asc() for tie in _TIES)]
    keys = _cut(select(*_TIES).where(mine).order_by(*order))
    page = _joined(keys.subquery(), same_name=same_name).order_by(*order)
    return page, select(func.count()).select_from(QuotaRow).where(mine)
