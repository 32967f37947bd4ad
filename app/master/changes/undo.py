"""The use case "an admin undoes a change": a new change that brings back what stood before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog

from app.auth.caller import Caller
from app.db.engine import Database
from app.db.repositories.audit import AuditRecord, AuditRepository
from app.db.repositories.change_sets import ChangeLine, ChangeSetRepository
from app.master.changes.device import DeviceSettings
from app.master.changes.limits import SetLimits
from app.master.changes.sending import problem_of
from app.master.changes.sets import ChangeSets, get_set, new_set
from app.master.changes.stored import GRACE_FIELDS, LIMIT_FIELDS, differing, limits_of, limits_to_restore
from app.master.changes.trail import Actor, Place
from app.master.errors import ChangeNotFoundError, ChangeSetStateError, HostFailedError, NotUndoableError
from app.master.wire.batch import DefaultsIn, GraceChangeIn
from app.master.wire.change_sets import UndoIn, UndoneOut
from app.master.wire.changes import ChangeIn
from app.quota.errors import FieldFault, StaleUpdateError
from app.quota.values import QuotaType
from app.web.wire import In

log = structlog.get_logger(__name__)

M = TypeVar("M", bound=In)


@dataclass(frozen=True, slots=True)
class Undo:
    """Undoes one entry at once, and a change set in the background. An undo is a change: it can be undone."""

    database: Database
    one: SetLimits
    device: DeviceSettings
    sets: ChangeSets

    def entry(self, caller: Caller, audit_id: str, how: UndoIn) -> UndoneOut:
        """Brings back what stood before an entry.

        ChangeNotFoundError, NotUndoableError. StaleUpdateError: somebody else has changed it since, with what stands
        now; not with `force`. Else as the change itself.
        """
        with self.database.read() as connection:
            record = AuditRepository(connection).find(audit_id)
        if record is None:
            raise ChangeNotFoundError("There is no entry of this id.")
        _check_undoable(record, force=how.force)
        self.sets.trail.check_reason(how.reason)
        if record.action == "set_limits":
            return self._limits(caller, record, how)
        return self._device_setting(caller, record, how)

    def change_set(self, caller: Caller, set_id: str, how: UndoIn) -> str:
        """Begins a set that brings back what stood before another; its id. What changed since fails line by line.

        ChangeSetNotFoundError, ChangeSetStateError: it is not over. NotUndoableError: it changed nothing.
        """
        self.sets.trail.check_reason(how.reason)
        now = self.sets.clock()
        undo = new_set("undo", Actor.of(caller), how.reason, now, state="running", undo_of=set_id, force=how.force)
        with self.database.write() as connection:
            sets = ChangeSetRepository(connection)
            if get_set(sets, set_id).state not in {"done", "cancelled"}:
                raise ChangeSetStateError("It is not over: cancel it, or wait for its end.")
            lines = _lines(undo.id, AuditRepository(connection).of_set(set_id), force=how.force)
            if not lines:
                raise NotUndoableError("It has changed nothing.")
            sets.add(undo, lines)
        log.info("undo_started", change_set=undo.id, undo_of=set_id, lines=len(lines))
        self.sets.wake()
        return undo.id

    def _limits(self, caller: Caller, record: AuditRecord, how: UndoIn) -> UndoneOut:
        place, quota_id = _place(record), int(record.target_id or 0)
        limits = limits_to_restore(record.before or {})
        if not how.force:
            self._check_untouched(place, quota_id, limits, record.after or {})
        change = _filled(ChangeIn, limits, how.reason)
        done = self.one.of_one(caller, place, quota_id, change, undo_of=record.id)
        return UndoneOut(audit_id=done.audit_id, undo_of=record.id, row=done.row, warnings=done.warnings)

    def _check_untouched(
        self, place: Place, quota_id: int, limits: Mapping[str, int], after: Mapping[str, Any]
    ) -> None:
        """Asks the host what stands, which changes nothing."""
        host = self.one.fleet.get(place.host_id)
        (foreseen,) = self.one.slaves.set_many(host, place, {"ids": [quota_id]}, limits, dry_run=True).results
        if foreseen.before is None:
            raise HostFailedError("The host did not say what stands. Nothing was changed.")
        _refuse_if(differing(limits_of(foreseen.before), after))

    def _device_setting(self, caller: Caller, record: AuditRecord, how: UndoIn) -> UndoneOut:
        place, before, after = _place(record), record.before or {}, record.after or {}
        if record.action == "set_grace_periods":
            periods = {name: before[name] for name in GRACE_FIELDS}
            if not how.force:
                stands = self.device.grace(place).model_dump()
                _refuse_if(_differing(stands, after, GRACE_FIELDS))
            change = _filled(GraceChangeIn, periods, how.reason)
            grace = self.device.set_grace(caller, place, change, undo_of=record.id)
            return UndoneOut(audit_id=grace.audit_id, undo_of=record.id, grace=grace.grace)
        if not how.force:
            _refuse_if(_differing(self.device.defaults(place).model_dump(), after, LIMIT_FIELDS))
        defaults = self.device.set_defaults(
            caller, place, _filled(DefaultsIn, limits_to_restore(before), how.reason), undo_of=record.id
        )
        return UndoneOut(audit_id=defaults.audit_id, undo_of=record.id, defaults=defaults.defaults)


def _check_undoable(record: AuditRecord, *, force: bool) -> None:
    if record.action not in {"set_limits", "set_default_limits", "set_grace_periods"}:
        raise NotUndoableError("Only limits, default limits and grace periods are undone here.")
    if record.outcome == "unknown" and not force:
        raise NotUndoableError("What became of it is not known yet; the next reading of the host tells.")
    if record.outcome in {"refused", "failed"}:
        raise NotUndoableError("It has changed nothing.")
    if record.before is None:
        raise NotUndoableError("What stood before is not known.")


def _lines(set_id: str, records: Sequence[AuditRecord], *, force: bool) -> list[ChangeLine]:
    """A line for each quota that the entries have changed or may have changed: back to before the first of them."""
    by_quota: dict[tuple[str | None, ...], list[AuditRecord]] = {}
    for record in records:
        if record.outcome in {"applied", "unknown"}:
            key = (record.host_id, record.device, record.quota_type, record.target_id)
            by_quota.setdefault(key, []).append(record)
    return [_line(set_id, number, of_one, force=force) for number, of_one in enumerate(by_quota.values(), 1)]


def _line(set_id: str, number: int, records: Sequence[AuditRecord], *, force: bool) -> ChangeLine:
    first, last, problem = records[0], records[-1], None
    after = last.after or {}
    try:
        _check_undoable(last if last.outcome == "unknown" else first, force=force or last.outcome == "applied")
    except NotUndoableError as error:
        problem = problem_of(error).model_dump(mode="json")
    place = _place(last)
    return ChangeLine(
        change_set_id=set_id,
        number=number,
        host_id=place.host_id,
        device=place.device,
        quota_type=place.quota_type.value,
        quota_id=int(last.target_id or 0),
        name=last.target_name or f"#{last.target_id}",
        limits=limits_to_restore(first.before or {}),
        before=last.after,
        expected=None if force else {name: after[name] for name in LIMIT_FIELDS if name in after},
        outcome="waiting" if problem is None else "wrong",
        problem=problem,
        undo_of=last.id,
    )


def _place(record: AuditRecord) -> Place:
    return Place(record.host_id or "", record.device or "", QuotaType(record.quota_type or "user"))


def _differing(stands: Mapping[str, Any], after: Mapping[str, Any], names: Sequence[str]) -> list[FieldFault]:
    return [
        FieldFault(name, str(stands[name]), str(after[name]))
        for name in names
        if name in after and stands[name] != after[name]
    ]


def _refuse_if(faults: Sequence[FieldFault]) -> None:
    if faults:
        raise StaleUpdateError(
            "It was changed since: `errors` says what stands now. Nothing was changed.", fields=faults
        )


def _filled(model: type[M], values: Mapping[str, int], reason: str) -> M:
    return model.model_validate({**values, "reason": reason})
