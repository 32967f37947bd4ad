"""What admins change on hosts: limits of one and of many, default limits, grace periods."""

from dataclasses import dataclass

from app.auth.caller import Caller
from app.master.changes.batch import SetManyLimits
from app.master.changes.device import DeviceSettings
from app.master.changes.limits import SetLimits
from app.master.changes.trail import Place
from app.master.wire.batch import (
    DefaultsChangedOut,
    DefaultsIn,
    DeviceTypeQuery,
    GraceChangedOut,
    GraceChangeIn,
    ManyChangedOut,
    ManyIn,
)
from app.master.wire.changes import ChangeIn, ChangeOut, ChangeQuery
from app.quota.values import QuotaType
from app.web.quota_changes import DefaultsOut, DeviceGraceOut
from app.web.quota_rows import AnyId
from app.web.router import Api

_ERRORS = (404, 409, 502, 503, 504, 507)


@dataclass(frozen=True, slots=True)
class Changes:
    """The use cases behind these routes."""

    one: SetLimits
    many: SetManyLimits
    device: DeviceSettings


def add_changes(api: Api, changes: Changes) -> None:
    """`/api/quotas/{host_id}/…`."""
    _add_single_changes(api, changes.one)
    _add_device_settings(api, changes.device)

    @api.route("POST", "/api/quotas/{host_id}/batch", access="admin", errors=_ERRORS)
    def set_limits_of_many(caller: Caller, host_id: str, body: ManyIn) -> ManyChangedOut:
        """Sets the same limits for many ids of a device; one that fails never stops the others.

        Each changed quota has its own audit entry. With `dry_run` nothing is changed: the rows are those that would
        stand.
        """
        return changes.many.of_many(caller, host_id, body)


def _add_single_changes(api: Api, one: SetLimits) -> None:
    @api.route("PUT", "/api/quotas/{host_id}/users/{uid}", access="admin", errors=_ERRORS)
    def set_user_limits(caller: Caller, host_id: str, uid: AnyId, query: ChangeQuery, body: ChangeIn) -> ChangeOut:
        """Sets limits of a user on a device; a missing limit stays as it is.

        The answer is the row that stands now, as read back from the backend, and the id of its audit entry.
        """
        return one.of_one(caller, Place(host_id, query.device, QuotaType.USER), uid, body)

    @api.route("PUT", "/api/quotas/{host_id}/groups/{gid}", access="admin", errors=_ERRORS)
    def set_group_limits(caller: Caller, host_id: str, gid: AnyId, query: ChangeQuery, body: ChangeIn) -> ChangeOut:
        """Sets limits of a group on a device, as for a user."""
        return one.of_one(caller, Place(host_id, query.device, QuotaType.GROUP), gid, body)

    @api.route("PUT", "/api/quotas/{host_id}/projects/{project_id}", access="admin", errors=_ERRORS)
    def set_project_limits(
        caller: Caller, host_id: str, project_id: AnyId, query: ChangeQuery, body: ChangeIn
    ) -> ChangeOut:
        """Sets limits of a project on a device, as for a user."""
        return one.of_one(caller, Place(host_id, query.device, QuotaType.PROJECT), project_id, body)


def _add_device_settings(api: Api, device: DeviceSettings) -> None:
    @api.route("GET", "/api/quotas/{host_id}/default-quota", access="admin", errors=(404, 409))
    def get_default_limits(host_id: str, query: DeviceTypeQuery) -> DefaultsOut:
        """What an id without limits of its own gets on the device, as last read."""
        return device.defaults(Place(host_id, query.device, query.quota_type))

    @api.route("PUT", "/api/quotas/{host_id}/default-quota", access="admin", errors=_ERRORS)
    def set_default_limits(
        caller: Caller, host_id: str, query: DeviceTypeQuery, body: DefaultsIn
    ) -> DefaultsChangedOut:
        """Sets default limits; a missing one stays as it is. The host's worker applies them within minutes."""
        return device.set_defaults(caller, Place(host_id, query.device, query.quota_type), body)

    @api.route("GET", "/api/quotas/{host_id}/grace", access="admin", errors=(404, 409))
    def get_grace_periods(host_id: str, query: DeviceTypeQuery) -> DeviceGraceOut:
        """How long usage may stay above a soft limit, as last read."""
        return device.grace(Place(host_id, query.device, query.quota_type))

    @api.route("PUT", "/api/quotas/{host_id}/grace", access="admin", errors=_ERRORS)
    def set_grace_periods(caller: Caller, host_id: str, query: DeviceTypeQuery, body: GraceChangeIn) -> GraceChangedOut:
        """Sets grace periods; a missing one stays as it is. Timers that run keep their instant."""
        return device.set_grace(caller, Place(host_id, query.device, query.quota_type), body)
