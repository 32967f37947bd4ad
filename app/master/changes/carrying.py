"""Carries out lines of change sets: some of one host at a time, each in the audit trail before it is sent."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from app.db.engine import Database
from app.db.repositories.audit import AuditRepository
from app.db.repositories.change_sets import ChangeLine, ChangeSet, ChangeSetRepository
from app.db.repositories.hosts import HostRepository
from app.db.repositories.leases import LeaseRepository
from app.db.repositories.snapshots import SnapshotRepository
from app.master.changes.patience import PAUSES, Patience
from app.master.changes.sending import IDS_AT_ONCE, NOT_SENT, Sent, problem_of, send, settlement_of
from app.master.changes.sets import actor_of
from app.master.changes.slave_calls import SlaveCalls
from app.master.changes.standing import look
from app.master.changes.stored import find_device, put_rows, stands_before
from app.master.changes.trail import Begun, Entry, Place, begin_all, settle_all
from app.master.errors import (
    HostFailedError,
    HostNotEnrolledError,
    HostNotFoundError,
    HostRefusedError,
    HostSuspendedError,
    HostTimeoutError,
)
from app.master.fleet import Fleet, HostEntry
from app.quota.clock import Clock
from app.quota.errors import DeviceTimeoutError, DeviceUnavailableError, QmanError
from app.quota.values import QuotaType

log = structlog.get_logger(__name__)

_LOOK_AHEAD = 5 * IDS_AT_ONCE
_HOST_FAILURES = (HostRefusedError, HostTimeoutError, HostFailedError)
_HOST_CLOSED = (HostSuspendedError, HostNotEnrolledError, HostNotFoundError)
_DEVICE_FAILURES = frozenset({DeviceTimeoutError.code, DeviceUnavailableError.code})

Fence = Callable[[LeaseRepository], None]
"""Raises LeaseLostError where another process carries out change sets by now."""


class LeaseLostError(Exception):
    """Another process carries out change sets now: nothing more may be sent from here."""


@dataclass(frozen=True, slots=True)
class _Work:
    """Lines of a set that ask for the same limits on the same device, and what stands where the host was asked."""

    change_set: ChangeSet
    host: HostEntry
    place: Place
    lines: Sequence[ChangeLine]
    stands: Mapping[int, Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Carrier:
    """Sends lines that wait. Callers keep to one at a time for each host."""

    database: Database
    fleet: Fleet
    slaves: SlaveCalls
    clock: Clock
    pause: Callable[[float], None] = time.sleep

    def carry_out_some(self, change_set: ChangeSet, host_id: str, fence: Fence) -> bool:
        """Sends the first lines of a set that wait for a host, and others that ask for the same; False: none waits.

        What the host does wrong is the lines' outcome. One that is busy is asked again for some seconds. A host or
        device that fails is not asked again in this set. LeaseLostError: nothing was sent, or it was busy.
        DatabaseUnavailableError, NoSpaceError: lines may stay marked as sent.
        """
        with self.database.read() as connection:
            waiting = ChangeSetRepository(connection).waiting(change_set.id, host_id, _LOOK_AHEAD)
        if not waiting:
            return False
        lines = _alike(waiting)
        place = Place(host_id, lines[0].device, QuotaType(lines[0].quota_type))
        try:
            host = self.fleet.get(host_id)
            work = _Work(change_set, host, place, lines)
            if change_set.kind == "undo" and not change_set.force:
                work = self._untouched(work, fence)
        except QmanError as error:
            self._refuse(change_set, place, lines, error)
            return True
        if work.lines:
            self._send(work, fence)
        return True

    def _untouched(self, work: _Work, fence: Fence) -> _Work:
        """Only the lines whose limits stand as expected, as the host says; what became of the others is settled."""
        by_id = {_id(line): line for line in work.lines}
        standing = look(self.slaves, work.host, work.place, by_id, self._patience(fence))
        with self.database.write() as connection:
            sets = ChangeSetRepository(connection)
            for line in standing.back:
                sets.give_up(line, "applied", None)
            for line, error in standing.refused:
                sets.give_up(line, "refused", _stored(error))
        return _Work(work.change_set, work.host, work.place, standing.untouched, standing.limits)

    def _send(self, work: _Work, fence: Fence) -> None:
        begun_at = self.clock()
        begun = self._begin(work, fence)
        names = {_id(line): line.name for line in work.lines if _id(line) in begun}
        sent = send(self.slaves, work.host, work.place, work.lines[0].limits, names, self._patience(fence))
        with self.database.write() as connection:
            if sent.rows:
                at = max(begun_at, self.clock())
                put_rows(SnapshotRepository(connection), HostRepository(connection), work.place, sent.rows, at)
            settlements = [
                settlement_of(sent.by_id[quota_id], audit_id, sent.failure) for quota_id, audit_id in begun.items()
            ]
            settle_all(AuditRepository(connection), settlements, self.clock())
            sets = ChangeSetRepository(connection)
            for settlement, quota_id in zip(settlements, begun, strict=True):
                sets.settle(settlement.audit_id, settlement.outcome, _problem(sent, quota_id))
            if sent.failure is not None:
                _give_up_rest(sets, work.change_set, work.place, sent.failure)
        place = {"host": work.place.host_id, "device": work.place.device}
        log.info("change_set_lines_sent", change_set=work.change_set.id, ids=len(begun), **place)

    def _begin(self, work: _Work, fence: Fence) -> dict[int, str]:
        """Claims the lines and adds their audit entries, in one transaction; audit ids by quota id."""
        change_set, place, now = work.change_set, work.place, self.clock()
        what = Begun(actor_of(change_set), "set_limits", place, change_set.reason, change_set.id)
        with self.database.write() as connection:
            fence(LeaseRepository(connection))
            sets, snapshots = ChangeSetRepository(connection), SnapshotRepository(connection)
            device, entries = find_device(snapshots, place.host_id, place.device), list[Entry]()
            for line in work.lines:
                quota_id = _id(line)
                known = snapshots.find_quota(place.host_id, (place.device, place.quota_type.value, quota_id))
                before = stands_before(device, known) if work.stands is None else work.stands[quota_id]
                entry = Entry(quota_id, line.name, before, line.limits, line.undo_of, line.audit_id)
                if sets.claim(line, entry.audit_id, None if before is None else dict(before)):
                    entries.append(entry)
            begin_all(AuditRepository(connection), what, entries, now)
        return {entry.target_id: entry.audit_id for entry in entries if entry.target_id is not None}

    def _patience(self, fence: Fence) -> Patience:
        def check() -> None:
            with self.database.write() as connection:
                fence(LeaseRepository(connection))

        return Patience(PAUSES, self.pause, check)

    def _refuse(self, change_set: ChangeSet, place: Place, lines: Sequence[ChangeLine], error: QmanError) -> None:
        """Nothing was sent for these lines."""
        outcome = "failed" if isinstance(error, (*_HOST_FAILURES, *_HOST_CLOSED)) else "refused"
        with self.database.write() as connection:
            sets = ChangeSetRepository(connection)
            for line in lines:
                sets.give_up(line, outcome, _stored(error))
            _give_up_rest(sets, change_set, place, error)


def _alike(waiting: Sequence[ChangeLine]) -> list[ChangeLine]:
    """The first line, and those after it that go to the host in the same request."""
    first = waiting[0]
    key = (first.device, first.quota_type, first.limits)
    return [line for line in waiting if (line.device, line.quota_type, line.limits) == key][:IDS_AT_ONCE]


def _give_up_rest(sets: ChangeSetRepository, change_set: ChangeSet, place: Place, failure: QmanError) -> None:
    if isinstance(failure, _HOST_FAILURES):
        sets.give_up_all(change_set.id, place.host_id, None, _stored(NOT_SENT))
    elif isinstance(failure, _HOST_CLOSED):
        sets.give_up_all(change_set.id, place.host_id, None, _stored(failure))
    elif failure.code in _DEVICE_FAILURES:
        sets.give_up_all(change_set.id, place.host_id, place.device, _stored(NOT_SENT))


def _problem(sent: Sent, quota_id: int) -> dict[str, Any] | None:
    problem = sent.by_id[quota_id].problem
    return None if problem is None else problem.model_dump(mode="json")


def _stored(error: QmanError) -> dict[str, Any]:
    return problem_of(error).model_dump(mode="json")


def _id(line: ChangeLine) -> int:
    assert line.quota_id is not None  # noqa: S101 - only lines that are wrong have none, and these never wait
    return line.quota_id
