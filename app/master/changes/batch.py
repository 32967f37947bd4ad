"""The use case "an admin sets the same limits for many ids of a device"."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from app.auth.caller import Caller
from app.db.batches import in_batches
from app.db.engine import Database
from app.db.repositories.audit import AuditRepository
from app.db.repositories.change_sets import ChangeSetRepository
from app.db.repositories.hosts import HostRepository
from app.db.repositories.snapshots import SnapshotRepository
from app.master.changes.sending import IDS_AT_ONCE, NOT_SENT, Sent, failed, send, settlement_of
from app.master.changes.sets import new_set
from app.master.changes.slave_calls import SlaveCalls
from app.master.changes.stored import given_limits, limits_of, put_rows
from app.master.changes.trail import Actor, Begun, Entry, Place, Trail, after_asking, settle_all
from app.master.errors import ChangeSetNotFoundError
from app.master.fleet import Fleet, HostEntry
from app.master.wire.batch import ManyChangedOut, ManyIn, OneOfManyOut
from app.quota.clock import Clock
from app.quota.errors import QmanError
from app.web.quota_changes import BatchResultOut

log = structlog.get_logger(__name__)

Results = Sequence[tuple[BatchResultOut, str]]
"""What became of each id, and the id of its audit entry."""


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
        fails for the whole: HostNotFoundError, ChangeSetNotFoundError, InvalidInputError, what the slave refuses,
        HostRefusedError, HostTimeoutError, HostFailedError. A host that fails half-way is told in the results that it
        concerns.
        """
        host, place = self.fleet.get(host_id), Place(host_id, change.device, change.quota_type)
        limits = given_limits(change.limits)
        if not change.dry_run:
            self.trail.check_reason(change.reason)
        foreseen = self.slaves.set_many(host, place, change.targets, limits, dry_run=True).results
        if change.dry_run:
            return ManyChangedOut(results=[_result(each, None) for each in foreseen])
        actor = Actor.of(caller)
        set_id = self._change_set(actor, change)
        what = Begun(actor, "set_limits", place, change.reason, set_id)
        done = self._carry_out(host, what, limits, foreseen)
        log.info("limits_of_many_set", host=host_id, device=place.device, ids=len(done), change_set=set_id, **limits)
        return ManyChangedOut(results=[_result(each, audit_id) for each, audit_id in done], change_set=set_id)

    def _change_set(self, actor: Actor, change: ManyIn) -> str:
        """The set that it belongs to: the one named, or a new one."""
        now = self.clock()
        with self.database.write() as connection:
            sets = ChangeSetRepository(connection)
            if change.change_set is None:
                batch = new_set("batch", actor, change.reason, now, state="done")
                sets.add(batch)
                return batch.id
            known = sets.find(change.change_set)
        if known is None or (known.kind, known.actor_id) != ("batch", actor.id):
            raise ChangeSetNotFoundError("You have begun no batch of this id.")
        return known.id

    def _carry_out(
        self, host: HostEntry, what: Begun, limits: Mapping[str, int], foreseen: Sequence[BatchResultOut]
    ) -> Results:
        """Nothing more is sent to a host that has failed. Each piece is in the trail before it is sent."""
        done: list[tuple[BatchResultOut, str]] = []
        failure: QmanError | None = None
        for some in in_batches(foreseen, IDS_AT_ONCE):
            with after_asking() if done else nullcontext():
                audit_ids = self.trail.begin(what, [_entry(each, limits) for each in some])
            begun_at = self.clock()
            names = {each.id: each.name for each in some if each.ok and each.id is not None}
            if failure is not None:
                sent = Sent({quota_id: failed(quota_id, name, NOT_SENT) for quota_id, name in names.items()}, NOT_SENT)
            else:
                sent = send(self.slaves, host, what.place, limits, names)
                failure = sent.failure
            self._store(what.place, sent, list(zip(some, audit_ids, strict=True)), max(begun_at, self.clock()))
            done += [(_ended(each, sent), audit_id) for each, audit_id in zip(some, audit_ids, strict=True)]
        return done

    def _store(self, place: Place, sent: Sent, begun: Results, at: datetime) -> None:
        settled = [
            settlement_of(each, audit_id)
            if each.id is None or not each.ok
            else settlement_of(sent.by_id[each.id], audit_id, sent.failure)
            for each, audit_id in begun
        ]
        with after_asking(), self.database.write() as connection:
            if sent.rows:
                put_rows(SnapshotRepository(connection), HostRepository(connection), place, sent.rows, at)
            settle_all(AuditRepository(connection), settled, at)


def _entry(foreseen: BatchResultOut, limits: Mapping[str, int]) -> Entry:
    before = limits_of(foreseen.before) if foreseen.before else None
    return Entry(foreseen.id, foreseen.name, before, limits)


def _ended(foreseen: BatchResultOut, sent: Sent) -> BatchResultOut:
    """How it ended; what stood before was told beforehand where the answer does not tell."""
    if foreseen.id is None or not foreseen.ok:
        return foreseen
    result = sent.by_id[foreseen.id]
    given = {name: getattr(result, name) for name in result.model_fields_set}
    return BatchResultOut(**{**given, "before": result.before or foreseen.before})


def _result(result: BatchResultOut, audit_id: str | None) -> OneOfManyOut:
    given: dict[str, Any] = {name: getattr(result, name) for name in result.model_fields_set}
    if audit_id is not None:
        given["audit_id"] = audit_id
    return OneOfManyOut(**given)
