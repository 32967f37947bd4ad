"""The fleet in numbers, and who needs attention."""

from dataclasses import dataclass
from datetime import timedelta

from app.db.engine import Database
from app.db.repositories.hosts import HostRepository
from app.db.repositories.outlook import OutlookRepository
from app.db.repositories.people import PersonRepository
from app.db.repositories.rows import FleetRowRepository, RowFilter
from app.db.repositories.snapshots import SnapshotRepository
from app.master.collector.snapshot_writer import NEARLY_FULL_PERCENT
from app.master.pages.rows import RowPages
from app.master.wire.overview import (
    AttentionCountsOut,
    AttentionDeviceOut,
    AttentionOut,
    HostCountsOut,
    OverviewOut,
    RowCountsOut,
    TrendPointOut,
)

SHOWN = 50
TREND = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class OverviewPages:
    """Answers for the page Overview."""

    database: Database
    rows: RowPages

    def overview(self) -> OverviewOut:
        """Counts of everything."""
        now = self.rows.clock()
        with self.database.read() as connection:
            hosts = HostRepository(connection).list_all()
            by_status = FleetRowRepository(connection, same_name=self.rows.same_name).counts_by_status()
            people = PersonRepository(connection).count()
            days = OutlookRepository(connection).days_since(now - TREND)
        states = [self.rows.freshness.state(host, now) for host in hosts]
        return OverviewOut(
            hosts=HostCountsOut(
                ok=states.count("ok"),
                stale=states.count("stale"),
                never=states.count("never"),
                suspended=states.count("suspended"),
            ),
            rows=RowCountsOut(
                ok=by_status.get("ok", 0),
                soft_exceeded=by_status.get("soft_exceeded", 0),
                grace_expired=by_status.get("grace_expired", 0),
                hard_reached=by_status.get("hard_reached", 0),
            ),
            devices=sum(host.devices for host in hosts),
            people=people,
            trend=[TrendPointOut(at=day.day, used=day.used, total=day.total, devices=day.devices) for day in days],
        )

    def attention(self) -> AttentionOut:
        """Hosts that are not fresh, devices that are nearly full or failed, quotas that are not all right."""
        now = self.rows.clock()
        wanted = RowFilter(needs_attention=True)
        with self.database.read() as connection:
            hosts = HostRepository(connection).list_all()
            devices = SnapshotRepository(connection).devices_in_need(NEARLY_FULL_PERCENT)
            fleet = FleetRowRepository(connection, same_name=self.rows.same_name)
            found = fleet.page(wanted, [("status", True), ("percent", True)], limit=SHOWN)
            total = fleet.count(wanted)
            forecasts = OutlookRepository(connection).forecasts({host_id for host_id, _ in devices[:SHOWN]})
        not_ok = [
            out
            for out in (self.rows.freshness.host_out(host, now) for host in hosts)
            if out.state != "ok" or out.problem
        ]
        return AttentionOut(
            hosts=not_ok[:SHOWN],
            devices=[
                AttentionDeviceOut(
                    host=host_id,
                    device=device.name,
                    percent=device.percent,
                    full_at=forecasts[host_id, device.name].full_at if (host_id, device.name) in forecasts else None,
                    problem=device.head.get("problem", {}).get("code"),
                )
                for host_id, device in devices[:SHOWN]
            ],
            rows=self.rows.items(found, {host.id: host for host in hosts}),
            counts=AttentionCountsOut(hosts=len(not_ok), devices=len(devices), rows=total),
        )
