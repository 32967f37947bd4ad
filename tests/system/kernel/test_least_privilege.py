"""What rights the kernel backend needs: an ordinary user with CAP_SYS_ADMIN alone reads and sets everything."""

import ctypes
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from app.backends.kernel.backend import KernelBackend
from app.quota.errors import BackendForbiddenError
from app.quota.units import MIB
from app.quota.values import UNLIMITED, GracePeriods, Limits, QuotaType
from tests.system.kernel import scratch
from tests.system.kernel.rig import NOBODY, RigFilesystem

CAP_DAC_READ_SEARCH, CAP_SYS_ADMIN = 2, 21
_EVERY_CAPABILITY = range(41)
_PR_SET_KEEPCAPS, _PR_CAPBSET_DROP = 8, 24
_CAPABILITY_VERSION_3 = 0x20080522
_libc = ctypes.CDLL(None, use_errno=True)


def fails_as_service(capabilities: Iterable[int], action: Callable[[], None]) -> str:
    """Runs the action in a child that is `nobody` with these capabilities alone; its error in words, empty if none."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            become_service(frozenset(capabilities))
            action()
        except BaseException as error:  # noqa: BLE001 - the parent is told and fails the test
            os.write(writing, f"{type(error).__name__}: {error}".encode()[:4000])
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        text = told.read()
    os.waitpid(child, 0)
    return text


def become_service(capabilities: frozenset[int]) -> None:
    """As systemd does for `User=` with `AmbientCapabilities=` and `CapabilityBoundingSet=` (capabilities(7))."""
    for other in set(_EVERY_CAPABILITY) - capabilities:
        _checked(_libc.prctl(_PR_CAPBSET_DROP, other, 0, 0, 0))
    _checked(_libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    mask = sum(1 << each for each in capabilities)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    low, high = mask & 0xFFFFFFFF, mask >> 32
    _checked(_libc.capset(header, (ctypes.c_uint32 * 6)(low, low, 0, high, high, 0)))


def _checked(result: int) -> None:
    if result != 0:
        errno = ctypes.get_errno()
        raise OSError(errno, os.strerror(errno))


def test_cap_sys_admin_alone_reads_and_sets_every_type(filesystem: RigFilesystem, fresh_id: int) -> None:
    def work() -> None:
        backend, name = KernelBackend(), filesystem.device
        assert os.geteuid() == NOBODY
        assert name in {device.name for device in backend.list_devices()}
        assert backend.get_usage(name).total > 0
        for its in QuotaType:
            limits = Limits(MIB, 2 * MIB)
            assert backend.set_limits(name, its, fresh_id, block=limits, inode=UNLIMITED).block.limits == limits
            assert fresh_id in {quota.quota_id for quota in backend.iter_quotas(name, its)}
            backend.set_grace_periods(name, its, GracePeriods(7000, 8000))
            assert backend.get_grace_periods(name, its) == GracePeriods(7000, 8000)

    assert fails_as_service([CAP_SYS_ADMIN], work) == ""


@pytest.mark.parametrize("quota_type", list(QuotaType))
def test_without_it_nothing_of_others_is_read_or_set_and_the_words_say_what_is_missing(
    filesystem: RigFilesystem, fresh_id: int, quota_type: QuotaType
) -> None:
    every_other = set(_EVERY_CAPABILITY) - {CAP_SYS_ADMIN}
    backend, name = KernelBackend(), filesystem.device
    asked: list[Callable[[], object]] = [
        lambda: list(backend.iter_quotas(name, quota_type)),
        lambda: backend.get_quota(name, quota_type, fresh_id),
        lambda: backend.set_limits(name, quota_type, fresh_id, block=Limits(None, MIB), inode=UNLIMITED),
        lambda: backend.set_grace_periods(name, quota_type, GracePeriods(5, 5)),
    ]
    before = backend.get_grace_periods(name, quota_type)

    def work() -> None:
        assert name in {device.name for device in backend.list_devices()}
        for ask in asked:
            with pytest.raises(BackendForbiddenError, match="CAP_SYS_ADMIN is needed"):
                ask()

    assert fails_as_service(every_other, work) == ""
    assert backend.get_grace_periods(name, quota_type) == before


def test_a_mount_point_below_a_closed_directory_needs_one_more(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with scratch.loop_device(tmp_path) as disk:
        scratch.make_ext4(disk, *scratch.QUOTA_FEATURE)
        with scratch.mounted(disk, closed / "home", "usrquota"):

            def look() -> None:
                assert KernelBackend().get_usage(disk).total > 0

            def be_refused() -> None:
                assert KernelBackend().get_quota(disk, QuotaType.USER, 1000).block.limits == UNLIMITED
                with pytest.raises(BackendForbiddenError, match="CAP_DAC_READ_SEARCH is needed"):
                    look()

            assert fails_as_service([CAP_SYS_ADMIN], be_refused) == ""
            assert fails_as_service([CAP_SYS_ADMIN, CAP_DAC_READ_SEARCH], look) == ""
