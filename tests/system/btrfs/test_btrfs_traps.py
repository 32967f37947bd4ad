"""What people and circumstances do to a Btrfs filesystem, and what must not come of it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.backends.btrfs.accounting import Answer, ask
from app.backends.btrfs.backend import BtrfsBackend
from app.backends.btrfs.filesystems import find_filesystems
from app.backends.mountinfo import read_mounts
from app.quota.errors import BackendForbiddenError, DeviceNotFoundError, DeviceUnavailableError
from app.quota.units import MIB
from app.quota.values import UNLIMITED, AccountingState, Device, Limits, Quota, QuotaType
from tests.system.btrfs.conftest import PATTERNS, USERS, uids_of
from tests.system.btrfs.loops import Loop, run, status_as

USER = QuotaType.USER
ALICE, BOB = USERS["alice"], USERS["bob"]
CAP_DAC_READ_SEARCH, CAP_SYS_ADMIN = 2, 21
TRIES = 50


def rows(backend: BtrfsBackend, loop: Loop) -> dict[int, Quota]:
    return {quota.quota_id: quota for quota in backend.iter_quotas(loop.device, USER)}


def set_hard(backend: BtrfsBackend, loop: Loop, uid: int, limit: int | None) -> Quota:
    return backend.set_limits(loop.device, USER, uid, block=Limits(None, limit), inode=UNLIMITED)


def listed(backend: BtrfsBackend, loop: Loop) -> Device | None:
    return next((device for device in backend.list_devices() if device.name == loop.device), None)


def state(backend: BtrfsBackend, loop: Loop) -> AccountingState:
    device = listed(backend, loop)
    assert device is not None
    return device.accounting.state


def assert_unavailable(backend: BtrfsBackend, loop: Loop, match: str) -> None:
    for call in (
        lambda: rows(backend, loop),
        lambda: backend.get_quota(loop.device, USER, ALICE),
        lambda: set_hard(backend, loop, ALICE, MIB),
    ):
        with pytest.raises(DeviceUnavailableError, match=match):
            call()


def test_a_name_with_lines_of_a_list_in_it_takes_nobodys_place(backend: BtrfsBackend, loop: Loop) -> None:
    alice = loop.subvolume("alice")
    own = run("btrfs", "inspect-internal", "rootid", alice).strip()
    assert loop.write(alice, 4 * MIB) == 0
    loop.subvolume(f"x\nID {own} gen 9 top level 5 path bob")
    loop.subvolume("x\nID 999 gen 9 top level 5 path carol")
    loop.commit()
    found = rows(backend, loop)
    assert set(found) == {ALICE, 0}
    assert found[ALICE].block.used >= 4 * MIB


def test_a_deleted_subvolume_is_gone_whatever_its_qgroup_does(backend: BtrfsBackend, loop: Loop) -> None:
    for name in ("alice", "bob"):
        assert loop.write(loop.subvolume(name), 2 * MIB) == 0
    set_hard(backend, loop, ALICE, 8 * MIB)
    run("btrfs", "subvolume", "delete", loop.mount_point / "alice")
    assert "stale" in run("btrfs", "qgroup", "show", loop.mount_point)
    assert list(rows(backend, loop)) == [BOB]
    assert backend.get_quota(loop.device, USER, ALICE).block == (0, UNLIMITED, None)
    loop.subvolume("alice")
    assert rows(backend, loop)[ALICE].block.limits == UNLIMITED


def test_subvolumes_inside_a_users_own_are_not_the_users(backend: BtrfsBackend, loop: Loop) -> None:
    alice = loop.subvolume("alice")
    run("btrfs", "subvolume", "create", alice / "bob")
    assert list(rows(backend, loop)) == [ALICE]


def test_qgroups_of_higher_levels_are_passed_over(backend: BtrfsBackend, loop: Loop) -> None:
    loop.subvolume("alice")
    run("btrfs", "qgroup", "create", "1/7", loop.mount_point)
    run("btrfs", "qgroup", "limit", "5M", "1/7", loop.mount_point)
    assert list(rows(backend, loop)) == [ALICE]
    assert rows(backend, loop)[ALICE].block.limits == UNLIMITED


def test_quotas_switched_off_meanwhile(backend: BtrfsBackend, loop: Loop) -> None:
    loop.subvolume("alice")
    assert listed(backend, loop)
    run("btrfs", "quota", "disable", loop.mount_point)
    assert listed(backend, loop) is None
    assert_unavailable(backend, loop, "btrfs quota enable")
    with pytest.raises(DeviceNotFoundError):
        rows(BtrfsBackend(PATTERNS, uids_of), loop)
    loop.enable_quotas()
    assert list(rows(backend, loop)) == [ALICE]


def test_an_unmounted_device_is_unavailable_not_empty(backend: BtrfsBackend, loop: Loop) -> None:
    loop.subvolume("alice")
    assert listed(backend, loop)
    run("umount", loop.mount_point)
    assert listed(backend, loop) is None
    assert_unavailable(backend, loop, "not mounted")
    loop.mount(loop.mount_point)
    assert list(rows(backend, loop)) == [ALICE]


def test_figures_are_never_those_of_what_is_mounted_over_it(
    backend: BtrfsBackend, loop: Loop, new_loop: Callable[[], Loop]
) -> None:
    other = new_loop()
    other.enable_quotas()
    loop.subvolume("alice")
    other.subvolume("bob")
    for over in (("-t", "tmpfs", "tmpfs"), ("-t", "btrfs", other.device)):
        run("mount", *over, loop.mount_point)
        assert_unavailable(backend, loop, "cannot be reached")
        with pytest.raises(DeviceUnavailableError):
            backend.get_usage(loop.device)
        run("umount", loop.mount_point)
    assert (list(rows(backend, loop)), list(rows(backend, other))) == ([ALICE], [BOB])


def test_read_only_mounts_are_read_and_a_writable_one_is_found(backend: BtrfsBackend, loop: Loop) -> None:
    alice = loop.subvolume("alice")
    run("mount", "-o", "remount,bind,ro", loop.mount_point)
    assert list(rows(backend, loop)) == [ALICE]
    with pytest.raises(DeviceUnavailableError, match="read-only"):
        set_hard(backend, loop, ALICE, MIB)
    assert loop.qgroup(alice)["limit_flags"] == 0
    loop.mount(loop.folder / "zz", "subvol=/")
    assert set_hard(backend, loop, ALICE, MIB).block.limits.hard == MIB


def test_a_rescan_is_told(backend: BtrfsBackend, loop: Loop) -> None:
    alice = loop.subvolume("alice")
    for number in range(3000):
        (alice / f"file{number}").write_bytes(b"q" * 1500)
    loop.commit()
    for _ in range(TRIES):
        run("btrfs", "quota", "rescan", loop.mount_point)
        seen = state(backend, loop)
        run("btrfs", "quota", "rescan", "-W", loop.mount_point)
        if seen is AccountingState.RESCANNING:
            break
    assert seen is AccountingState.RESCANNING
    assert state(backend, loop) is AccountingState.DELAYED


def test_inconsistent_figures_are_told(backend: BtrfsBackend, loop: Loop) -> None:
    alice = loop.subvolume("alice")
    assert loop.write(alice, MIB) == 0
    run("btrfs", "subvolume", "snapshot", alice, loop.mount_point / "bob")
    loop.commit()
    its = run("btrfs", "inspect-internal", "rootid", alice).strip()
    run("btrfs", "qgroup", "create", "1/7", loop.mount_point)
    assert state(backend, loop) is AccountingState.DELAYED
    run("btrfs", "qgroup", "assign", "--no-rescan", f"0/{its}", "1/7", loop.mount_point)
    assert state(backend, loop) is AccountingState.INCONSISTENT
    assert list(rows(backend, loop)) == [ALICE, BOB]
    loop.commit()
    [found] = find_filesystems([mount for mount in read_mounts(("btrfs",)) if mount.source == loop.device])[0]
    without_sysfs = replace(found, inconsistent=None)  # as on Linux 6.0 and older
    assert ask(without_sysfs) == Answer(is_rescanning=False, is_inconsistent=True)
    run("btrfs", "quota", "rescan", "-w", loop.mount_point)
    assert state(backend, loop) is AccountingState.DELAYED
    loop.commit()
    assert not ask(without_sysfs).is_inconsistent


@pytest.fixture
def reachable(loop: Loop) -> Loop:
    loop.folder.chmod(0o755)
    loop.subvolume("alice")
    return loop


def read_and_set(backend: BtrfsBackend, loop: Loop) -> Callable[[], None]:
    def action() -> None:
        assert listed(backend, loop)
        assert list(rows(backend, loop)) == [ALICE]
        set_hard(backend, loop, ALICE, 5 * MIB)
        assert backend.get_usage(loop.device).total

    return action


def refused(backend: BtrfsBackend, loop: Loop, match: str) -> Callable[[], None]:
    def action() -> None:
        assert listed(backend, loop)
        with pytest.raises(BackendForbiddenError, match=match):
            rows(backend, loop)
        with pytest.raises(BackendForbiddenError, match=match):
            set_hard(backend, loop, ALICE, 7 * MIB)

    return action


def test_one_capability_of_an_ordinary_user_is_enough(backend: BtrfsBackend, reachable: Loop) -> None:
    alice: Path = reachable.mount_point / "alice"
    assert status_as(ALICE, set(), refused(backend, reachable, "CAP_SYS_ADMIN")) == 0
    assert reachable.qgroup(alice)["max_referenced"] == 0
    assert status_as(ALICE, {CAP_SYS_ADMIN}, read_and_set(backend, reachable)) == 0
    assert reachable.qgroup(alice)["max_referenced"] == 5 * MIB


def test_a_closed_mount_point_needs_another(backend: BtrfsBackend, reachable: Loop) -> None:
    reachable.mount_point.chmod(0o711)
    closed = refused(backend, reachable, "CAP_DAC_READ_SEARCH")
    assert status_as(ALICE, {CAP_SYS_ADMIN}, closed) == 0
    both = {CAP_SYS_ADMIN, CAP_DAC_READ_SEARCH}
    assert status_as(ALICE, both, read_and_set(backend, reachable)) == 0
