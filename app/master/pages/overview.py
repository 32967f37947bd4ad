"""The fleet in numbers, and who needs attention."""

from dataclasses import dataclass
from datetime import timedelta

from app.db.engine import Database
from app.db.repositories.host_states import HostStateRepository
from app.db.repositories.hosts import HostRepository
from app.db.repositories.outlook import OutlookRepository
from app.db.repositories.people import PersonRepository
from app.db.repositories.rows import FleetRowRepository, RowFilter
from app.master.collector.snapshot_writer import NEARLY_FULL_PERCENT
from app.master.pages.rows import RowPages
from app.master.wire.overview import AttentionDeviceOut, HostCountsOut, OverviewOut, RowCountsOut, TrendPointOut
from app.web.wire import JsonObject

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
            hosts, devices = HostStateRepository(connection, self.rows.freshness.stale_before(now)).host_counts()
            by_status = FleetRowRepository(connection, same_name=self.rows.same_name).counts_by_status()
            people = PersonRepository(connection).count()
            days = OutlookRepository(connection).days_since(now - TREND)
        return OverviewOut(
            hosts=HostCountsOut(
                ok=hosts.get("ok", 0),
                stale=hosts.get("stale", 0),
                never=hosts.get("never", 0),
                suspended=hosts.get("suspended", 0),
            ),
            rows=RowCountsOut(
                ok=by_status.get("ok", 0),
                soft_exceeded=by_status.get("soft_exceeded", 0),
                grace_expired=by_status.get("grace_expired", 0),
                hard_reached=by_status.get("hard_reached", 0),
            ),
            devices=devices,
            people=people,
            trend=[TrendPointOut(at=day.day, used=day.used, total=day.total, devices=day.devices) for day in days],
        )

    def attention(self) -> JsonObject:
        """JSON-ready, `AttentionOut`: hosts that are not fresh, devices nearly full or failed, quotas not all right."""
        now = self.rows.clock()
        wanted = RowFilter(needs_attention=True)
        with self.database.read() as connection:
            standing = HostStateRepository(connection, self.rows.freshness.stale_before(now))
            not_fresh, hosts_in_all = standing.hosts_in_need(SHOWN)
            devices, devices_in_all = standing.devices_in_need(NEARLY_FULL_PERCENT, SHOWN)
            fleet = FleetRowRepository(connection, same_name=self.rows.same_name)
            found = fleet.page(wanted, [("status", True), ("percent", True)], limit=SHOWN)
            rows_in_all = len(found) if len(found) < SHOWN else fleet.count(wanted)
            readings = HostRepository(connection).last_readings(row.host_id for row in found)
            forecasts = OutlookRepository(connection).forecasts({host_id for host_id, _ in devices})
        return {
            "hosts": [self.rows.freshness.host_item(host, now) for host in not_fresh],
            "devices": [
                AttentionDeviceOut(
                    host=host_id,
                    device=device.name,
                    percent=device.percent,
                    full_at=forecasts[host_id, device.name].full_at if (host_id, device.name) in forecasts else None,
                    problem=device.head.get("problem", {}).get("code"),
                ).model_dump(mode="json")
                for host_id, device in devices
            ],
            "rows": self.rows.items(found, readings),
            "counts": {"hosts": hosts_in_all, "devices": devices_in_all, "rows": rows_in_all},
        }
