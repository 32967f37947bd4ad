"""What is refused, and with which words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.quota.errors import InvalidInputError, NotSupportedError
from app.quota.rules import (
    MAX_GRACE_SECONDS,
    MAX_ID,
    check_id,
    check_limits,
    check_periods,
    check_range,
    check_supported,
)
from app.quota.units import KIB
from app.quota.values import UNLIMITED, Capabilities, GracePeriods, Limits, QuotaType
from tests.unit.quota.strategies import block_limits, inode_limits

MOST = {"most_block_bytes": 2**53 * KIB, "most_inodes": 2**63}


def above(limits: Limits) -> bool:
    return limits.soft is not None and limits.hard is not None and limits.soft > limits.hard


@given(block_limits, inode_limits)
def test_soft_above_hard_is_refused_by_name(block: Limits, inode: Limits) -> None:
    wrong = [f"{name}_soft_limit" for name, limits in (("block", block), ("inode", inode)) if above(limits)]
    if not wrong:
        check_limits(block, inode)
        return
    with pytest.raises(InvalidInputError) as refused:
        check_limits(block, inode)
    assert [fault.field for fault in refused.value.fields] == wrong


def test_soft_above_hard_is_told_in_the_units_of_the_wire() -> None:
    with pytest.raises(InvalidInputError) as refused:
        check_limits(Limits(8 * KIB, 4 * KIB), UNLIMITED)
    [fault] = refused.value.fields
    assert (fault.found, fault.expected) == ("8", "at most the hard limit, 4")


@given(st.booleans(), st.booleans(), block_limits, inode_limits)
def test_limits_that_a_device_cannot_keep(soft: bool, inodes: bool, block: Limits, inode: Limits) -> None:
    can = Capabilities((QuotaType.USER,), soft, inodes, grace_periods=soft, enforced_by_kernel=True)
    refused = (not soft and (block.soft or inode.soft)) or (not inodes and inode.hard)
    if refused:
        with pytest.raises(NotSupportedError):
            check_supported(can, block, inode)
    else:
        check_supported(can, block, inode)


@given(block_limits, inode_limits)
def test_limits_within_the_range_pass(block: Limits, inode: Limits) -> None:
    check_range(block, inode, **MOST)


@pytest.mark.parametrize("limit", [0, -1, True, False, 2**63 + 1, 1.0])
def test_what_is_no_limit_is_refused(limit: int) -> None:
    with pytest.raises(InvalidInputError) as refused:
        check_range(UNLIMITED, Limits(limit, None), **MOST)
    [fault] = refused.value.fields
    assert (fault.field, fault.found, fault.expected) == ("inode_soft_limit", str(limit), f"an integer up to {2**63}")


def test_the_most_is_told_in_kib() -> None:
    with pytest.raises(InvalidInputError) as refused:
        check_range(Limits(None, 2**53 * KIB + 1), UNLIMITED, **MOST)
    [fault] = refused.value.fields
    assert (fault.field, fault.expected) == ("block_hard_limit", f"an integer up to {2**53}")


def test_ids() -> None:
    check_id(0)
    check_id(MAX_ID)
    for wrong in (-1, MAX_ID + 1, True):
        with pytest.raises(InvalidInputError):
            check_id(wrong)


def test_grace_periods() -> None:
    check_periods(GracePeriods(1, MAX_GRACE_SECONDS))
    with pytest.raises(InvalidInputError) as refused:
        check_periods(GracePeriods(0, MAX_GRACE_SECONDS + 1))
    assert [fault.field for fault in refused.value.fields] == ["block_grace", "inode_grace"]
