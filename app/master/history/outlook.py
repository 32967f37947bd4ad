"""Computes in the background what pages show of the future and of the fleet, so that no request has to."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.db.engine import Database
from app.db.repositories.history import DEVICE, HistoryRepository, SeriesKey
from app.db.repositories.outlook import DeviceForecast, FleetDay, OutlookRepository
from app.db.repositories.snapshots import SnapshotRepository
from app.master.chores import KeepGoing
from app.master.history.codec import NOTHING
from app.master.history.forecast import Forecast, Sample, forecast
from app.master.history.reading import Point, Timelines, Window, window_of
from app.master.history.slots import DAYS, HOURS, SLOT_SECONDS
from app.quota.clock import Clock
from app.quota.units import KIB

RENEWED_AFTER = timedelta(hours=6)
PIECE = 20
"""Devices between two questions whether to go on."""

BASIS_POINTS = 24 * 92
"""More than the hours that a forecast may rest on."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """Forecasts of all devices, each renewed every six hours, and the fleet's usage of today."""

    database: Database
    clock: Clock

    def renew(self, keep_going: KeepGoing) -> None:
        """Renews what is due."""
        self._count_today()
        while keep_going() and self._forecast_some():
            pass

    def _count_today(self) -> None:
        """Devices count with what was last read of them, so that a host that does not answer makes no dent."""
        now = self.clock()
        today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        with self.database.read() as connection:
            hosts = SnapshotRepository(connection).devices()
        usages = [device.head.get("usage") or {} for devices in hosts.values() for device in devices]
        with self.database.write() as connection:
            outlook = OutlookRepository(connection)
            used, total = (sum(usage.get(name, 0) for usage in usages) for name in ("used", "total"))
            outlook.put_day(FleetDay(today, used, total, devices=sum(bool(usage) for usage in usages)))
            outlook.drop_days_before(today - DAYS.kept_for)
            outlook.forget_unknown_devices()

    def _forecast_some(self) -> bool:
        """False when no device is due."""
        now = self.clock()
        with self.database.read() as connection:
            due = OutlookRepository(connection).due(now - RENEWED_AFTER, PIECE)
            found = [_of_device(Timelines(HistoryRepository(connection)), *place, now) for place in due]
        with self.database.write() as connection:
            for each in found:
                OutlookRepository(connection).put_forecast(each)
        return bool(due)


def forecast_of(points: list[Point], limit_kib: int, now: datetime) -> Forecast:
    """When these points reach the limit; 0 is unlimited."""
    samples = [Sample(slot * SLOT_SECONDS, figures.block_current) for slot, figures in points]
    return forecast(samples, limit_kib * KIB or None, now)


def forecast_window(now: datetime) -> Window:
    """How far back a forecast may reach, by the hour."""
    return window_of(now - HOURS.kept_for, now, now, BASIS_POINTS)


def _of_device(timelines: Timelines, host_id: str, device: str, now: datetime) -> DeviceForecast:
    recorded = timelines.find(SeriesKey(host_id, device, DEVICE, 0), forecast_window(now)) or []
    points = [point for point in recorded if point.figures != NOTHING]
    limit = points[-1].figures.block_hard_limit if points else 0
    found = forecast_of(points, limit, now)
    return DeviceForecast(
        host_id=host_id,
        device=device,
        computed_at=now,
        full_at=found.full_at,
        earliest=found.earliest,
        latest=found.latest,
        basis_points=found.basis_points,
        confidence="enough" if found.is_enough else "not_enough_data",
    )
