"""One set of limits for many ids of a device: a result for each, whatever becomes of the others."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, NamedTuple

import structlog

from app.quota.clock import Clock
from app.quota.defaults import Defaults, LimitSet, Shown, limits_of, with_limits
from app.quota.errors import DeviceTimeoutError, FieldFault, InvalidInputError, QmanError
from app.quota.grace import with_grace
from app.quota.values import GracePeriods, Quota, QuotaType
from app.slave.access import DeviceAccess
from app.slave.changes import changed_row, limits_wanted
from app.slave.failures import as_problem
from app.slave.inventory import Listed
from app.slave.names import NameBook
from app.web.quota_changes import BatchIn
from app.web.quota_rows import limit_members

log = structlog.get_logger(__name__)


class _Named(NamedTuple):
    """Somebody whom the batch names: the id, or why there is none."""

    quota_id: int | None
    name: str | None = None
    error: QmanError | None = None


class _Outcome(NamedTuple):
    """What became of somebody: the quota as people saw it before (None: unread), and as they see it now, or why not."""

    named: _Named
    before: Quota | None = None
    now: Shown | None = None
    error: QmanError | None = None


@dataclass(frozen=True, slots=True)
class _Work:
    """What holds for every id of a batch."""

    body: BatchIn
    listed: Listed
    defaults: Defaults
    grace: GracePeriods | None


class BatchChanger:
    """Sets limits of many ids, each a change of its own: others come in between, and one that fails stops nobody."""

    def __init__(self, access: DeviceAccess, names: NameBook, clock: Clock) -> None:
        self._access = access
        self._names = names
        self._clock = clock

    def change(self, body: BatchIn) -> list[dict[str, Any]]:
        """Results as `BatchResultOut` has them, in the order named, each id once; for `all`, ascending.

        DeviceNotFoundError, NotSupportedError, InvalidInputError (names of what has none), BackendError (the device is
        gone, or `all` cannot be listed), NoSpaceError: nothing was changed. When the device no longer answers, the ids
        that are left are not tried.
        """
        device, quota_type = body.device, body.quota_type
        listed = self._access.find(device, quota_type)
        named = self._named(listed, body)
        work = _Work(body, listed, self._access.defaults.load(device, quota_type), self._grace(listed, body))
        outdating: AbstractContextManager[None] = nullcontext() if body.dry_run else self._access.outdating(device)
        with outdating:
            outcomes = self._change_each(work, named)
            if not body.dry_run:
                changed = [outcome.now.quota.quota_id for outcome in outcomes if outcome.now is not None]
                self._access.defaults.forget(device, quota_type, changed)
        log.info(
            "limits_set_in_batch",
            device=device,
            quota_type=quota_type.value,
            ids=len(outcomes),
            failed=sum(outcome.error is not None for outcome in outcomes),
            dry_run=body.dry_run,
        )
        return self._results(quota_type, outcomes)

    def _named(self, listed: Listed, body: BatchIn) -> Sequence[_Named]:
        if body.names is not None:
            return self._by_name(body.quota_type, body.names)
        if body.ids is not None:
            return [_Named(quota_id) for quota_id in dict.fromkeys(body.ids)]
        device, its = listed.device.name, body.quota_type
        quotas = self._access.lane(device).run(lambda: list(listed.backend.iter_quotas(device, its)))
        return [_Named(quota.quota_id) for quota in quotas if quota.quota_id]

    def _by_name(self, quota_type: QuotaType, names: Sequence[str]) -> Sequence[_Named]:
        if quota_type is not QuotaType.USER:
            fault = FieldFault("names", f"names of {quota_type} quotas", "ids: only users are found by name")
            raise InvalidInputError("Only users can be named.", fields=[fault])
        named: dict[object, _Named] = {}
        for name in dict.fromkeys(names):
            try:
                uid = self._names.resolve(name)
            except QmanError as error:
                named[name] = _Named(None, name, error)
            else:
                named.setdefault(uid, _Named(uid, name))
        return list(named.values())

    def _grace(self, listed: Listed, body: BatchIn) -> GracePeriods | None:
        """The grace periods that a dry run reckons with."""
        if not body.dry_run or not listed.device.capabilities.grace_periods:
            return None
        device = listed.device.name
        return self._access.lane(device).run(lambda: listed.backend.get_grace_periods(device, body.quota_type))

    def _change_each(self, work: _Work, named: Sequence[_Named]) -> list[_Outcome]:
        device = work.body.device
        lane, outcomes = self._access.lane(device), list[_Outcome]()
        given_up: QmanError | None = None
        for each in named:
            problem = each.error or given_up
            if problem is not None or each.quota_id is None:
                outcomes.append(_Outcome(each, error=problem))
                continue
            future = lane.submit(partial(self._change_one, work, each, each.quota_id))
            error = lane.settle(future)
            outcomes.append(future.result() if error is None else _Outcome(each, error=as_problem(error, device)))
            if isinstance(outcomes[-1].error, DeviceTimeoutError):
                given_up = DeviceTimeoutError(f"Not tried, nothing was changed here: {device} did not answer before.")
        return outcomes

    def _change_one(self, work: _Work, each: _Named, quota_id: int) -> _Outcome:
        body, device, backend = work.body, work.listed.device, work.listed.backend
        with self._access.alone(device.name):
            stands = work.defaults.shown(backend.get_quota(device.name, body.quota_type, quota_id)).quota
            try:
                limits = limits_wanted(device, stands, body.limits)
                if body.dry_run:
                    changed = self._predicted(stands, limits, work.grace)
                else:
                    block, inode = limits
                    changed = backend.set_limits(device.name, body.quota_type, quota_id, block=block, inode=inode)
            except QmanError as error:
                return _Outcome(each, before=stands, error=error)
        return _Outcome(each, before=stands, now=work.defaults.forgotten().shown(changed))

    def _predicted(self, stands: Quota, wanted: LimitSet, grace: GracePeriods | None) -> Quota:
        if grace is None:
            return with_limits(stands, wanted)
        (used, _, expiry), (inodes, _, inode_expiry), now = stands.block, stands.inode, self._clock()
        return stands._replace(
            block=with_grace(used, wanted.block, expiry, grace.block_seconds, now),
            inode=with_grace(inodes, wanted.inode, inode_expiry, grace.inode_seconds, now),
        )

    def _results(self, quota_type: QuotaType, outcomes: Sequence[_Outcome]) -> list[dict[str, Any]]:
        ids = [each.quota_id for each, *_ in outcomes if each.quota_id is not None and each.name is None]
        names = self._names.names_of(quota_type, ids).by_id if ids else {}
        return [self._result(quota_type, outcome, names) for outcome in outcomes]

    def _result(self, quota_type: QuotaType, outcome: _Outcome, names: Mapping[int, str | None]) -> dict[str, Any]:
        quota_id, name, _ = outcome.named
        if quota_id is not None:
            name = (outcome.before and outcome.before.name) or name or names.get(quota_id) or f"#{quota_id}"
        before = limit_members(limits_of(outcome.before)) if outcome.before else None
        result: dict[str, Any] = {"id": quota_id, "name": name, "ok": outcome.now is not None, "before": before}
        if outcome.error is not None:
            return {**result, "problem": _problem(outcome.error)}
        if outcome.now is None:
            return result
        row = changed_row(outcome.now, quota_type, name, self._clock)
        warnings = {"warnings": row.pop("warnings")} if "warnings" in row else {}
        return {**result, "row": row, **warnings}


def _problem(error: QmanError) -> dict[str, Any]:
    problem: dict[str, Any] = {"code": error.code, "detail": error.detail}
    if error.fields:
        problem["errors"] = [asdict(fault) for fault in error.fields]
    return problem
