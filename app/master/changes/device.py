"""The use cases "an admin sets default limits" and "an admin sets grace periods" of a device."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from app.auth.caller import Caller
from app.db.engine import Database
from app.db.repositories.audit import AuditRepository
from app.db.repositories.hosts import HostRepository
from app.db.repositories.snapshots import SnapshotRepository, StoredDevice
from app.master.changes.slave_calls import SlaveCalls
from app.master.changes.stored import GRACE_FIELDS, LIMIT_FIELDS, find_device, given_limits
from app.master.changes.trail import (
    Actor,
    Begun,
    Entry,
    Place,
    Trail,
    after_asking,
    applied,
    not_applied,
    settle_all,
)
from app.master.fleet import Fleet
from app.master.wire.batch import DefaultsChangedOut, DefaultsIn, GraceChangedOut, GraceChangeIn
from app.quota.clock import Clock
from app.quota.errors import DeviceNotFoundError, NotSupportedError, QmanError
from app.web.quota_changes import DefaultsOut, DeviceGraceOut

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """What holds for a whole device: told from the last reading, changed through the slave."""

    database: Database
    fleet: Fleet
    slaves: SlaveCalls
    trail: Trail
    clock: Clock

    def defaults(self, place: Place) -> DefaultsOut:
        """The default limits, as last read. HostNotFoundError, DeviceNotFoundError, NotSupportedError (quota type)."""
        stands = self._device(place).head.get(f"{place.quota_type}_default_limits") or dict.fromkeys(LIMIT_FIELDS, 0)
        return DefaultsOut(**stands, device=place.device, quota_type=place.quota_type)

    def set_defaults(
        self, caller: Caller, place: Place, change: DefaultsIn, *, undo_of: str | None = None
    ) -> DefaultsChangedOut:
        """Sets them and answers what stands. Raises as `SetLimits.of_one`."""
        host, none = self.fleet.get(place.host_id), dict.fromkeys(LIMIT_FIELDS, 0)
        before = self._known(place, f"{place.quota_type}_default_limits", none)
        self.trail.check_reason(change.reason)
        limits = given_limits(change)
        what = Begun(Actor.of(caller), "set_default_limits", place, change.reason)
        (audit_id,) = self.trail.begin(what, [Entry(None, None, before, limits, undo_of)])
        try:
            stands = self.slaves.set_defaults(host, place, limits)
        except QmanError as error:
            self.trail.settle([not_applied(audit_id, error)])
            raise
        self._finish(
            audit_id, place, f"{place.quota_type}_default_limits", {n: getattr(stands, n) for n in LIMIT_FIELDS}
        )
        return DefaultsChangedOut(defaults=stands, audit_id=audit_id)

    def grace(self, place: Place) -> DeviceGraceOut:
        """The grace periods, as last read. HostNotFoundError, DeviceNotFoundError, NotSupportedError."""
        stands = self._device(place).head.get(f"{place.quota_type}_quota_info")
        if stands is None:
            raise NotSupportedError(f"{place.device} has no grace periods.")
        return DeviceGraceOut(
            device=place.device,
            quota_type=place.quota_type,
            block_grace=stands["block_grace"],
            inode_grace=stands["inode_grace"],
        )

    def set_grace(
        self, caller: Caller, place: Place, change: GraceChangeIn, *, undo_of: str | None = None
    ) -> GraceChangedOut:
        """Sets them and answers what stands. Raises as `SetLimits.of_one`."""
        host, before = self.fleet.get(place.host_id), self._known(place, f"{place.quota_type}_quota_info")
        self.trail.check_reason(change.reason)
        periods = {n: getattr(change, n) for n in GRACE_FIELDS if n in change.model_fields_set}
        before = before and {name: before[name] for name in GRACE_FIELDS}
        what = Begun(Actor.of(caller), "set_grace_periods", place, change.reason)
        (audit_id,) = self.trail.begin(what, [Entry(None, None, before, periods, undo_of)])
        try:
            stands = self.slaves.set_grace(host, place, periods)
        except QmanError as error:
            self.trail.settle([not_applied(audit_id, error)])
            raise
        after = {name: getattr(stands, name) for name in GRACE_FIELDS}
        self._finish(audit_id, place, f"{place.quota_type}_quota_info", after)
        return GraceChangedOut(grace=stands, audit_id=audit_id)

    def _device(self, place: Place) -> StoredDevice:
        self.fleet.get(place.host_id)
        with self.database.read() as connection:
            device = find_device(SnapshotRepository(connection), place.host_id, place.device)
        if device is None:
            raise DeviceNotFoundError(f"No device {place.device!r} is known of this host.")
        if place.quota_type.value not in device.head["capabilities"]["quota_types"]:
            raise NotSupportedError(f"{place.device} has no {place.quota_type} quotas.")
        return device

    def _known(self, place: Place, member: str, if_absent: Mapping[str, Any] | None = None) -> Mapping[str, Any] | None:
        with self.database.read() as connection:
            device = find_device(SnapshotRepository(connection), place.host_id, place.device)
        return None if device is None else device.head.get(member, if_absent)

    def _finish(self, audit_id: str, place: Place, member: str, after: dict[str, Any]) -> None:
        """Stores what stands, and asks for a reading: the rows follow from it."""
        now = self.clock()
        with after_asking(), self.database.write() as connection:
            hosts = HostRepository(connection)
            hosts.lock(place.host_id)
            settle_all(AuditRepository(connection), [applied(audit_id, after)], now)
            SnapshotRepository(connection).put_head_member(place.host_id, place.device, member, after)
            hosts.record_change(place.host_id, now)
            hosts.request_refresh(place.host_id, now)
        log.info("device_set", host=place.host_id, device=place.device, what=member, audit_id=audit_id, **after)
