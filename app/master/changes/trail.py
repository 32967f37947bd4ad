"""The audit trail's side of a change: an entry is there before the slave is asked, and settled by what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from app.auth.caller import Caller
from app.db.engine import Database
from app.db.repositories.audit import AuditRecord, AuditRepository
from app.master.errors import HostFailedError, HostRefusedError, HostTimeoutError
from app.quota.clock import Clock
from app.quota.errors import FieldFault, InvalidInputError, QmanError
from app.quota.values import QuotaType

_LONGEST_PROBLEM = 500


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
    unknown = isinstance(error, HostTimeoutError | HostFailedError)
    outcome = "unknown" if unknown else "failed" if isinstance(error, HostRefusedError) else "refused"
    return Settlement(audit_id, outcome, problem=error.detail[:_LONGEST_PROBLEM])


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

    def begin(self, caller: Caller, action: str, place: Place, reason: str, entries: Sequence[Entry]) -> Sequence[str]:
        """An entry of unknown outcome for each, committed; their ids in order."""
        now = self.clock()
        records = [_record(caller, action, place, reason, entry) for entry in entries]
        with self.database.write() as connection:
            AuditRepository(connection).add_all(AuditRecord(at=now, **record) for record in records)
        return [record["id"] for record in records]

    def settle(self, settlements: Sequence[Settlement]) -> None:
        """How they ended, in one transaction."""
        with self.database.write() as connection:
            settle_all(AuditRepository(connection), settlements)


def settle_all(audit: AuditRepository, settlements: Sequence[Settlement]) -> None:
    """The same, in a transaction that the caller has open."""
    for each in settlements:
        after = None if each.after is None else dict(each.after)
        audit.settle(each.audit_id, outcome=each.outcome, after=after, problem=each.problem)


def _record(caller: Caller, action: str, place: Place, reason: str, entry: Entry) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "actor_id": caller.person.id,
        "actor_name": caller.person.name,
        "via": caller.via,
        "action": action,
        "host_id": place.host_id,
        "device": place.device,
        "quota_type": place.quota_type.value,
        "target_id": None if entry.target_id is None else str(entry.target_id),
        "target_name": entry.target_name,
        "before": None if entry.before is None else dict(entry.before),
        "after": dict(entry.after),
        "reason": reason.strip(),
        "origin": caller.origin,
        "outcome": "unknown",
        "token_id": caller.token.id if caller.token else None,
        "token_name": caller.token.name if caller.token else None,
    }
