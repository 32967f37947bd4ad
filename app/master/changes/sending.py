"""Sends the same limits for some ids to a host, and tells for each id what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.master.changes.patience import IMPATIENT, Patience
from app.master.changes.slave_calls import SlaveCalls
from app.master.changes.stored import limits_of
from app.master.changes.trail import LONGEST_PROBLEM, Place, Settlement, applied, not_applied
from app.master.errors import HostFailedError, HostRefusedError
from app.master.fleet import HostEntry
from app.quota.errors import DeviceTimeoutError, QmanError
from app.web.problems import FieldFaultOut
from app.web.quota_changes import BatchResultOut, ChangeProblemOut, RowOut

IDS_AT_ONCE = 100
"""So many ids go to the slave in one request: where each takes a tenth of a second, the answer is still in time."""
NOT_SENT = HostRefusedError("The host failed before this change was sent to it. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class Sent:
    """A result for each id that was asked for. `failure`: the request as a whole failed, and these follow from it."""

    by_id: Mapping[int, BatchResultOut]
    failure: QmanError | None = None

    @property
    def rows(self) -> list[RowOut]:
        """What stands now, of those that were changed."""
        return [result.row for result in self.by_id.values() if result.row is not None]


def send(
    slaves: SlaveCalls,
    host: HostEntry,
    place: Place,
    limits: Mapping[str, int],
    names: Mapping[int, str],
    patience: Patience = IMPATIENT,
) -> Sent:
    """Sets the limits of the ids in `names`, at most IDS_AT_ONCE. What goes wrong is in the results."""
    if not names:
        return Sent({})
    try:
        if len(names) == 1:
            ((quota_id, name),) = names.items()
            row = patience.ask(lambda: slaves.set_limits(host, place, quota_id, limits))
            return Sent({quota_id: BatchResultOut(id=quota_id, name=name, ok=True, before=None, row=row)})
        ids = {"ids": list(names)}
        answered = patience.ask(lambda: slaves.set_many(host, place, ids, limits, dry_run=False)).results
    except QmanError as error:
        return Sent({quota_id: failed(quota_id, name, error) for quota_id, name in names.items()}, error)
    by_id = {each.id: each for each in answered if each.id is not None}
    if len(answered) != len(names) or by_id.keys() != names.keys():
        garbled = HostFailedError("The host's answer is not about the ids that it was asked to change.")
        return Sent({quota_id: failed(quota_id, name, garbled) for quota_id, name in names.items()}, garbled)
    return Sent(by_id)


def failed(quota_id: int | None, name: str, error: QmanError) -> BatchResultOut:
    """The result of an id that was not changed, or perhaps not."""
    return BatchResultOut(id=quota_id, name=name, ok=False, before=None, problem=problem_of(error))


def problem_of(error: QmanError) -> ChangeProblemOut:
    """An error as it stands in a result."""
    faults = [FieldFaultOut(field=fault.field, found=fault.found, expected=fault.expected) for fault in error.fields]
    return ChangeProblemOut(code=error.code, detail=error.detail, errors=faults)


def settlement_of(result: BatchResultOut, audit_id: str, failure: QmanError | None = None) -> Settlement:
    """How the change of one id ended; `failure` is that of the whole request."""
    if result.row is not None:
        return applied(audit_id, limits_of(result.row))
    if failure is not None:
        return not_applied(audit_id, failure)
    if result.problem is None:
        return not_applied(audit_id, HostFailedError("The host did not say what became of it."))
    outcome = "unknown" if result.problem.code == DeviceTimeoutError.code else "refused"
    return Settlement(audit_id, outcome, problem=result.problem.detail[:LONGEST_PROBLEM])
