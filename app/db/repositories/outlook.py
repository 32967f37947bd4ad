"""What is computed from history in the background: forecasts of devices, and the fleet's usage by day."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, delete, insert, or_, select

from app.db.tables.fleet import DeviceRow
from app.db.tables.history import DeviceForecastRow, FleetDayRow


@dataclass(frozen=True, slots=True)
class DeviceForecast:
    """When a device will be full; `confidence` is `enough` or `not_enough_data`."""

    host_id: str
    device: str
    computed_at: datetime
    full_at: datetime | None
    earliest: datetime | None
    latest: datetime | None
    basis_points: int
    confidence: str


@dataclass(frozen=True, slots=True)
class FleetDay:
    """What all devices together used at the end of a UTC day, in bytes."""

    day: datetime
    used: int
    total: int
    devices: int


class OutlookRepository:
    """Forecasts and days on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def due(self, computed_before: datetime, limit: int) -> list[tuple[str, str]]:
        """Devices (host, name) without a forecast, then those with the oldest ones."""
        same = and_(DeviceForecastRow.host_id == DeviceRow.host_id, DeviceForecastRow.device == DeviceRow.name)
        computed_at = DeviceForecastRow.computed_at
        query = (
            select(DeviceRow.host_id, DeviceRow.name)
            .outerjoin(DeviceForecastRow, same)
            .where(or_(computed_at.is_(None), computed_at < computed_before))
            .order_by(computed_at.is_not(None), computed_at, DeviceRow.host_id, DeviceRow.name)
            .limit(limit)
        )
        return [(row[0], row[1]) for row in self._connection.execute(query)]

    def put_forecast(self, forecast: DeviceForecast) -> None:
        """Stores a forecast in the place of the last one."""
        row = DeviceForecastRow
        self._connection.execute(delete(row).where(row.host_id == forecast.host_id, row.device == forecast.device))
        self._connection.execute(insert(row).values(asdict(forecast)))

    def forget_unknown_devices(self) -> None:
        """Drops the forecasts of devices that are no longer listed."""
        known = select(DeviceRow.name).where(
            DeviceRow.host_id == DeviceForecastRow.host_id, DeviceRow.name == DeviceForecastRow.device
        )
        self._connection.execute(delete(DeviceForecastRow).where(~known.exists()))

    def forecasts(self, host_ids: set[str]) -> dict[tuple[str, str], DeviceForecast]:
        """The forecasts of the devices of these hosts, by host and device."""
        if not host_ids:
            return {}
        query = select(*DeviceForecastRow.__table__.columns).where(DeviceForecastRow.host_id.in_(sorted(host_ids)))
        found = [DeviceForecast(*row) for row in self._connection.execute(query)]
        return {(each.host_id, each.device): each for each in found}

    def put_day(self, day: FleetDay) -> None:
        """Stores a day in the place of what stood there."""
        self._connection.execute(delete(FleetDayRow).where(FleetDayRow.day == day.day))
        self._connection.execute(insert(FleetDayRow).values(asdict(day)))

    def drop_days_before(self, day: datetime) -> None:
        """Forgets older days."""
        self._connection.execute(delete(FleetDayRow).where(FleetDayRow.day < day))

    def days_since(self, day: datetime) -> list[FleetDay]:
        """The days from there on, oldest first."""
        query = select(*FleetDayRow.__table__.columns).where(FleetDayRow.day >= day).order_by(FleetDayRow.day)
        return [FleetDay(*row) for row in self._connection.execute(query)]
