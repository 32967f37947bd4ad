"""The use case "an admin sets the same limits for many ids of a device"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from app.auth.caller import Caller
from app.db.engine import Database
from app.db.repositories.audit import AuditRepository
from app.db.repositories.hosts import HostRepository
from app.db.repositories.snapshots import SnapshotRepository
from app.master.changes.slave_calls import SlaveCalls, chunks
from app.master.changes.stored import given_limits, limits_of, put_rows
from app.master.changes.trail import Entry, Place, Settlement, Trail, applied, not_applied, settle_all
from app.master.errors import HostFailedError, HostRefusedError
from app.master.fleet import Fleet, HostEntry
from app.master.wire.batch import ManyChangedOut, ManyIn, OneOfManyOut
from app.quota.clock import Clock
from app.quota.errors import DeviceTimeoutError, QmanError
from app.web.quota_changes import BatchResultOut, ChangeProblemOut

log = structlog.get_logger(__name__)

IDS_AT_ONCE = 100
"""So many ids go to the slave in one request: where each takes a tenth of a second, the answer is still in time."""
_NOT_SENT = HostRefusedError("The host failed before this change was sent to it. Nothing was changed.")

Begun = tuple[BatchResultOut, str]
"""What the slave foresees of one id, and the id of its audit entry."""


@dataclass(frozen=True, slots=True)
class SetManyLimits:
    """One set of limits for many ids; each has its own result and its own audit entry, and none stops another."""

    database: Database
    fleet: Fleet
    slaves: SlaveCalls
    trail: Trail
    clock: Clock

    def of_many(self, caller: Caller, host_id: str, change: ManyIn) -> ManyChangedOut:
        """The results in the order in which the ids were named.

        First the slave is asked what would be, which changes nothing; with `dry_run` that is the answer. Raises what
        fails for the whole: HostNotFoundError, InvalidInputError, what the slave refuses, HostRefusedError,
        HostTimeoutError, HostFailedError. A host that fails half-way is told in the results that it concerns.
        """
        host, place = self.fleet.get(host_id), Place(host_id, change.device, change.quota_type)
        limits = given_limits(change.limits)
        if not change.dry_run:
            self.trail.check_reason(change.reason)
        foreseen = self.slaves.set_many(host, place, change.targets, limits, dry_run=True).results
        if change.dry_run:
            return ManyChangedOut(results=[_result(each, None) for each in foreseen])
        entries = [
            Entry(each.id, each.name, limits_of(each.before) if each.before else None, limits) for each in foreseen
        ]
        audit_ids = self.trail.begin(caller, "set_limits", place, change.reason, entries)
        begun = list(zip(foreseen, audit_ids, strict=True))
        self.trail.settle([_settled(each, audit_id) for each, audit_id in begun if not each.ok])
        done = self._carry_out(host, place, limits, [(each, audit_id) for each, audit_id in begun if each.ok])
        log.info("limits_of_many_set", host=host_id, device=place.device, ids=len(done), **limits)
        return ManyChangedOut(results=[_result(done.get(audit_id, each), audit_id) for each, audit_id in begun])

    def _carry_out(
        self, host: HostEntry, place: Place, limits: dict[str, int], begun: Sequence[Begun]
    ) -> dict[str, BatchResultOut]:
        """The results by audit id. Nothing more is sent to a host that has failed."""
        done: dict[str, BatchResultOut] = {}
        failure: QmanError | None = None
        for some in chunks(begun, IDS_AT_ONCE):
            begun_at = self.clock()
            if failure is None:
                answered, failure = self._send(host, place, limits, some)
            else:
                answered = {audit_id: _failed(each, _NOT_SENT) for each, audit_id in some}
            with self.database.write() as connection:
                rows = [each.row for each in answered.values() if each.row is not None]
                if rows:
                    snapshots, hosts = SnapshotRepository(connection), HostRepository(connection)
                    put_rows(snapshots, hosts, place, rows, max(begun_at, self.clock()))
                settled = [_settled(each, audit_id, failure) for audit_id, each in answered.items()]
                settle_all(AuditRepository(connection), settled)
            done |= answered
        return done

    def _send(
        self, host: HostEntry, place: Place, limits: dict[str, int], some: Sequence[Begun]
    ) -> tuple[dict[str, BatchResultOut], QmanError | None]:
        ids = [each.id for each, _ in some if each.id is not None]
        try:
            answered = self.slaves.set_many(host, place, {"ids": ids}, limits, dry_run=False).results
        except QmanError as error:
            return {audit_id: _failed(each, error) for each, audit_id in some}, error
        by_id = {each.id: each for each in answered}
        if by_id.keys() != set(ids):
            garbled = HostFailedError("The host's answer is not about the ids that it was asked to change.")
            return {audit_id: _failed(each, garbled) for each, audit_id in some}, garbled
        return {audit_id: by_id[each.id] for each, audit_id in some}, None


def _failed(foreseen: BatchResultOut, error: QmanError) -> BatchResultOut:
    problem = ChangeProblemOut(code=error.code, detail=error.detail)
    return BatchResultOut(id=foreseen.id, name=foreseen.name, ok=False, before=foreseen.before, problem=problem)


def _settled(result: BatchResultOut, audit_id: str, failure: QmanError | None = None) -> Settlement:
    if result.row is not None:
        return applied(audit_id, limits_of(result.row))
    if result.problem is None:
        return not_applied(audit_id, HostFailedError("The host did not say what became of it."))
    if failure is not None and result.problem.code == failure.code:
        return not_applied(audit_id, failure)
    if result.problem.code == _NOT_SENT.code:
        return not_applied(audit_id, _NOT_SENT)
    if result.problem.code == DeviceTimeoutError.code:
        return Settlement(audit_id, "unknown", problem=result.problem.detail)
    return Settlement(audit_id, "refused", problem=result.problem.detail)


def _result(result: BatchResultOut, audit_id: str | None) -> OneOfManyOut:
    given: dict[str, Any] = {name: getattr(result, name) for name in result.model_fields_set}
    if audit_id is not None:
        given["audit_id"] = audit_id
    return OneOfManyOut(**given)
