"""The audit trail."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, text, update

from app.db.asking import contains, ordered
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
    change_set_id: str | None = None
    resend_of: str | None = None
    settled_at: datetime | None = None
    settled_by: str | None = None


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which changes; None is any. `since` and `until` are aware UTC, `until` excluded."""

    actor: str | None = None
    host: str | None = None
    device: str | None = None
    target: str | None = None
    action: str | None = None
    outcome: str | None = None
    change_set: str | None = None
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

    def settle(
        self,
        audit_id: str,
        *,
        outcome: str,
        after: dict[str, Any] | None,
        problem: str | None,
        at: datetime,
        by: str = "answer",
    ) -> None:
        """How an entry of unknown outcome ended; a settled one stays as it is.

        Where the answer itself leaves it unknown, what was asked for stays, and the entry waits for a reading.
        """
        values: dict[str, Any] = {"outcome": outcome, "problem": problem}
        if outcome != "unknown":
            values["after"] = after
        if outcome != "unknown" or by != "answer":
            values |= {"settled_at": at, "settled_by": by}
        self._connection.execute(update(AuditRow).where(AuditRow.id == audit_id, *_OPEN).values(**values))

    def after(self, wanted: AuditFilter, last: AuditRecord | None, *, limit: int) -> list[AuditRecord]:
        """The next entries after this one, the newest first; None: from the start."""
        query = _ENTRIES.where(*_conditions(self._connection, wanted))
        if last is not None:
            query = query.where(or_(AuditRow.at < last.at, and_(AuditRow.at == last.at, AuditRow.id > last.id)))
        query = query.order_by(AuditRow.at.desc(), AuditRow.id).limit(limit)
        return [AuditRecord(*row) for row in self._connection.execute(query)]

    def find(self, audit_id: str) -> AuditRecord | None:
        """One entry, or None."""
        row = self._connection.execute(_ENTRIES.where(AuditRow.id == audit_id)).one_or_none()
        return None if row is None else AuditRecord(*row)

    def of_set(self, change_set_id: str) -> list[AuditRecord]:
        """The entries of a change set in the order in which they were begun."""
        query = _ENTRIES.where(AuditRow.change_set_id == change_set_id).order_by(AuditRow.at, AuditRow.id)
        return [AuditRecord(*row) for row in self._connection.execute(query)]

    def open_entries(self) -> list[AuditRecord]:
        """Entries whose outcome nothing has told yet, the oldest first."""
        query = _ENTRIES.where(*_OPEN).order_by(AuditRow.at, AuditRow.id)
        return [AuditRecord(*row) for row in self._connection.execute(query)]

    def is_overtaken(self, record: AuditRecord, actions: Sequence[str] = ()) -> bool:
        """Was the same thing changed, or perhaps changed, after this entry was begun, by any of these actions?

        By default by the entry's own.
        """
        same = (AuditRow.host_id, AuditRow.device, AuditRow.quota_type, AuditRow.target_id)
        values = (record.host_id, record.device, record.quota_type, record.target_id)
        later = [column.is_not_distinct_from(value) for column, value in zip(same, values, strict=True)]
        later += [AuditRow.action.in_(actions or (record.action,))]
        later += [AuditRow.at >= record.at, AuditRow.id != record.id, AuditRow.outcome.in_(("applied", "unknown"))]
        return self._connection.execute(select(AuditRow.id).where(*later).limit(1)).first() is not None

    def last_on(self, place: tuple[str, str, str], actions: Sequence[str], *, limit: int) -> list[AuditRecord]:
        """The last of these actions on a target (host, device, its id), the newest first."""
        columns = (AuditRow.host_id, AuditRow.device, AuditRow.target_id)
        is_on = [column == value for column, value in zip(columns, place, strict=True)]
        query = _ENTRIES.where(*is_on, AuditRow.action.in_(actions))
        query = query.order_by(AuditRow.at.desc(), AuditRow.id).limit(limit)
        return [AuditRecord(*row) for row in self._connection.execute(query)]

    def page(
        self, wanted: AuditFilter, order: Sequence[tuple[str, bool]], *, limit: int, offset: int
    ) -> tuple[list[AuditRecord], int]:
        """Entries in the given order, newest first where none is given, and how many there are in all."""
        conditions = _conditions(self._connection, wanted)
        order = order or [("at", True)]
        clauses = [ordered(_SORT[name], down=down) for name, down in order]
        query = _ENTRIES.where(*conditions).order_by(*clauses, AuditRow.id)
        rows = self._connection.execute(query.limit(limit).offset(offset))
        total = self._connection.execute(select(func.count()).select_from(AuditRow).where(*conditions)).scalar_one()
        return [AuditRecord(*row) for row in rows], total


_ENTRIES = select(*AuditRow.__table__.columns)
_OPEN = (text("audit.outcome = 'unknown' AND audit.settled_at IS NULL"),)
"""As the index has it, literally: else PostgreSQL and SQLite do not use it."""


def _conditions(connection: Connection, wanted: AuditFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    equal: list[tuple[Any, object]] = [
        (AuditRow.host_id, wanted.host),
        (AuditRow.device, wanted.device),
        (AuditRow.action, wanted.action),
        (AuditRow.outcome, wanted.outcome),
        (AuditRow.change_set_id, wanted.change_set),
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
        columns = (
            *(AuditRow.target_name, AuditRow.reason, AuditRow.actor_name, AuditRow.host_id, AuditRow.device),
            *(AuditRow.id, AuditRow.target_id, AuditRow.token_name, AuditRow.problem, AuditRow.change_set_id),
        )
        conditions.append(contains(connection, wanted.text, columns))
    return conditions
