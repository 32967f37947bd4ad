"""Change sets as people see them."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.db.engine import Database
from app.db.repositories.change_sets import ChangeLine, ChangeSet, ChangeSetRepository, LineFilter
from app.master.changes.sets import get_set
from app.master.wire.change_sets import ChangeLineOut, ChangeLinesOut, ChangeSetOut, ChangeSetsOut, LinesQuery
from app.master.wire.pages import PageQuery

_WAITING, _FAILED = ("waiting", "sent"), ("refused", "failed")
_ONLY: Mapping[str, LineFilter] = {
    "below_usage": LineFilter(below_usage=True),
    "waiting": LineFilter(_WAITING),
    "done": LineFilter(("applied",)),
    "failed": LineFilter(_FAILED),
    "problems": LineFilter(("wrong", *_FAILED, "unknown")),
}


@dataclass(frozen=True, slots=True)
class ChangeSetPages:
    """Answers for the page Import, and for whoever watches a change set."""

    database: Database

    def page(self, query: PageQuery) -> ChangeSetsOut:
        """Sets that were begun, the newest first."""
        with self.database.read() as connection:
            sets = ChangeSetRepository(connection)
            found, total = sets.page(limit=query.page_size, offset=(query.page - 1) * query.page_size)
            items = _sets_out(sets, found)
        return ChangeSetsOut(items=items, total=total, page=query.page, page_size=query.page_size)

    def one(self, set_id: str) -> ChangeSetOut:
        """How far a set is. ChangeSetNotFoundError."""
        with self.database.read() as connection:
            sets = ChangeSetRepository(connection)
            (found,) = _sets_out(sets, [get_set(sets, set_id)])
        return found

    def lines(self, set_id: str, query: LinesQuery) -> ChangeLinesOut:
        """Lines of a set; a batch has none, its entries in the audit trail tell. ChangeSetNotFoundError."""
        wanted = LineFilter() if query.only is None else _ONLY.get(query.only, LineFilter((query.only,)))
        with self.database.read() as connection:
            sets = ChangeSetRepository(connection)
            get_set(sets, set_id)
            found, total = sets.lines(set_id, wanted, limit=query.page_size, offset=(query.page - 1) * query.page_size)
        items = [_line_out(line) for line in found]
        return ChangeLinesOut(items=items, total=total, page=query.page, page_size=query.page_size)


def _sets_out(sets: ChangeSetRepository, found: list[ChangeSet]) -> list[ChangeSetOut]:
    counts, undone = sets.counts([each.id for each in found]), sets.undone_by([each.id for each in found])
    return [_set_out(each, counts.get(each.id, {}), undone.get(each.id)) for each in found]


def _set_out(change_set: ChangeSet, counts: Mapping[str, int], undone_by: str | None) -> ChangeSetOut:
    return ChangeSetOut.model_validate(
        {
            "id": change_set.id,
            "kind": change_set.kind,
            "state": change_set.state,
            "created_at": change_set.created_at,
            "started_at": change_set.started_at,
            "ended_at": change_set.ended_at,
            "actor": {"id": change_set.actor_id, "name": change_set.actor_name},
            "via": change_set.via,
            "reason": change_set.reason,
            "undo_of": change_set.undo_of,
            "undone_by": undone_by,
            "counts": {
                "total": sum(count for outcome, count in counts.items() if outcome != "below_usage"),
                "wrong": counts.get("wrong", 0),
                "waiting": sum(counts.get(outcome, 0) for outcome in _WAITING),
                "done": counts.get("applied", 0),
                "failed": sum(counts.get(outcome, 0) for outcome in _FAILED),
                "unknown": counts.get("unknown", 0),
                "cancelled": counts.get("cancelled", 0),
                "below_usage": counts.get("below_usage", 0),
            },
        },
        strict=False,
    )


def _line_out(line: ChangeLine) -> ChangeLineOut:
    return ChangeLineOut.model_validate(
        {
            "line": line.number,
            "host": line.host_id,
            "device": line.device,
            "quota_type": line.quota_type,
            "id": line.quota_id,
            "name": line.name,
            "before": line.before,
            "after": line.limits,
            "outcome": line.outcome,
            "warnings": ["below_usage"] if line.below_usage else [],
            "problem": line.problem,
            "audit_id": line.audit_id,
        },
        strict=False,
    )
