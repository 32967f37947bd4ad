"""What a bench tells is within its bounds, or says that it is not."""

import json
from pathlib import Path

import pytest

from tests.bench.figures import COLUMNS, figure, missed, percentile, print_table, write_json


def test_a_value_is_held_against_its_own_bound() -> None:
    assert figure("P12", "start", 1.9, "s", at_most=2).ok
    assert not figure("P12", "start", 2.1, "s", at_most=2).ok


def test_a_ratio_is_held_against_what_was_measured_beside_it() -> None:
    good, bad = (figure("P1", "read", value, "s", beside=0.5, ratio_at_most=1.2) for value in (0.6, 0.61))
    assert (good.ratio, good.ok, good.target) == (1.2, True, "≤ 1.2 ×")
    assert not bad.ok


def test_both_bounds_count() -> None:
    assert not figure("P3", "page", 30, "ms", at_most=25, beside=100, ratio_at_most=1).ok


def test_the_rows_have_the_promised_members(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [figure("P6", "mine", 1.6, "kB", at_most=20)]
    write_json(rows, tmp_path / "bench.json")
    assert [tuple(row) for row in json.loads((tmp_path / "bench.json").read_text())] == [COLUMNS]
    print_table(rows)
    assert "yes" in capsys.readouterr().out


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile(range(1, 101), 0.95) == 96
    assert percentile([3.0], 0.95) == 3.0


def test_those_that_miss_their_target_are_found() -> None:
    good, bad = figure("P12", "start", 1, "s", at_most=2), figure("P12", "start", 3, "s", at_most=2)
    assert missed([good, bad]) == [bad]
    assert missed([figure("P5", "without a bound", 1000, "s")]) == []
