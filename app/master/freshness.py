"""How fresh what we know of a host is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.db.repositories.hosts import HostRecord, LastReading
from app.master.wire.hosts import HostProblemOut, HostState
from app.web.wire import JsonObject, iso_utc

GRACE_AFTER_DUE = timedelta(seconds=60)
MISSED_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Freshness:
    """The rule: stale after three missed rounds or 60 s past the next due round, whichever is later."""

    interval: timedelta

    def stale_before(self, now: datetime) -> datetime:
        """Hosts last read before that are stale."""
        return now - max(MISSED_ROUNDS * self.interval, self.interval + GRACE_AFTER_DUE)

    def state(self, host: HostRecord | LastReading, now: datetime) -> HostState:
        """`suspended`, or `never` before the first good reading, else `ok` or `stale`."""
        if host.suspended_at is not None:
            return "suspended"
        if host.taken_at is None:
            return "never"
        return "stale" if host.taken_at < self.stale_before(now) else "ok"

    def host_item(self, host: HostRecord, now: datetime) -> JsonObject:
        """JSON-ready, `HostOut` without `enrolment`: the host as people see it. Lists have a hundred of them."""
        return {
            "id": host.id,
            "label": host.label or host.id,
            "url": host.url,
            "state": self.state(host, now),
            "taken_at": None if host.taken_at is None else iso_utc(host.taken_at),
            "age_seconds": age_seconds(host.taken_at, now),
            "problem": _problem_item(host),
            "devices": host.devices,
            "version": host.version,
        }


def host_problem(host: HostRecord) -> HostProblemOut | None:
    """Why the last reading failed, or None."""
    item = _problem_item(host)
    return None if item is None else HostProblemOut.model_validate(item, strict=False)


def _problem_item(host: HostRecord) -> JsonObject | None:
    if host.problem_code is None or host.failing_since is None:
        return None
    return {"code": host.problem_code, "detail": host.problem_detail or "", "since": iso_utc(host.failing_since)}


def age_seconds(taken_at: datetime | None, now: datetime) -> int | None:
    """Whole seconds since then, never negative; None for never."""
    return None if taken_at is None else max(0, int((now - taken_at).total_seconds()))
