"""The closing line of ./scripts/test.sh tells the truth."""

from pathlib import Path

from scripts.test_totals import Totals, add_up

MIXED = """<testsuites><testsuite>
<testcase name="a"/><testcase name="b"><failure/></testcase><testcase name="c"><error/></testcase>
<testcase name="d"><skipped/></testcase></testsuite></testsuites>"""
SKIPPED = (
    """<testsuites><testsuite><testcase name="a"/><testcase name="b"><skipped/></testcase></testsuite></testsuites>"""
)


def test_totals_are_added_up_over_all_files(tmp_path: Path) -> None:
    (tmp_path / "unit.xml").write_text(MIXED)
    (tmp_path / "frontend.xml").write_text(SKIPPED)
    assert add_up(tmp_path, ["unit"], strict=False) == (Totals(2, 2, 2), [])


def test_a_failed_step_without_tests_counts_as_one_failure(tmp_path: Path) -> None:
    (tmp_path / "unit.xml").write_text(SKIPPED)
    assert add_up(tmp_path, ["mypy", "unit"], strict=False)[0] == Totals(1, 2, 1)


def test_a_skip_of_a_real_part_is_refused_when_strict(tmp_path: Path) -> None:
    (tmp_path / "kernel.xml").write_text(SKIPPED)
    (tmp_path / "unit.xml").write_text(SKIPPED)
    assert add_up(tmp_path, [], strict=True)[1] == ["kernel"]


def test_nothing_is_no_pass(tmp_path: Path) -> None:
    assert add_up(tmp_path, [], strict=True) == (Totals(0, 0, 0), [])
