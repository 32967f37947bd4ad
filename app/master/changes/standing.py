"""What stands on a host before lines of an undo are sent: only what nobody has changed since is brought back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.db.repositories.change_sets import ChangeLine
from app.master.changes.patience import Patience
from app.master.changes.slave_calls import SlaveCalls
from app.master.changes.stored import differing, limits_of
from app.master.changes.trail import Place
from app.master.errors import HostFailedError, HostTimeoutError
from app.master.fleet import HostEntry
from app.quota.errors import QmanError, StaleUpdateError
from app.web.quota_changes import BatchResultOut


@dataclass(frozen=True, slots=True)
class Standing:
    """Lines by what is to be done: `untouched` ones are sent, those `back` stand as wanted already, the others not.

    `limits`: what stands, by id.
    """

    untouched: Sequence[ChangeLine]
    back: Sequence[ChangeLine]
    refused: Sequence[tuple[ChangeLine, QmanError]]
    limits: Mapping[int, Mapping[str, Any]]


def look(
    slaves: SlaveCalls, host: HostEntry, place: Place, lines: Mapping[int, ChangeLine], patience: Patience
) -> Standing:
    """Asks the host about lines by quota id, all with the same limits. Changes nothing; raises as `SlaveCalls`."""
    ids, limits = list(lines), next(iter(lines.values())).limits
    try:
        answer = patience.ask(lambda: slaves.set_many(host, place, {"ids": ids}, limits, dry_run=True))
    except HostTimeoutError as error:
        raise HostTimeoutError("The host did not say in time what stands. Nothing was changed.") from error
    told = {each.id: each for each in answer.results if each.id is not None}
    untouched, back, refused = list[ChangeLine](), list[ChangeLine](), list[tuple[ChangeLine, QmanError]]()
    for quota_id, line in lines.items():
        each = told.get(quota_id)
        touched = _touched(each, line)
        if touched is None:
            untouched.append(line)
        elif each is not None and _is_back(each):
            back.append(line)
        else:
            refused.append((line, touched))
    stands = {quota_id: limits_of(each.before) for quota_id, each in told.items() if each.before}
    return Standing(untouched, back, refused, stands)


def _touched(each: BatchResultOut | None, line: ChangeLine) -> QmanError | None:
    if each is None or each.before is None:
        why = f": {each.problem.detail}" if each is not None and each.problem is not None else "."
        return HostFailedError(f"The host did not say what stands{why} Nothing was changed now.")
    faults = differing(limits_of(each.before), line.expected or {})
    if not faults:
        return None
    return StaleUpdateError("The limits were changed since. Nothing was changed now.", fields=faults)


def _is_back(each: BatchResultOut) -> bool:
    """Would the change change nothing? Somebody, or an undo before this one, has done it."""
    return each.before is not None and each.row is not None and limits_of(each.row) == limits_of(each.before)
