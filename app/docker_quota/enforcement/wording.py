"""The sentences that say what was done to whom, and why."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.docker_quota.enforcement.values import Case, Kind, Order, Rules, Standing, Target

_UNITS = ((2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))
_FIRST = {Order.NEWEST: "newest", Order.OLDEST: "oldest", Order.LARGEST: "largest"}


@dataclass(frozen=True, slots=True)
class Why:
    """Why a container had its turn: it is the first in order of `count` that run."""

    case: Case
    since: datetime
    rules: Rules
    count: int


def of_container(kind: Kind, target: Target, why: Why) -> str:
    """For a stop and for what is passed over."""
    place = f"{_FIRST[why.rules.order]} of {why.case.shown}'s {why.count}"
    if kind is Kind.SKIP:
        what = f"passed over {target.name}, one of {why.case.shown}'s {why.count}: a stop would delete it (AutoRemove)"
    else:
        what = f"{_would(why.rules)}stopped {target.name}, {place}{_though(target)}"
    return f"{what}, {_level(why.case, why.since)}{_most(why.case)}"


def removed(target: Target, case: Case, stopped_at: datetime, since: datetime, rules: Rules) -> str:
    """For a removal; `stopped_at` is when its grace began."""
    began = "passed over" if target.auto_remove else "stopped"
    return (
        f"{_would(rules)}removed {target.name}{_though(target)}, {began} {_instant(stopped_at)}, "
        f"{_level(case, since)}, its volumes were kept{_most(case)}"
    )


def warned(case: Case, first: Target | None, rules: Rules, now: datetime) -> str:
    """For a warning, which says what comes next and when."""
    whose = f"{_FIRST[rules.order]} first" + (f": {first.name}" if first else "")
    if first is None:
        what_next = "no container of theirs runs that could be stopped"
    elif rules.grace:
        what_next = f"from {_instant(now + rules.grace)} on one container a round is stopped, {whose}"
    else:
        what_next = f"one container a round is stopped, {whose}"
    if first is not None and rules.removes:
        what_next += f", and removed {_duration(rules.remove_grace)}"
    return f"{_would(rules)}warned {case.shown}, {_reading(case, now)}; {what_next}{_most(case)}"


def back_below(case: Case, standing: Standing | None) -> str:
    """For who is above no longer."""
    since = f", above since {_instant(standing.since)}" if standing else ""
    level = f"{_size(case.used)}, without a limit" if case.limit is None else f"at {_of(case.used, case.limit)}"
    return f"{case.shown} is back below, {level}{since}"


def exhausted(case: Case, since: datetime) -> str:
    """For who is above with nothing left to stop."""
    return f"nothing of {case.shown}'s is left to stop, {_level(case, since)}{_most(case)}"


def _would(rules: Rules) -> str:
    return "dry run, would have " if rules.dry_run else ""


def _though(target: Target) -> str:
    named = [each.user or f"#{each.uid}" for each in target.attribution.contradicted_by]
    return f" (its label names {named[0]}, but that is not who asked the socket proxy for it)" if named else ""


def _level(case: Case, since: datetime) -> str:
    return f"{case.shown} {_reading(case, since)}"


def _reading(case: Case, since: datetime) -> str:
    return f"at {_of(case.used, case.limit or 0)} since {_instant(since)}"


def _most(case: Case) -> str:
    return f"; most would be freed by {case.most[0]} ({_size(case.most[1])})" if case.most else ""


def _of(used: int, limit: int) -> str:
    """Both in the unit of the limit: `12.4 of 10 GiB`."""
    factor, unit = _unit(limit)
    return f"{_number(used, factor)} of {_number(limit, factor)} {unit}"


def _size(count: int) -> str:
    factor, unit = _unit(count)
    return f"{_number(count, factor)} {unit}"


def _unit(count: int) -> tuple[int, str]:
    return next(((factor, unit) for factor, unit in _UNITS if count >= factor), (1, "bytes"))


def _number(count: int, factor: int) -> str:
    return f"{count / factor:.1f}".removesuffix(".0")


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _duration(grace: timedelta) -> str:
    seconds = int(grace.total_seconds())
    units = ((86_400, "day"), (3600, "hour"), (60, "minute"))
    factor, unit = next((each for each in units if seconds >= each[0] and seconds % each[0] == 0), (1, "second"))
    count = seconds // factor
    return f"{count} {unit}{'s' * (count > 1)} later" if seconds else "at once"
