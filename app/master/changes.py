"""Changing limits: checked, written to the audit trail, sent to the slave, read back, stored."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import structlog

from app.auth.caller import Caller
from app.db.engine import Database
from app.db.repositories.audit import AuditRecord, AuditRepository
from app.db.repositories.hosts import HostRepository
from app.db.repositories.snapshots import SnapshotRepository, StoredQuota
from app.master.collector.slave_client import SlaveClient
from app.master.collector.snapshot_writer import stored_quota
from app.master.errors import HostFailedError, HostRefusedError, HostTimeoutError
from app.master.fleet import Fleet
from app.master.wire.changes import ChangeIn, ChangeOut
from app.quota.clock import Clock
from app.quota.errors import FieldFault, InvalidInputError, QmanError
from app.quota.units import KIB
from app.quota.values import QuotaType
from app.web.quota_rows import UserRowOut

log = structlog.get_logger(__name__)

LIMIT_FIELDS = ("block_soft_limit", "block_hard_limit", "inode_soft_limit", "inode_hard_limit")


@dataclass(frozen=True, slots=True)
class SetLimits:
    """The use case "an admin sets limits", whatever it was that asked for it."""

    database: Database
    fleet: Fleet
    client: SlaveClient
    clock: Clock
    require_reason: bool

    def of_user(self, caller: Caller, host_id: str, uid: int, device: str, change: ChangeIn) -> ChangeOut:
        """Sets the given limits of one user and answers what stands, with the id of the audit entry.

        The entry is committed before the slave is asked, and settled with what it answered: an acknowledged change is
        always in the trail, one whose outcome is not known says so. Raises HostNotFoundError, InvalidInputError,
        what the slave refuses, HostRefusedError, HostTimeoutError, HostFailedError.
        """
        host = self.fleet.get(host_id)
        self._check_reason(change)
        limits = {name: getattr(change, name) for name in LIMIT_FIELDS if name in change.model_fields_set}
        audit_id = self._begin(caller, host_id, uid, device, change, limits)
        begun_at = self.clock()
        try:
            row = self.client.set_user_limits(host, uid, device, limits)
        except QmanError as error:
            self._settle_refusal(audit_id, error)
            raise
        self._settle_success(audit_id, host_id, device, row, max(begun_at, self.clock()))
        log.info("limits_set", host=host_id, device=device, uid=uid, audit_id=audit_id, **limits)
        return ChangeOut(row=row, audit_id=audit_id, warnings=["below_usage"] if is_below_usage(row) else [])

    def _check_reason(self, change: ChangeIn) -> None:
        if self.require_reason and not change.reason.strip():
            fault = FieldFault("reason", "nothing", "a reason for the audit trail")
            raise InvalidInputError("A reason is required for every change.", fields=[fault])

    def _begin(
        self, caller: Caller, host_id: str, uid: int, device: str, change: ChangeIn, limits: dict[str, int]
    ) -> str:
        audit_id = str(uuid4())
        with self.database.write() as connection:
            known = SnapshotRepository(connection).find_quota(host_id, (device, QuotaType.USER.value, uid))
            AuditRepository(connection).add(
                AuditRecord(
                    id=audit_id,
                    at=self.clock(),
                    actor_id=caller.person.id,
                    actor_name=caller.person.name,
                    via=caller.via,
                    action="set_limits",
                    host_id=host_id,
                    device=device,
                    quota_type=QuotaType.USER.value,
                    target_id=str(uid),
                    target_name=known.name if known else f"#{uid}",
                    before=_limits_of_stored(known) if known else None,
                    after=dict(limits),
                    reason=change.reason.strip(),
                    origin=caller.origin,
                    outcome="unknown",
                )
            )
        return audit_id

    def _settle_refusal(self, audit_id: str, error: QmanError) -> None:
        unknown = isinstance(error, HostTimeoutError | HostFailedError)
        outcome = "unknown" if unknown else "failed" if isinstance(error, HostRefusedError) else "refused"
        with self.database.write() as connection:
            AuditRepository(connection).settle(audit_id, outcome=outcome, after=None, problem=error.detail[:500])

    def _settle_success(self, audit_id: str, host_id: str, device: str, row: UserRowOut, at: datetime) -> None:
        stored = stored_quota(device, QuotaType.USER, row.model_dump(mode="json", exclude_unset=True))
        with self.database.write() as connection:
            AuditRepository(connection).settle(
                audit_id, outcome="applied", after=_limits_of_stored(stored), problem=None
            )
            snapshots = SnapshotRepository(connection)
            if any(known.name == device for known in snapshots.devices(host_id).get(host_id, [])):
                snapshots.put_quota(host_id, stored)
            HostRepository(connection).record_change(host_id, at)


def is_below_usage(row: UserRowOut) -> bool:
    """Is a limit that stands now lower than what is used already?"""
    blocks = [limit * KIB for limit in (row.block_soft_limit, row.block_hard_limit) if limit]
    inodes = [limit for limit in (row.inode_soft_limit, row.inode_hard_limit) if limit]
    return any(row.block_current > limit for limit in blocks) or any(row.inode_current > limit for limit in inodes)


def _limits_of_stored(quota: StoredQuota) -> dict[str, Any]:
    return {name: getattr(quota, name) for name in LIMIT_FIELDS}
