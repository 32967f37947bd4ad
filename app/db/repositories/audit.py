"""The audit trail."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, or_, select, update

from app.db.tables.audit import AuditRow


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One change; `outcome` is `unknown` until it is settled."""

    id: str
    at: datetime
    actor_id: str
    actor_name: str
    via: str
    action: str
    host_id: str | None
    device: str | None
    quota_type: str | None
    target_id: str | None
    target_name: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str
    origin: str
    outcome: str
    problem: str | None = None
    undo_of: str | None = None
    token_id: str | None = None
    token_name: str | None = None


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which changes; None is any. `since` and `until` are aware UTC, `until` excluded."""

    actor: str | None = None
    host: str | None = None
    device: str | None = None
    target: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None


_SORT: dict[str, Any] = {
    "at": AuditRow.at,
    "host": AuditRow.host_id,
    "device": AuditRow.device,
    "target_name": AuditRow.target_name,
    "action": AuditRow.action,
}


class AuditRepository:
    """Adds to the audit trail and lists it, on one connection. Nothing is ever deleted."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, record: AuditRecord) -> None:
        """A new entry."""
        self._connection.execute(insert(AuditRow).values(**asdict(record)))

    def add_all(self, records: Iterable[AuditRecord]) -> None:
        """New entries."""
        values = [asdict(record) for record in records]
        if values:
            self._connection.execute(insert(AuditRow), values)

    def settle(self, audit_id: str, *, outcome: str, after: dict[str, Any] | None, problem: str | None) -> None:
        """How an entry of unknown outcome ended; a settled one stays as it is."""
        where = (AuditRow.id == audit_id, AuditRow.outcome == "unknown")
        self._connection.execute(update(AuditRow).where(*where).values(outcome=outcome, after=after, problem=problem))

    def page(
        self, wanted: AuditFilter, order: Sequence[tuple[str, bool]], *, limit: int, offset: int
    ) -> tuple[list[AuditRecord], int]:
        """Entries in the given order, newest first where none is given, and how many there are in all."""
        conditions = _conditions(wanted)
        order = order or [("at", True)]
        clauses = [_SORT[name].desc() if down else _SORT[name].asc() for name, down in order]
        query = select(*AuditRow.__table__.columns).where(*conditions).order_by(*clauses, AuditRow.id)
        rows = self._connection.execute(query.limit(limit).offset(offset))
        total = self._connection.execute(select(func.count()).select_from(AuditRow).where(*conditions)).scalar_one()
        return [AuditRecord(*row) for row in rows], total


def _conditions(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    equal: list[tuple[Any, object]] = [
        (AuditRow.host_id, wanted.host),
        (AuditRow.device, wanted.device),
        (AuditRow.action, wanted.action),
    ]
    conditions += [column == value for column, value in equal if value is not None]
    if wanted.actor is not None:
        conditions.append(or_(AuditRow.actor_id == wanted.actor, AuditRow.actor_name == wanted.actor))
    if wanted.target is not None:
        conditions.append(or_(AuditRow.target_id == wanted.target, AuditRow.target_name == wanted.target))
    if wanted.since is not None:
        conditions.append(AuditRow.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(AuditRow.at < wanted.until)
    if wanted.text:
        columns = (AuditRow.target_name, AuditRow.reason, AuditRow.actor_name, AuditRow.host_id, AuditRow.device)
        conditions.append(or_(*(column.icontains(wanted.text, autoescape=True) for column in columns)))
    return conditions
