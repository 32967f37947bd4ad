"""The use case "an admin sets limits of one id"."""

from dataclasses import dataclass

import structlog

from app.auth.caller import Caller
from app.db.engine import Database
from app.db.repositories.audit import AuditRepository
from app.db.repositories.hosts import HostRepository
from app.db.repositories.snapshots import SnapshotRepository
from app.master.changes.slave_calls import SlaveCalls
from app.master.changes.stored import find_device, given_limits, is_below_usage, limits_of, put_rows, stands_before
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
from app.master.wire.changes import ChangeIn, ChangeOut
from app.quota.clock import Clock
from app.quota.errors import QmanError

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SetLimits:
    """Sets limits of one user, group or project, whatever it was that asked for it."""

    database: Database
    fleet: Fleet
    slaves: SlaveCalls
    trail: Trail
    clock: Clock

    def of_one(
        self, caller: Caller, place: Place, quota_id: int, change: ChangeIn, *, undo_of: str | None = None
    ) -> ChangeOut:
        """Sets the given limits and answers what stands, with the id of the audit entry. `undo_of`: another entry's.

        The entry is committed before the slave is asked, and settled with what it answered: one whose outcome is not
        known says so. Raises HostNotFoundError, InvalidInputError, what the slave refuses, HostRefusedError,
        HostTimeoutError, HostFailedError.
        """
        host = self.fleet.get(place.host_id)
        self.trail.check_reason(change.reason)
        limits = given_limits(change)
        what = Begun(Actor.of(caller), "set_limits", place, change.reason)
        (audit_id,) = self.trail.begin(what, [self._entry(place, quota_id, limits, undo_of)])
        begun_at = self.clock()
        try:
            row = self.slaves.set_limits(host, place, quota_id, limits)
        except QmanError as error:
            self.trail.settle([not_applied(audit_id, error)])
            raise
        with after_asking(), self.database.write() as connection:
            snapshots, hosts = SnapshotRepository(connection), HostRepository(connection)
            (stands,) = put_rows(snapshots, hosts, place, [row], max(begun_at, self.clock()))
            settle_all(AuditRepository(connection), [applied(audit_id, limits_of(stands))], self.clock())
        log.info("limits_set", host=place.host_id, device=place.device, id=quota_id, audit_id=audit_id, **limits)
        return ChangeOut(
            row=row, audit_id=audit_id, warnings=["below_usage"] if is_below_usage(row, limits_of(row)) else []
        )

    def _entry(self, place: Place, quota_id: int, limits: dict[str, int], undo_of: str | None) -> Entry:
        with self.database.read() as connection:
            snapshots = SnapshotRepository(connection)
            known = snapshots.find_quota(place.host_id, (place.device, place.quota_type.value, quota_id))
            device = None if known else find_device(snapshots, place.host_id, place.device)
        name = known.name if known else f"#{quota_id}"
        return Entry(quota_id, name, stands_before(device, known), limits, undo_of)
