"""The kernel's rows as quotas, and what is refused before and after the kernel is told."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.backends.kernel.backend import KernelBackend
from app.backends.kernel.limits import check_holds, check_stands, row_with
from app.backends.kernel.rows import iter_as_quotas, quota_from_row
from app.quota.errors import BackendError, DeviceNotFoundError, DeviceUnavailableError, InvalidInputError
from app.quota.units import KIB
from app.quota.values import UNLIMITED, Capabilities, Device, DeviceKind, Limits, Quota, QuotaType, ResourceQuota
from tests.unit.quota.strategies import block_limits, inode_limits

USER = QuotaType.USER
CAN = Capabilities((USER,), soft_limits=True, inode_limits=True, grace_periods=True, enforced_by_kernel=True)
TIMER = 1_795_665_114
EXPIRY = datetime.fromtimestamp(TIMER, UTC)


def device(fstype: str, quota_format: str) -> Device:
    return Device("/dev/sda1", DeviceKind.BLOCK, fstype, CAN, quota_formats={USER: quota_format})


def test_units_and_timers() -> None:
    quota = quota_from_row((20, 10, 10 * KIB + 1, 9, 8, 8, TIMER, TIMER, 1000), "ext4")
    assert quota == Quota(
        1000, ResourceQuota(10 * KIB + 1, Limits(10 * KIB, 20 * KIB), EXPIRY), ResourceQuota(8, Limits(8, 9), None)
    )


def test_the_timer_of_root_counts_on_ext4_and_is_the_period_on_xfs() -> None:
    row = (0, 10, 11 * KIB, 0, 0, 1, TIMER, 604_800, 0)
    assert quota_from_row(row, "ext4").block.grace_expires_at == EXPIRY
    assert quota_from_row(row, "xfs").block.grace_expires_at is None


def test_a_timer_beyond_the_calendar_is_its_end() -> None:
    expires_at = quota_from_row((0, 1, 2 * KIB, 0, 0, 0, 2**64 - 1, 0, 5), "ext4").block.grace_expires_at
    assert expires_at == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


kernel_numbers = st.integers(0, 3) | st.integers(0, 2**53)
rows = st.lists(st.tuples(*[kernel_numbers] * 6, st.just(0), st.just(0), st.integers(0, 2**32 - 2)))


@given(rows)
def test_a_row_reads_the_same_whatever_its_neighbours(several: list[tuple[int, ...]]) -> None:
    typed = [(r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8]) for r in several]
    together = list(iter_as_quotas(typed, "ext4"))
    assert together == [quota_from_row(row, "ext4") for row in typed]
    assert [type(quota.block.limits) for quota in together] == [Limits] * len(typed)


@given(block_limits, inode_limits)
def test_what_is_written_reads_back_and_never_lower(block: Limits, inode: Limits) -> None:
    quota = quota_from_row(row_with((0, 0, 7, 0, 0, 8, 0, 0, 1000), block, inode), "ext4")
    assert quota.inode == ResourceQuota(8, inode)
    for stands, asked in zip(quota.block.limits, block, strict=True):
        assert (stands is None) is (asked is None)
        assert 0 <= (stands or 0) - (asked or 0) < KIB


@pytest.mark.parametrize("quota_format", ["vfsold", "vfsv0", "unheard-of"])
def test_old_formats_hold_less(quota_format: str) -> None:
    most = Limits(None, (2**32 - 1) * KIB)
    check_holds(device("ext4", quota_format), USER, most, Limits(None, 2**32 - 1))
    with pytest.raises(InvalidInputError) as refused:
        check_holds(device("ext4", quota_format), USER, Limits(None, 2**32 * KIB), UNLIMITED)
    assert refused.value.fields[0].expected == f"an integer up to {2**32 - 1}"


@pytest.mark.parametrize(
    ("fstype", "asked", "there", "fits"),
    [
        ("xfs", 5, 8, True),
        ("xfs", 5, 5 + 64, False),
        ("xfs", 5, 4, False),
        ("xfs", 5, 0, False),
        ("xfs", 0, 4, False),
        ("ext4", 5, 5, True),
        ("ext4", 5, 8, False),
    ],
)
def test_what_stands_must_be_what_was_wanted(fstype: str, asked: int, there: int, *, fits: bool) -> None:
    wanted, stands = (asked, 0, 0, 0, 0, 0, 0, 0, 7), (there, 0, 0, 0, 0, 0, 0, 0, 7)
    if fits:
        check_stands(device(fstype, "xfs"), wanted, stands)
    else:
        with pytest.raises(DeviceUnavailableError, match="others stand"):
            check_stands(device(fstype, "xfs"), wanted, stands)


def test_mounts_that_cannot_be_read_are_an_error(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("proc")
    with pytest.raises(BackendError):
        KernelBackend(folder / "mountinfo").list_devices()
    (folder / "mountinfo").write_text("")
    assert KernelBackend(folder / "mountinfo").list_devices() == []
    with pytest.raises(DeviceNotFoundError):
        KernelBackend(folder / "mountinfo").get_quota("/dev/sda1", USER, 1000)


def test_a_device_that_was_there_is_unavailable(tmp_path_factory: pytest.TempPathFactory) -> None:
    mountinfo = tmp_path_factory.mktemp("proc") / "mountinfo"
    mountinfo.write_text("30 21 254:999 / /nowhere rw - ext4 /dev/no-such-device rw,usrquota\n")
    backend = KernelBackend(mountinfo)
    assert [found.name for found in backend.list_devices()] == ["/dev/no-such-device"]
    for call in (
        lambda: backend.get_quota("/dev/no-such-device", USER, 1000),
        lambda: list(backend.iter_quotas("/dev/no-such-device", USER)),
        lambda: backend.get_usage("/dev/no-such-device"),
    ):
        with pytest.raises(DeviceUnavailableError):
            call()
