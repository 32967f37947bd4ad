"""Quotas of the fleet, and my own."""

from dataclasses import dataclass
from datetime import datetime

from app.db.engine import Database
from app.db.repositories.hosts import HostRecord, HostRepository
from app.db.repositories.rows import FleetRow, FleetRowRepository, RowFilter
from app.master.freshness import Freshness, age_seconds
from app.master.wire.rows import RowFilters, RowOut, RowsOut, RowsQuery
from app.quota.clock import Clock


@dataclass(frozen=True, slots=True)
class RowPages:
    """Answers for every page that lists quotas."""

    database: Database
    freshness: Freshness
    clock: Clock
    same_name: bool

    def page(self, query: RowsQuery) -> RowsOut:
        """A page of rows, the fullest first where no order is given."""
        wanted = row_filter(query)
        offset = (query.page - 1) * query.page_size
        with self.database.read() as connection:
            rows = FleetRowRepository(connection, same_name=self.same_name)
            found = rows.page(wanted, query.order, limit=query.page_size, offset=offset)
            total = rows.count(wanted)
            hosts = HostRepository(connection).by_id(row.host_id for row in found)
        items = self.items(found, hosts)
        return RowsOut(items=items, total=total, page=query.page, page_size=query.page_size)

    def mine(self, person_id: str, matched_name: str | None) -> RowsOut:
        """All rows of one person, the fullest first."""
        with self.database.read() as connection:
            found = FleetRowRepository(connection, same_name=self.same_name).of_person(person_id, matched_name)
            hosts = HostRepository(connection).by_id(row.host_id for row in found)
        items = self.items(found, hosts)
        return RowsOut(items=items, total=len(items), page=1, page_size=max(1, len(items)))

    def items(self, rows: list[FleetRow], hosts: dict[str, HostRecord]) -> list[RowOut]:
        """Rows as people see them, with the age of their host's reading."""
        now = self.clock()
        return [self._item(row, hosts[row.host_id], now) for row in rows]

    def _item(self, row: FleetRow, host: HostRecord, now: datetime) -> RowOut:
        state = self.freshness.state(host, now)
        failed = row.device_status == "failed"
        problem = (host.problem_code or "timeout") if state != "ok" else "device_failed" if failed else None
        taken_at = row.device_measured_at if failed else host.taken_at or now
        return RowOut.model_validate(
            {
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
                "taken_at": taken_at,
                "age_seconds": age_seconds(taken_at, now),
                "stale": state != "ok" or failed,
                "problem": problem,
            },
            strict=False,
        )


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
