"""What scripts rely on stands in the documents: codes of findings, names of metrics."""

import re

import pytest

from tests.architecture.sources import project_files, text_of

FINDING = re.compile(r"(?:error|warning|make)\(\s*\"([a-z0-9_]+)\"")
METRIC = re.compile(r"\"(qman_[a-z_]+)\"")


def sources_under(folder: str) -> str:
    return "".join(text_of(path) for path in project_files() if path.startswith(folder) and path.endswith(".py"))


@pytest.mark.parametrize(
    ("folder", "extra", "pattern", "document"),
    [
        ("app/slave/doctor/", "app/bootstrap/doctor.py app/bootstrap/doctor_of_master.py", FINDING, "docs/doctor.md"),
        ("app/slave/metrics/", "app/master/pages/metrics.py app/master/exports/metrics.py", METRIC, "docs/metrics.md"),
    ],
)
def test_each_is_documented_and_nothing_else(folder: str, extra: str, pattern: re.Pattern[str], document: str) -> None:
    named = set(pattern.findall("".join([sources_under(folder), *map(text_of, extra.split())])))
    text = text_of(document)
    documented = set(re.findall(r"`([a-z0-9]+(?:_[a-z0-9]+)+)`", text))
    counters = {"qman_reading_failures", "qman_requests_refused"}
    named = {f"{name}_total" if name in counters else name for name in named}
    assert len(named) > 15
    assert named - documented == set()
    mentioned = {"quota_type", "mount_point", "not_enforced", "soft_exceeded", "grace_expired", "hard_reached"}
    assert documented - named - mentioned == set()
