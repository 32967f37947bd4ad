"""Settles what became of changes that no answer told: by what stands at a later good reading."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from app.db.repositories.audit import AuditRecord, AuditRepository
from app.db.repositories.change_sets import ChangeSetRepository
from app.db.repositories.snapshots import SnapshotRepository, StoredDevice
from app.master.changes.stored import GRACE_FIELDS, LIMIT_FIELDS, find_device, limits_of
from app.master.collector.slave_client import CHANGE_SECONDS

log = structlog.get_logger(__name__)

OVER_AFTER = timedelta(seconds=CHANGE_SECONDS + 3)
"""A change that was begun so long before a reading is over for the master, answered or not."""
NOT_DONE_AFTER = timedelta(seconds=30)
"""A slave that was given up may go on for a while: only after so long is what does not stand not coming any more."""
NOT_DONE = "The host did not do it, as its next reading shows."


@dataclass(frozen=True, slots=True)
class Settling:
    """Compares entries of unknown outcome with what is stored. Use it in the transaction that stores readings."""

    audit: AuditRepository
    sets: ChangeSetRepository
    snapshots: SnapshotRepository

    def settle_unknown(self, read: Mapping[str, datetime], now: datetime) -> None:
        """Settles what these hosts' readings tell, each begun at its instant, good, and stored by now.

        A reading that found nothing changed counts like any other; of a device that has failed none counts. One query
        where nothing is open.
        """
        for record in self.audit.open_entries():
            begun_at = read.get(record.host_id or "")
            if begun_at is not None and begun_at > record.at + OVER_AFTER:
                self._settle(record, begun_at, now)

    def _settle(self, record: AuditRecord, begun_at: datetime, now: datetime) -> None:
        if record.quota_type is None:  # whose a Docker object is: app.master.docker.settling
            return
        device = find_device(self.snapshots, record.host_id or "", record.device or "")
        if device is None or device.status != "ok":
            return
        stands, is_done = self._stands(record, device)
        if is_done:
            self._write(record, "applied", stands, None, "reading", now)
        elif self.audit.is_overtaken(record):
            self._write(record, "unknown", None, record.problem, "overtaken", now)
        elif begun_at > record.at + NOT_DONE_AFTER:
            self._write(record, "failed", None, NOT_DONE, "reading", now)

    def _stands(self, record: AuditRecord, device: StoredDevice) -> tuple[dict[str, Any], bool]:
        """What stands, and whether that is what was asked for."""
        asked, none = record.after or {}, dict.fromkeys(LIMIT_FIELDS, 0)
        stands: dict[str, Any]
        if record.action == "set_grace_periods":
            info = device.head.get(f"{record.quota_type}_quota_info") or {}
            stands = {name: info.get(name) for name in GRACE_FIELDS}
        elif record.action == "set_default_limits":
            stands = device.head.get(f"{record.quota_type}_default_limits") or none
        else:
            key = (device.name, record.quota_type or "", int(record.target_id or 0))
            known = self.snapshots.find_quota(record.host_id or "", key)
            stands = none if known is None else limits_of(known)
            if known is not None and known.limits_source == "default" and not any(asked.values()):
                return stands, bool(asked)
        return dict(stands), bool(asked) and all(stands.get(name) == asked[name] for name in asked)

    def _write(
        self,
        record: AuditRecord,
        outcome: str,
        after: dict[str, Any] | None,
        problem: str | None,
        by: str,
        now: datetime,
    ) -> None:
        self.audit.settle(record.id, outcome=outcome, after=after, problem=problem, at=now, by=by)
        stored = None if problem is None else {"code": "host_error", "detail": problem, "errors": []}
        self.sets.settle(record.id, outcome, stored)
        log.info("change_settled", audit_id=record.id, host=record.host_id, outcome=outcome, by=by)
