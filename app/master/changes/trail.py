"""The audit trail's side of a change: an entry is there before the slave is asked, and settled by what it answers."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from app.auth.caller import Caller
from app.db.engine import Database
from app.db.errors import DatabaseUnavailableError, NoSpaceError
from app.db.repositories.audit import AuditRecord, AuditRepository
from app.master.errors import HostFailedError, HostRefusedError, HostTimeoutError
from app.quota.clock import Clock
from app.quota.errors import DeviceTimeoutError, FieldFault, InvalidInputError, QmanError
from app.quota.values import QuotaType

LONGEST_PROBLEM = 500
_LONGEST_NAME = 256
_NOT_NOTED = (
    "The host was asked to change it, and how that ended could not be written down: {why} "
    "The next reading of the host shows what stands."
)


@dataclass(frozen=True, slots=True)
class Place:
    """What is changed: the quotas of one type on a device of a host."""

    host_id: str
    device: str
    quota_type: QuotaType


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of one id (None: of the device itself), from what to what, as far as known beforehand."""

    target_id: int | None
    target_name: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]
    undo_of: str | None = None
    resend_of: str | None = None
    audit_id: str = field(default_factory=lambda: str(uuid4()))


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes something, as the trail keeps it."""

    id: str
    name: str
    via: str
    origin: str
    token_id: str | None = None
    token_name: str | None = None

    @classmethod
    def of(cls, caller: Caller) -> "Actor":
        """Whoever is calling."""
        token_id, token_name = (caller.token.id, caller.token.name) if caller.token else (None, None)
        return cls(caller.person.id, caller.person.name, caller.via, caller.origin, token_id, token_name)


@dataclass(frozen=True, slots=True)
class Begun:
    """What entries that are begun together share."""

    actor: Actor
    action: str
    place: Place
    reason: str
    change_set_id: str | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a change ended; `after` is what stands now, None where that is not known or nothing was changed."""

    audit_id: str
    outcome: str
    after: Mapping[str, Any] | None = None
    problem: str | None = None


def applied(audit_id: str, after: Mapping[str, Any]) -> Settlement:
    """It stands."""
    return Settlement(audit_id, "applied", after)


def not_applied(audit_id: str, error: QmanError) -> Settlement:
    """It failed: `unknown` where the slave may have done it, `failed` where it was not reached, else `refused`."""
    unknown = isinstance(error, HostTimeoutError | HostFailedError) or error.code == DeviceTimeoutError.code
    outcome = "unknown" if unknown else "failed" if isinstance(error, HostRefusedError) else "refused"
    return Settlement(audit_id, outcome, problem=error.detail[:LONGEST_PROBLEM])


@dataclass(frozen=True, slots=True)
class Trail:
    """Writes what people change. An acknowledged change is always in the trail."""

    database: Database
    clock: Clock
    require_reason: bool

    def check_reason(self, reason: str) -> None:
        """InvalidInputError: there is none, and the settings require one."""
        if self.require_reason and not reason.strip():
            fault = FieldFault("reason", "nothing", "a reason for the audit trail")
            raise InvalidInputError("A reason is required for every change.", fields=[fault])

    def begin(self, what: Begun, entries: Sequence[Entry]) -> Sequence[str]:
        """An entry of unknown outcome for each, committed; their ids in order."""
        with self.database.write() as connection:
            return begin_all(AuditRepository(connection), what, entries, self.clock())

    def settle(self, settlements: Sequence[Settlement]) -> None:
        """How they ended, in one transaction. Raises as `after_asking`."""
        with after_asking(), self.database.write() as connection:
            settle_all(AuditRepository(connection), settlements, self.clock())


@contextmanager
def after_asking() -> Iterator[None]:
    """What fails in the block fails after the host was asked: nobody may be told that nothing was changed.

    NoSpaceError, DatabaseUnavailableError: the entries keep their unknown outcome until a reading settles them.
    """
    try:
        yield
    except NoSpaceError as error:
        raise NoSpaceError(_NOT_NOTED.format(why="the disk of the database is full.")) from error
    except DatabaseUnavailableError as error:
        told = _NOT_NOTED.format(why="the database does not answer.")
        raise DatabaseUnavailableError(told, retry_after_seconds=error.retry_after_seconds) from error


def begin_all(audit: AuditRepository, what: Begun, entries: Sequence[Entry], at: datetime) -> Sequence[str]:
    """Adds entries of unknown outcome in a transaction that the caller has open; their ids in order."""
    audit.add_all(_record(what, entry, at) for entry in entries)
    return [entry.audit_id for entry in entries]


def settle_all(audit: AuditRepository, settlements: Sequence[Settlement], at: datetime) -> None:
    """How entries ended, in a transaction that the caller has open."""
    for each in settlements:
        after = None if each.after is None else dict(each.after)
        audit.settle(each.audit_id, outcome=each.outcome, after=after, problem=each.problem, at=at)


def _record(what: Begun, entry: Entry, at: datetime) -> AuditRecord:
    return AuditRecord(
        id=entry.audit_id,
        at=at,
        actor_id=what.actor.id,
        actor_name=what.actor.name,
        via=what.actor.via,
        action=what.action,
        host_id=what.place.host_id,
        device=what.place.device,
        quota_type=what.place.quota_type.value,
        target_id=None if entry.target_id is None else str(entry.target_id),
        target_name=None if entry.target_name is None else entry.target_name[:_LONGEST_NAME],
        before=None if entry.before is None else dict(entry.before),
        after=dict(entry.after),
        reason=what.reason.strip(),
        origin=what.actor.origin,
        outcome="unknown",
        undo_of=entry.undo_of,
        token_id=what.actor.token_id,
        token_name=what.actor.token_name,
        change_set_id=what.change_set_id,
        resend_of=entry.resend_of,
    )
