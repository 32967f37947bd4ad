"""Change sets and their lines."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from app.db.tables.changes import ChangeLineRow, ChangeSetRow


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """See `ChangeSetRow`."""

    id: str
    kind: str
    state: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    actor_id: str
    actor_name: str
    via: str
    origin: str
    token_id: str | None
    token_name: str | None
    reason: str
    undo_of: str | None = None
    force: bool = False


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """See `ChangeLineRow`."""

    change_set_id: str
    number: int
    host_id: str
    device: str
    quota_type: str
    quota_id: int | None
    name: str
    limits: dict[str, int]
    before: dict[str, Any] | None
    expected: dict[str, int] | None
    outcome: str
    below_usage: bool = False
    problem: dict[str, Any] | None = None
    audit_id: str | None = None
    undo_of: str | None = None


@dataclass(frozen=True, slots=True)
class LineFilter:
    """Which lines; None is any. `outcomes` are alternatives."""

    outcomes: Sequence[str] | None = None
    below_usage: bool = False


class ChangeSetRepository:
    """Change sets on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, change_set: ChangeSet, lines: Iterable[ChangeLine] = ()) -> None:
        """A new set with its lines."""
        self._connection.execute(insert(ChangeSetRow).values(**asdict(change_set)))
        values = [asdict(line) for line in lines]
        if values:
            self._connection.execute(insert(ChangeLineRow), values)

    def find(self, set_id: str) -> ChangeSet | None:
        """One set, or None."""
        row = self._connection.execute(_SETS.where(ChangeSetRow.id == set_id)).one_or_none()
        return None if row is None else ChangeSet(*row)

    def page(self, *, limit: int, offset: int) -> tuple[list[ChangeSet], int]:
        """Sets that were started, the newest first, and how many there are in all."""
        started = ChangeSetRow.state != "draft"
        query = _SETS.where(started).order_by(ChangeSetRow.created_at.desc(), ChangeSetRow.id)
        total = self._connection.execute(select(func.count()).select_from(ChangeSetRow).where(started)).scalar_one()
        return [ChangeSet(*row) for row in self._connection.execute(query.limit(limit).offset(offset))], total

    def running(self) -> list[ChangeSet]:
        """Sets that are under way, the oldest first."""
        query = _SETS.where(ChangeSetRow.state == "running").order_by(ChangeSetRow.started_at, ChangeSetRow.id)
        return [ChangeSet(*row) for row in self._connection.execute(query)]

    def undone_by(self, set_ids: Iterable[str]) -> dict[str, str]:
        """The newest undo of each of these sets that has one."""
        query = select(ChangeSetRow.undo_of, ChangeSetRow.id).where(ChangeSetRow.undo_of.in_(list(set_ids)))
        rows = self._connection.execute(query.order_by(ChangeSetRow.created_at, ChangeSetRow.id))
        return {undo_of: set_id for undo_of, set_id in rows if undo_of is not None}

    def start(self, set_id: str, at: datetime, actor: Mapping[str, str | None], reason: str) -> bool:
        """A draft runs from now on, in the name of these members of a set; False when it is none any more."""
        where = (ChangeSetRow.id == set_id, ChangeSetRow.state == "draft")
        values = {**actor, "state": "running", "started_at": at, "reason": reason}
        return bool(self._connection.execute(update(ChangeSetRow).where(*where).values(**values)).rowcount)

    def start_again(self, set_id: str, actor: Mapping[str, str | None]) -> bool:
        """A set that is over runs again, in the name of these members of a set; False when it is not over."""
        where = (ChangeSetRow.id == set_id, ChangeSetRow.state.in_(("done", "cancelled")))
        values = {**actor, "state": "running", "ended_at": None}
        return bool(self._connection.execute(update(ChangeSetRow).where(*where).values(**values)).rowcount)

    def end(self, set_id: str, at: datetime, state: str) -> None:
        """A running set is over."""
        where = (ChangeSetRow.id == set_id, ChangeSetRow.state == "running")
        self._connection.execute(update(ChangeSetRow).where(*where).values(state=state, ended_at=at))

    def forget_drafts(self, before: datetime) -> None:
        """Drops previews from before that instant that nobody has run."""
        where = (ChangeSetRow.state == "draft", ChangeSetRow.created_at < before)
        self._connection.execute(delete(ChangeSetRow).where(*where))

    def counts(self, set_ids: Iterable[str]) -> dict[str, dict[str, int]]:
        """By set: how many lines by outcome, and `below_usage` among those that are not wrong."""
        found: dict[str, dict[str, int]] = {}
        columns = (ChangeLineRow.change_set_id, ChangeLineRow.outcome, ChangeLineRow.below_usage)
        query = select(*columns, func.count()).where(ChangeLineRow.change_set_id.in_(list(set_ids))).group_by(*columns)
        for set_id, outcome, is_below, count in self._connection.execute(query):
            counts = found.setdefault(set_id, {})
            counts[outcome] = counts.get(outcome, 0) + count
            if is_below:
                counts["below_usage"] = counts.get("below_usage", 0) + count
        return found

    def lines(
        self, set_id: str, wanted: LineFilter, *, limit: int | None = None, offset: int = 0
    ) -> tuple[list[ChangeLine], int]:
        """Lines in the order of the file, and how many there are in all."""
        conditions = [ChangeLineRow.change_set_id == set_id]
        if wanted.outcomes is not None:
            conditions.append(ChangeLineRow.outcome.in_(wanted.outcomes))
        if wanted.below_usage:
            conditions.append(ChangeLineRow.below_usage.is_(True))
        query = _LINES.where(*conditions).order_by(ChangeLineRow.number).limit(limit).offset(offset)
        total = self._connection.execute(select(func.count()).select_from(ChangeLineRow).where(*conditions))
        return [ChangeLine(*row) for row in self._connection.execute(query)], total.scalar_one()

    def hosts_waiting(self, set_ids: Iterable[str]) -> list[str]:
        """Hosts that some line of these sets waits for."""
        where = (ChangeLineRow.change_set_id.in_(list(set_ids)), ChangeLineRow.outcome == "waiting")
        query = select(ChangeLineRow.host_id).where(*where).distinct().order_by(ChangeLineRow.host_id)
        return list(self._connection.execute(query).scalars())

    def waiting(self, set_id: str, host_id: str, limit: int) -> list[ChangeLine]:
        """The first lines of a set that wait for a host."""
        query = _LINES.where(*_waiting(set_id, host_id)).order_by(ChangeLineRow.number).limit(limit)
        return [ChangeLine(*row) for row in self._connection.execute(query)]

    def claim(self, line: ChangeLine, audit_id: str, before: dict[str, Any] | None) -> bool:
        """The line is being sent, under this audit entry; False when it waits no more (cancelled, taken by others)."""
        where = (*_is(line.change_set_id, line.number), ChangeLineRow.outcome == "waiting")
        values = {"outcome": "sent", "audit_id": audit_id, "before": before if line.audit_id is None else line.before}
        return bool(self._connection.execute(update(ChangeLineRow).where(*where).values(**values)).rowcount)

    def settle(self, audit_id: str, outcome: str, problem: dict[str, Any] | None) -> None:
        """How the line that was sent under this audit entry ended; nothing happens where none was."""
        settled = update(ChangeLineRow).where(ChangeLineRow.audit_id == audit_id)
        self._connection.execute(settled.values(outcome=outcome, problem=problem))

    def give_up(self, line: ChangeLine, outcome: str, problem: dict[str, Any] | None) -> None:
        """A line that waits will not be sent, and why; None: since there is nothing left to do."""
        where = (*_is(line.change_set_id, line.number), ChangeLineRow.outcome == "waiting")
        self._connection.execute(update(ChangeLineRow).where(*where).values(outcome=outcome, problem=problem))

    def give_up_all(self, set_id: str, host_id: str, device: str | None, problem: dict[str, Any]) -> None:
        """Nothing of a set that still waits for a host (or one device of it) will be sent, and why."""
        given_up = update(ChangeLineRow).where(*_waiting(set_id, host_id))
        if device is not None:
            given_up = given_up.where(ChangeLineRow.device == device)
        self._connection.execute(given_up.values(outcome="failed", problem=problem))

    def cancel(self, set_id: str) -> None:
        """What waits is not sent any more."""
        where = (ChangeLineRow.change_set_id == set_id, ChangeLineRow.outcome == "waiting")
        self._connection.execute(update(ChangeLineRow).where(*where).values(outcome="cancelled"))

    def wait_once_more(self, set_id: str) -> int:
        """Lines that were not done, or perhaps not, wait again; gives how many. Only the latter keep their entry."""
        mine = ChangeLineRow.change_set_id == set_id
        not_done = update(ChangeLineRow).where(mine, ChangeLineRow.outcome.in_(("refused", "failed", "cancelled")))
        perhaps_not = update(ChangeLineRow).where(mine, ChangeLineRow.outcome == "unknown")
        again = {"outcome": "waiting", "problem": None}
        lines = self._connection.execute(not_done.values(**again, audit_id=None)).rowcount
        return int(lines + self._connection.execute(perhaps_not.values(**again)).rowcount)

    def wait_again(self, set_ids: Iterable[str]) -> int:
        """Lines that were being sent when their process ended wait again; gives how many."""
        where = (ChangeLineRow.change_set_id.in_(list(set_ids)), ChangeLineRow.outcome == "sent")
        return int(self._connection.execute(update(ChangeLineRow).where(*where).values(outcome="waiting")).rowcount)


_SETS = select(*ChangeSetRow.__table__.columns)
_LINES = select(*ChangeLineRow.__table__.columns)


def _is(set_id: str, number: int) -> tuple[Any, ...]:
    return (ChangeLineRow.change_set_id == set_id, ChangeLineRow.number == number)


def _waiting(set_id: str, host_id: str) -> tuple[Any, ...]:
    return (
        ChangeLineRow.change_set_id == set_id,
        ChangeLineRow.host_id == host_id,
        ChangeLineRow.outcome == "waiting",
    )
