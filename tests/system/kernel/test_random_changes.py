"""Whatever is set, in whatever order: after each step the backend says what repquota says, and what was asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.backends.kernel.backend import KernelBackend
from app.quota.errors import InvalidInputError
from app.quota.rules import MAX_ID
from app.quota.units import KIB, MIB
from app.quota.values import GracePeriods, Limits, QuotaType
from tests.contract.backend_contract import holds
from tests.system.kernel.reported import assert_repquota_agrees
from tests.system.kernel.rig import RigFilesystem

EXAMPLES = 8
STEPS = 8
USED_ID = 31_000
"""An id that has files of each quota type, so that limits stand below and above its usage."""
IDS = (USED_ID, 31_001, 2**31 - 1, 2**31, MAX_ID)
USED = 2 * MIB


@dataclass(frozen=True)
class SetLimits:
    quota_type: QuotaType
    quota_id: int
    block: Limits
    inode: Limits


@dataclass(frozen=True)
class SetPeriods:
    quota_type: QuotaType
    periods: GracePeriods


Step = SetLimits | SetPeriods

types = st.sampled_from(QuotaType)
bytes_of_limits = st.none() | st.sampled_from([1, KIB, USED - 1, USED, USED + 1]) | st.integers(1, 2**53 * KIB)
inodes_of_limits = st.none() | st.integers(1, 4) | st.integers(1, 2**62)
seconds = st.integers(1, 10) | st.integers(1, 2**31)
steps: st.SearchStrategy[Step] = st.builds(
    SetLimits,
    types,
    st.sampled_from(IDS),
    st.builds(Limits, bytes_of_limits, bytes_of_limits),
    st.builds(Limits, inodes_of_limits, inodes_of_limits),
) | st.builds(SetPeriods, types, st.builds(GracePeriods, seconds, seconds))


@pytest.fixture(scope="module")
def written() -> set[str]:
    """The filesystems that have files of `USED_ID` already."""
    return set()


@given(st.lists(steps, min_size=1, max_size=STEPS))
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_repquota_agrees_after_each_step(
    filesystem: RigFilesystem, written: set[str], sequence: Sequence[Step]
) -> None:
    backend = KernelBackend()
    if filesystem.fstype not in written:
        written.add(filesystem.fstype)
        write_files(backend, filesystem)
    for step in sequence:
        apply(backend, filesystem.device, step)
        assert_repquota_agrees(backend, filesystem, step.quota_type)
    assert_repquota_agrees(backend, filesystem)


def write_files(backend: KernelBackend, filesystem: RigFilesystem) -> None:
    for quota_type in QuotaType:
        assert filesystem.write_as(USED_ID, USED, quota_type) == 0
        assert backend.get_quota(filesystem.device, quota_type, USED_ID).block.used >= USED


def apply(backend: KernelBackend, device: str, step: Step) -> None:
    """Take the step: what stands then is what was asked for, or what stood before it when the step is refused."""
    if isinstance(step, SetPeriods):
        backend.set_grace_periods(device, step.quota_type, step.periods)
        assert backend.get_grace_periods(device, step.quota_type) == step.periods
        return
    before = backend.get_quota(device, step.quota_type, step.quota_id)
    try:
        after = backend.set_limits(device, step.quota_type, step.quota_id, block=step.block, inode=step.inode)
    except InvalidInputError:
        assert is_refused(step)
        assert backend.get_quota(device, step.quota_type, step.quota_id) == before
    else:
        assert holds(after.block.limits, step.block)
        assert after.inode.limits == step.inode
        assert (after.block.used, after.inode.used) == (before.block.used, before.inode.used)


def is_refused(step: SetLimits) -> bool:
    """Soft above hard, or the last KiB that XFS cannot round up to a block."""
    above = any(soft and hard and soft > hard for soft, hard in (step.block, step.inode))
    return above or max(limit or 0 for limit in step.block) > (2**53 - 64) * KIB
