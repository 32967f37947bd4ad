"""Routes of what holds for everybody on a device: default limits and grace periods."""

from app.quota.defaults import LimitSet
from app.quota.values import GracePeriods
from app.slave.services import SlaveServices
from app.slave.wire import DeviceQuotaQuery
from app.web.quota_changes import DefaultsOut, DeviceGraceOut, GraceIn
from app.web.quota_rows import LimitsIn, limit_members
from app.web.router import Api


def declare_device_rules(api: Api, services: SlaveServices) -> None:
    """Adds the routes."""

    @api.route("GET", "/remote-api/quotas/defaults", access="read", errors=[404, 409, 503])
    def get_default_limits(query: DeviceQuotaQuery) -> DefaultsOut:
        """The default limits of a device: what an id without limits of its own gets. All 0 where none were set."""
        return _defaults_out(query, services.defaults.get_limits(query.device, query.quota_type))

    @api.route("PUT", "/remote-api/quotas/defaults", access="write", errors=[404, 409, 503, 507])
    def set_default_limits(query: DeviceQuotaQuery, body: LimitsIn) -> DefaultsOut:
        """Set a device's default limits; a missing one stays as it is.

        Rows show them at once. The worker puts them in place, within DEFAULTS_INTERVAL_SECONDS, on ids from
        DEFAULT_LIMITS_FROM_ID that have no limits of their own; it follows when they change, and takes them away again
        when all four are 0.
        """
        return _defaults_out(query, services.defaults.set_limits(query.device, query.quota_type, body))

    @api.route("GET", "/remote-api/quotas/grace", access="read", errors=[404, 409, 503])
    def get_grace_periods(query: DeviceQuotaQuery) -> DeviceGraceOut:
        """The grace periods of a device. 409 where it has none."""
        return _grace_out(query, services.grace.get_periods(query.device, query.quota_type))

    @api.route("PUT", "/remote-api/quotas/grace", access="write", errors=[404, 409, 503, 507])
    def set_grace_periods(query: DeviceQuotaQuery, body: GraceIn) -> DeviceGraceOut:
        """Set a device's grace periods; a missing one stays as it is. Answers them as read back.

        A grace period that runs already ends when it would have.
        """
        return _grace_out(query, services.grace.set_periods(query.device, query.quota_type, body))


def _defaults_out(query: DeviceQuotaQuery, limits: LimitSet) -> DefaultsOut:
    return DefaultsOut(device=query.device, quota_type=query.quota_type, **limit_members(limits))


def _grace_out(query: DeviceQuotaQuery, periods: GracePeriods) -> DeviceGraceOut:
    return DeviceGraceOut(
        device=query.device,
        quota_type=query.quota_type,
        block_grace=periods.block_seconds,
        inode_grace=periods.inode_seconds,
    )
