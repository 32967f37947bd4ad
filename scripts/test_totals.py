"""Adds up what the test runners wrote: `python -m scripts.test_totals FOLDER [FAILED STEP ...]`.

Reads each `FOLDER/<step>.xml` (JUnit, from pytest and vitest) and prints one line for people and machines:
`N passed, N failed, N skipped`. A failed step that shows no failed test, such as a linter, counts as one failure.
With CI=true a skipped test of a real part is a failure. The exit status is 1 where anything failed.
"""

import os
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import NamedTuple

REAL_PARTS = frozenset({"kernel", "isolation", "btrfs", "zfs", "services", "stack", "browser"})
"""Steps whose tests need something real, which a developer's machine may lack and CI's must not."""


class Totals(NamedTuple):
    """How many tests ended how."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def plus(self, other: "Totals") -> "Totals":
        """Both together."""
        return Totals(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


def read_totals(file: Path) -> Totals:
    """The totals of one JUnit file; errors in setting up or collecting are failures."""
    passed = failed = skipped = 0
    for case in ET.parse(file).iter("testcase"):  # noqa: S314 - our own test runners wrote it
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
    return Totals(passed, failed, skipped)


def add_up(folder: Path, failed_steps: list[str], *, strict: bool) -> tuple[Totals, list[str]]:
    """The totals of all steps, and the steps whose skips are not allowed (`strict`)."""
    totals, forbidden = Totals(), []
    by_step = {file.stem: read_totals(file) for file in sorted(folder.glob("*.xml"))}
    for step, found in by_step.items():
        if strict and step in REAL_PARTS and found.skipped:
            forbidden.append(step)
        totals = totals.plus(found)
    for step in failed_steps:
        if not by_step.get(step, Totals()).failed:
            totals = totals.plus(Totals(failed=1))
    return totals, forbidden


def main() -> int:
    """Prints the line; answers the exit status."""
    folder, failed_steps = Path(sys.argv[1]), sys.argv[2:]
    totals, forbidden = add_up(folder, failed_steps, strict=os.environ.get("CI") == "true")
    for step in forbidden:
        print(f"{step}: skipped tests, which CI=true does not allow")
    print(f"{totals.passed} passed, {totals.failed} failed, {totals.skipped} skipped")
    return 1 if totals.failed or failed_steps or forbidden else 0


if __name__ == "__main__":
    sys.exit(main())
