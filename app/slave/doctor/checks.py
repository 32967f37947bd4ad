"""Runs checks side by side, each in a lane of its own: one that hangs is a finding, and holds up no other."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from app.quota.errors import DeviceTimeoutError
from app.slave.doctor.findings import Finding, error
from app.slave.failures import as_problem
from app.slave.lanes import Lane


@dataclass(frozen=True, slots=True)
class Check:
    """One look at the host. `what` is what is looked at, `examine` may take long, fail or hang.

    `hanging` is the finding when it hangs, None for a general one.
    """

    what: str
    examine: Callable[[], Iterable[Finding]]
    hanging: Finding | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked, and what was found."""

    checked: tuple[str, ...]
    findings: tuple[Finding, ...]


def run_checks(checks: Sequence[Check], timeout_seconds: float) -> Report:
    """All checks at once; after that time those that are still under way are findings themselves."""
    lanes = [Lane(check.what, timeout_seconds) for check in checks]
    futures = [
        lane.submit(lambda check=check: list(check.examine()))  # type: ignore[misc]  # mypy does not infer it
        for lane, check in zip(lanes, checks, strict=True)
    ]
    until = time.monotonic() + timeout_seconds
    findings: list[Finding] = []
    for check, lane, future in zip(checks, lanes, futures, strict=True):
        problem = lane.settle(future, until=until)
        if isinstance(problem, DeviceTimeoutError):
            findings.append(check.hanging or _hangs(check.what, timeout_seconds))
        elif problem is not None:
            findings.append(_failed(check.what, as_problem(problem, check.what).detail))
        else:
            findings += future.result()
    return Report(tuple(check.what for check in checks), tuple(findings))


def _hangs(what: str, seconds: float) -> Finding:
    return error(
        "check_hangs",
        what,
        found=f"there was no answer within {seconds:g} seconds",
        why="What hangs for the doctor hangs for the slave: it shows this as failed, and goes on with the rest.",
        mend="dmesg --level err,warn | tail -n 30",
    )


def _failed(what: str, detail: str) -> Finding:
    return error(
        "check_failed",
        what,
        found=detail,
        why="What could not be looked at may be wrong too.",
        mend="dmesg --level err,warn | tail -n 30",
    )
