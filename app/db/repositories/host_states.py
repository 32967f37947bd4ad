"""Hosts by how they are doing, and devices in need: filtered, sorted, counted and cut by the database."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Select, and_, bindparam, case, func, or_, select

from app.db.asking import contains, ordered
from app.db.repositories.hosts import HostRecord
from app.db.repositories.snapshots import StoredDevice
from app.db.tables.fleet import DeviceRow, HostRow

_HOSTS: Select[Any] = select(*(HostRow.__table__.columns[name] for name in HostRecord._fields))
_DEVICES: Select[Any] = select(
    DeviceRow.host_id, *(DeviceRow.__table__.columns[field.name] for field in fields(StoredDevice))
)
_MOST = bindparam("most", type_=Integer())
_LABEL = func.coalesce(func.nullif(HostRow.label, ""), HostRow.id)


@dataclass(frozen=True, slots=True)
class HostFilter:
    """Which hosts; None is any. `state` is `ok`, `stale`, `never` or `suspended`."""

    text: str | None = None
    state: str | None = None


_STALE_BEFORE = bindparam("stale_before", type_=HostRow.taken_at.type)
_STATE: ColumnElement[str] = case(
    (HostRow.suspended_at.is_not(None), "suspended"),
    (HostRow.taken_at.is_(None), "never"),
    (HostRow.taken_at < _STALE_BEFORE, "stale"),
    else_="ok",
)
_SORT: dict[str, Any] = {"id": HostRow.id, "label": _LABEL, "state": _STATE, "taken_at": HostRow.taken_at}
_COUNTS = select(_STATE, func.count(), func.sum(HostRow.devices)).group_by(_STATE)

_HOST_IN_NEED = or_(
    HostRow.suspended_at.is_not(None),  # not by _STATE: this is asked of a thousand hosts for each view
    HostRow.taken_at.is_(None),
    HostRow.taken_at < _STALE_BEFORE,
    and_(HostRow.problem_code.is_not(None), HostRow.failing_since.is_not(None)),
)
_HOSTS_IN_NEED = _HOSTS.where(_HOST_IN_NEED).order_by(HostRow.id).limit(_MOST)
_HOSTS_IN_NEED_COUNT = select(func.count()).select_from(HostRow).where(_HOST_IN_NEED)

_DEVICE_IN_NEED = or_(DeviceRow.percent >= bindparam("percent"), DeviceRow.status == "failed")
_DEVICE_ORDER = (func.coalesce(DeviceRow.percent, 101).desc(), DeviceRow.host_id, DeviceRow.name)
_DEVICES_IN_NEED = _DEVICES.where(_DEVICE_IN_NEED).order_by(*_DEVICE_ORDER).limit(_MOST)
_DEVICES_IN_NEED_COUNT = select(func.count()).select_from(DeviceRow).where(_DEVICE_IN_NEED)


class HostStateRepository:
    """How hosts and devices are doing, on one connection. A host read before `stale_before` is stale."""

    def __init__(self, connection: Connection, stale_before: datetime) -> None:
        self._connection = connection
        self._instants = {"stale_before": stale_before}

    def host_counts(self) -> tuple[dict[str, int], int]:
        """Hosts by state, and how many devices they have in all."""
        rows = self._connection.execute(_COUNTS, self._instants).all()
        return {row[0]: row[1] for row in rows}, sum(int(row[2]) for row in rows)

    def hosts(
        self, wanted: HostFilter, order: Sequence[tuple[str, bool]], *, limit: int, offset: int
    ) -> tuple[list[HostRecord], int]:
        """A page of hosts in the order of (field, descending) pairs, then by id, and how many there are in all."""
        conditions: list[ColumnElement[bool]] = []
        if wanted.text:
            columns = (HostRow.id, HostRow.label, HostRow.url)
            conditions.append(contains(self._connection, wanted.text, columns))
        if wanted.state is not None:
            conditions.append(_STATE.in_([wanted.state]))
        clauses = [ordered(_SORT[name], down=down) for name, down in order]
        query = _HOSTS.where(*conditions).order_by(*clauses, HostRow.id).limit(limit).offset(offset)
        count = select(func.count()).select_from(HostRow).where(*conditions)
        rows = self._connection.execute(query, self._instants).all()
        return [HostRecord(*row) for row in rows], self._connection.execute(count, self._instants).scalar_one()

    def hosts_in_need(self, limit: int) -> tuple[list[HostRecord], int]:
        """The first hosts by id that are not fresh or whose last reading failed, and how many there are in all."""
        rows = self._connection.execute(_HOSTS_IN_NEED, {**self._instants, "most": limit}).all()
        if len(rows) < limit:
            return [HostRecord(*row) for row in rows], len(rows)
        total = self._connection.execute(_HOSTS_IN_NEED_COUNT, self._instants).scalar_one()
        return [HostRecord(*row) for row in rows], total

    def devices_in_need(self, percent: float, limit: int) -> tuple[list[tuple[str, StoredDevice]], int]:
        """Devices at least that full or failed, with their hosts, the fullest first, and how many there are in all."""
        wanted = {"percent": percent}
        rows = self._connection.execute(_DEVICES_IN_NEED, {**wanted, "most": limit}).all()
        found = [(row[0], StoredDevice(*row[1:])) for row in rows]
        if len(found) < limit:
            return found, len(found)
        return found, self._connection.execute(_DEVICES_IN_NEED_COUNT, wanted).scalar_one()
