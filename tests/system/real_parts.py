"""What all tests of real parts share: they are marked, skipped where the part is missing, never skipped unseen."""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

IN_CI = os.environ.get("CI") == "true"


def mark(items: Iterable[pytest.Item], folder: Path, name: str, *, lacks: str) -> None:
    """Marks what stands in the folder, and skips it where the machine `lacks` something (empty: nothing)."""
    for item in items:
        if folder in item.path.parents:
            item.add_marker(name)
            if lacks:
                item.add_marker(pytest.mark.skip(reason=f"needs {lacks}"))


def forbid_skip(report: pytest.TestReport, item: pytest.Item, folder: Path) -> pytest.TestReport:
    """The report, failed where a test of the folder was skipped."""
    if report.skipped and folder in item.path.parents:
        report.outcome = "failed"
        report.longrepr = f"skipped, which must not be: {report.longrepr}"
    return report
