"""Bytes, KiB and the wire's 0."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.quota.units import GIB, KIB, MIB, bytes_from_kib, count_from_wire, format_bytes, kib_from_bytes
from tests.unit.quota.strategies import block_limit_values


@given(block_limit_values)
def test_a_limit_never_gets_lower_on_its_way_through_kib(limit: int | None) -> None:
    there = bytes_from_kib(kib_from_bytes(limit))
    if limit is None:
        assert there is None
    else:
        assert there is not None
        assert 0 <= there - limit < KIB


@given(st.integers(0, 2**60))
def test_kib_survive_bytes(limit_kib: int) -> None:
    assert kib_from_bytes(bytes_from_kib(limit_kib)) == limit_kib


def test_a_limit_of_no_bytes_is_not_unlimited() -> None:
    assert kib_from_bytes(0) == 1
    assert kib_from_bytes(None) == 0
    assert bytes_from_kib(0) is None
    assert (count_from_wire(0), count_from_wire(7)) == (None, 7)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 B"),
        (512, "512 B"),
        (1000, "0.977 KiB"),
        (KIB, "1 KiB"),
        (1536, "1.5 KiB"),
        (5 * MIB, "5 MiB"),
        (3 * GIB // 2, "1.5 GiB"),
        (2**63, "8 EiB"),
    ],
)
def test_bytes_for_people(value: int, text: str) -> None:
    assert format_bytes(value) == text


@given(st.integers(0, 2**69))
def test_bytes_for_people_are_short_and_nearly_right(value: int) -> None:
    text = format_bytes(value)
    number, unit = text.split(" ")
    assert re.fullmatch(r"\d{1,3}(\.\d{1,3})?", number)
    factor = KIB ** ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB").index(unit)
    assert abs(float(number) * factor - value) <= 0.006 * value
