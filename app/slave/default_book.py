"""The book of default limits: what all processes of this slave, its worker too, know of them."""

from collections.abc import Sequence

import structlog

from app.db.engine import Database
from app.db.errors import DatabaseUnavailableError, NoSpaceError
from app.db.repositories.default_limits import DefaultLimitsRepository
from app.quota.defaults import NO_LIMITS, Applied, Defaults, LimitSet
from app.quota.values import QuotaType

log = structlog.get_logger(__name__)


class DefaultsBook:
    """Defaults by device and quota type, and the ids that they were put on."""

    def __init__(self, database: Database, from_id: int) -> None:
        """Users and groups below `from_id` get no defaults."""
        self._database = database
        self._from_id = from_id

    def load(self, device: str, quota_type: QuotaType, quota_id: int | None = None) -> Defaults:
        """The defaults as they stand, with what was put on all ids or on this one."""
        with self._database.read() as connection:
            rows = DefaultLimitsRepository(connection)
            limits = rows.find(device, quota_type) or NO_LIMITS
            applied = rows.applied(device, quota_type, quota_id)
        return Defaults(limits, applied, Defaults.lowest_id(quota_type, self._from_id))

    def put(self, device: str, quota_type: QuotaType, limits: LimitSet) -> None:
        """Keeps the defaults. NoSpaceError."""
        with self._database.write() as connection:
            DefaultLimitsRepository(connection).put(device, quota_type, limits)

    def remember(self, device: str, quota_type: QuotaType, quota_id: int, applied: Applied) -> None:
        """Keeps what was put on the id. NoSpaceError."""
        with self._database.write() as connection:
            DefaultLimitsRepository(connection).remember(device, quota_type, quota_id, applied)

    def forget(self, device: str, quota_type: QuotaType, quota_ids: Sequence[int]) -> None:
        """Keeps nothing of ids that somebody has set by hand: what stands there now is their own.

        A database that fails is logged alone, since the change was made.
        """
        if not quota_ids:
            return
        try:
            with self._database.write() as connection:
                DefaultLimitsRepository(connection).forget(device, quota_type, quota_ids)
        except (NoSpaceError, DatabaseUnavailableError) as error:
            log.warning("defaults_not_forgotten", device=device, reason=error.code)
