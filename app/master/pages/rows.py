"""Quotas of the fleet, and my own: made ready for JSON here, since a page has hundreds of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from app.db.engine import Database
from app.db.repositories.hosts import HostRepository, LastReading
from app.db.repositories.rows import FleetRow, FleetRowRepository, RowFilter
from app.master.freshness import Freshness, age_seconds
from app.master.wire.pages import PageQuery
from app.master.wire.rows import RowFilters, RowsQuery
from app.quota.clock import Clock
from app.web.wire import JsonObject, iso_utc

ALL_ROWS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class RowPages:
    """Answers for every page that lists quotas."""

    database: Database
    freshness: Freshness
    clock: Clock
    same_name: bool

    def page(self, query: RowsQuery) -> JsonObject:
        """JSON-ready, `RowsOut`: a page of rows, the fullest first where no order is given."""
        wanted = row_filter(query)
        with self.database.read() as connection:
            rows = FleetRowRepository(connection, same_name=self.same_name)
            found = rows.page(wanted, query.order, limit=query.page_size, offset=_offset(query))
            total = rows.count(wanted)
            readings = HostRepository(connection).last_readings(row.host_id for row in found)
        return _page_of(self.items(found, readings), total, query)

    def mine(self, person_id: str, matched_name: str | None, query: PageQuery) -> JsonObject:
        """JSON-ready, `RowsOut`: a page of the rows of one person, the fullest first."""
        with self.database.read() as connection:
            rows = FleetRowRepository(connection, same_name=self.same_name)
            found, total = rows.page_of_person(person_id, matched_name, limit=query.page_size, offset=_offset(query))
            readings = HostRepository(connection).last_readings(row.host_id for row in found)
        return _page_of(self.items(found, readings), total, query)

    def of_person(self, person_id: str, matched_name: str | None) -> list[JsonObject]:
        """JSON-ready, `RowOut`: all rows of one person, the fullest first."""
        with self.database.read() as connection:
            rows = FleetRowRepository(connection, same_name=self.same_name)
            found, _ = rows.page_of_person(person_id, matched_name, limit=ALL_ROWS)
            readings = HostRepository(connection).last_readings(row.host_id for row in found)
        return self.items(found, readings)

    def items(self, rows: list[FleetRow], readings: dict[str, LastReading]) -> list[JsonObject]:
        """JSON-ready, `RowOut`: rows as people see them, with the age of their host's reading."""
        now = self.clock()
        known = {host_id: self._reading_of(reading, now) for host_id, reading in readings.items()}
        return [_item(row, known[row.host_id], now) for row in rows]

    def _reading_of(self, last: LastReading, now: datetime) -> "_Reading":
        is_ok = self.freshness.state(last, now) == "ok"
        return _Reading.of(last.taken_at or now, now, None if is_ok else last.problem_code or "timeout")


class _Reading(NamedTuple):
    """How old a host's figures are, as its rows tell it."""

    taken_at: str
    age_seconds: int | None
    stale: bool
    problem: str | None

    @classmethod
    def of(cls, taken_at: datetime, now: datetime, problem: str | None) -> "_Reading":
        """`problem`: why the figures are stale; None where they are not."""
        return cls(iso_utc(taken_at), age_seconds(taken_at, now), problem is not None, problem)


def _item(row: FleetRow, reading: _Reading, now: datetime) -> JsonObject:
    if row.device_status == "failed":
        reading = _Reading.of(row.device_measured_at, now, reading.problem or "device_failed")
    return {
        "host": row.host_id,
        "device": row.device,
        "kind": row.kind,
        "mount_points": row.mount_points,
        "quota_type": row.quota_type,
        "id": row.quota_id,
        "name": row.name,
        "person": None if row.person_id is None else {"id": row.person_id, "name": row.person_name},
        "status": row.status,
        "percent": row.fullness if row.fullness >= 0 else None,
        "block_current": row.block_current,
        "block_soft_limit": row.block_soft_limit,
        "block_hard_limit": row.block_hard_limit,
        "block_time_limit": row.block_time_limit,
        "inode_current": row.inode_current,
        "inode_soft_limit": row.inode_soft_limit,
        "inode_hard_limit": row.inode_hard_limit,
        "inode_time_limit": row.inode_time_limit,
        "limits_source": row.limits_source,
        **row.parts,
        **reading._asdict(),
    }


def _offset(query: PageQuery) -> int:
    return (query.page - 1) * query.page_size


def _page_of(items: list[JsonObject], total: int, query: PageQuery) -> JsonObject:
    return {"items": items, "total": total, "page": query.page, "page_size": query.page_size}


def row_filter(query: RowFilters) -> RowFilter:
    """What the parameters of a URL ask for."""
    return RowFilter(
        host=query.host,
        device=query.device,
        kind=query.kind,
        quota_type=query.quota_type,
        status=query.status,
        person=query.person,
        limits_source=query.limits_source,
        text=query.q,
    )
