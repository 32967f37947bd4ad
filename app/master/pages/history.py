"""History and forecasts: of everything for admins, of their own quotas for everybody."""

from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from app.auth.caller import Caller
from app.db.engine import Database
from app.db.repositories.history import DEVICE, HistoryRepository, SeriesKey
from app.db.repositories.rows import FleetRow, FleetRowRepository
from app.db.repositories.snapshots import SnapshotRepository, StoredQuota
from app.master.history.codec import NOTHING
from app.master.history.forecast import Forecast
from app.master.history.outlook import forecast_of, forecast_window
from app.master.history.reading import Point, Timelines, Window, window_of
from app.master.history.slots import instant_of
from app.master.wire.history import (
    ForecastOut,
    ForecastQuery,
    HistoryOut,
    HistoryPointOut,
    HistoryQuery,
    MyHistoryItemOut,
    MyHistoryOut,
    MyHistoryQuery,
)
from app.quota.clock import Clock
from app.quota.errors import NotFoundError
from app.quota.values import QuotaType

USUAL_WINDOW = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class HistoryPages:
    """Answers for charts."""

    database: Database
    clock: Clock
    same_name: bool

    def history(self, caller: Caller, query: HistoryQuery) -> HistoryOut:
        """One series. NotFoundError for what is not there, and for what is not the caller's."""
        now, key = self.clock(), _key_of(query)
        window = _window(query.since, query.until, now, query.points)
        points, _ = self._points(caller, key, window)
        return HistoryOut(points=_points_out(points), resolution_seconds=window.resolution_seconds)

    def forecast(self, caller: Caller, query: ForecastQuery) -> ForecastOut:
        """When a quota or a device will be full. NotFoundError as above."""
        now, key = self.clock(), _key_of(query)
        points, quota = self._points(caller, key, forecast_window(now))
        return _forecast_out(forecast_of(points, _limit_kib(points, quota), now))

    def mine(self, caller: Caller, query: MyHistoryQuery) -> MyHistoryOut:
        """The caller's own quotas, a page of them."""
        now = self.clock()
        window = _window(query.since, query.until, now, query.points)
        with self.database.read() as connection:
            shown, total = FleetRowRepository(connection, same_name=self.same_name).page_of_person(
                caller.person.id,
                caller.person.matched_name,
                host=query.host,
                device=query.device,
                limit=query.page_size,
                offset=(query.page - 1) * query.page_size,
            )
            timelines = Timelines(HistoryRepository(connection))
            found: dict[SeriesKey, list[Point]] = {}
            for host_id in sorted({row.host_id for row in shown}):
                keys = [_key_of_row(row) for row in shown if row.host_id == host_id]
                found |= timelines.find_many(host_id, keys, window)
        items = [
            MyHistoryItemOut(
                host=row.host_id,
                device=row.device,
                quota_type=QuotaType(row.quota_type),
                id=row.quota_id,
                name=row.name,
                points=_points_out(found.get(_key_of_row(row), [])),
                resolution_seconds=window.resolution_seconds,
            )
            for row in shown
        ]
        return MyHistoryOut(items=items, total=total, page=query.page, page_size=query.page_size)

    def _points(self, caller: Caller, key: SeriesKey, window: Window) -> tuple[list[Point], StoredQuota | None]:
        """The points, and the quota as it stands. What is another's is looked for no further than what is not there."""
        with self.database.read() as connection:
            if not caller.person.is_admin:
                person, rows = caller.person, FleetRowRepository(connection, same_name=self.same_name)
                if not rows.is_of_person(person.id, person.matched_name, astuple(key)):
                    raise _not_found()
            snapshots = SnapshotRepository(connection)
            found = Timelines(HistoryRepository(connection)).find(key, window)
            quota = snapshots.find_quota(key.host_id, (key.device, key.quota_type, key.quota_id))
            if found is None and quota is None and not _is_device(snapshots, key):
                raise _not_found()
        return [point for point in found or [] if key.quota_type != DEVICE or point.figures != NOTHING], quota


def _forecast_out(found: Forecast) -> ForecastOut:
    """A forecast on the wire."""
    return ForecastOut(
        full_at=found.full_at,
        earliest=found.earliest,
        latest=found.latest,
        basis_points=found.basis_points,
        confidence="enough" if found.is_enough else "not_enough_data",
    )


def _limit_kib(points: list[Point], quota: StoredQuota | None) -> int:
    """The hard limit, else the soft one; of a device, or of what is gone, what was last recorded. 0 is unlimited."""
    if quota is not None:
        return quota.block_hard_limit or quota.block_soft_limit
    return points[-1].figures.block_hard_limit if points else 0


def _window(since: datetime | None, until: datetime | None, now: datetime, points: int) -> Window:
    until = until or now
    earliest = datetime.min.replace(tzinfo=until.tzinfo) + USUAL_WINDOW
    return window_of(since or max(until, earliest) - USUAL_WINDOW, until, now, points)


def _points_out(points: list[Point]) -> list[HistoryPointOut]:
    return [HistoryPointOut(at=instant_of(slot), **figures._asdict()) for slot, figures in points]


def _key_of(query: HistoryQuery | ForecastQuery) -> SeriesKey:
    if query.quota_id is None:
        return SeriesKey(query.host, query.device, DEVICE, 0)
    return SeriesKey(query.host, query.device, (query.quota_type or QuotaType.USER).value, query.quota_id)


def _key_of_row(row: FleetRow) -> SeriesKey:
    return SeriesKey(row.host_id, row.device, row.quota_type, row.quota_id)


def _is_device(snapshots: SnapshotRepository, key: SeriesKey) -> bool:
    known = snapshots.devices(key.host_id).get(key.host_id, [])
    return key.quota_type == DEVICE and any(device.name == key.device for device in known)


def _not_found() -> NotFoundError:
    return NotFoundError("There is no such quota or device, or it is not yours.")
