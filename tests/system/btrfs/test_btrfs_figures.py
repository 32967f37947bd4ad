"""What the rows say, against what Btrfs itself says and does."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from app.backends.btrfs.backend import BtrfsBackend
from app.quota.errors import NotSupportedError
from app.quota.units import KIB, MIB
from app.quota.values import UNLIMITED, AccountingState, Limits, Quota, QuotaState, QuotaType
from tests.system.btrfs.conftest import PATTERNS, USERS, uids_of
from tests.system.btrfs.loops import Loop, run

USER = QuotaType.USER
ALICE, BOB = USERS["alice"], USERS["bob"]


def rows(backend: BtrfsBackend, loop: Loop) -> dict[int, Quota]:
    return {quota.quota_id: quota for quota in backend.iter_quotas(loop.device, USER)}


def set_hard(backend: BtrfsBackend, loop: Loop, uid: int, limit: int | None) -> Quota:
    return backend.set_limits(loop.device, USER, uid, block=Limits(None, limit), inode=UNLIMITED)


def test_rows_are_what_sysfs_says(backend: BtrfsBackend, loop: Loop) -> None:
    alice, bob = loop.subvolume("alice"), loop.subvolume("bob")
    assert loop.write(alice, 3 * MIB) == 0
    run("btrfs", "qgroup", "limit", "12345679", bob)
    found = rows(backend, loop)
    assert list(found) == [ALICE, BOB]
    assert found[ALICE].block == (loop.qgroup(alice)["referenced"], UNLIMITED, None)
    assert found[ALICE].block.used >= 3 * MIB
    assert found[BOB].block == (loop.qgroup(bob)["referenced"], (None, 12345679), None)


def test_a_limit_is_exact_and_stops_writers_root_too(backend: BtrfsBackend, loop: Loop) -> None:
    alice = loop.subvolume("alice")
    quota = set_hard(backend, loop, ALICE, 8 * MIB + 1)
    assert quota.block.limits == (None, 8 * MIB + 1)
    assert loop.qgroup(alice)["max_referenced"] == 8 * MIB + 1
    assert os.geteuid() == 0
    assert loop.write(alice, 16 * MIB) == errno.EDQUOT
    set_hard(backend, loop, ALICE, None)
    assert loop.qgroup(alice)["limit_flags"] == 0
    assert loop.write(alice, 16 * MIB) == 0


def test_the_largest_limit_stands(backend: BtrfsBackend, loop: Loop) -> None:
    alice = loop.subvolume("alice")
    assert set_hard(backend, loop, ALICE, 2**63 - 1).block.limits.hard == 2**63 - 1
    assert loop.write(alice, MIB) == 0


def test_a_limit_of_no_bytes_is_not_unlimited(backend: BtrfsBackend, loop: Loop) -> None:
    alice = loop.subvolume("alice")
    run("btrfs", "qgroup", "limit", "0", alice)
    assert loop.qgroup(alice)["limit_flags"] == 1
    assert rows(backend, loop)[ALICE].block.limits == (None, 1)
    assert loop.write(alice, MIB) == errno.EDQUOT


def test_shared_extents_count_referenced_and_not_exclusive(loop: Loop) -> None:
    alice = loop.subvolume("alice")
    assert loop.write(alice, 4 * MIB) == 0
    run("btrfs", "subvolume", "snapshot", alice, loop.mount_point / "bob")
    loop.commit()
    referenced = BtrfsBackend(PATTERNS, uids_of)
    exclusive = BtrfsBackend(PATTERNS, uids_of, "exclusive")
    assert all(quota.block.used >= 4 * MIB for quota in rows(referenced, loop).values())
    assert all(quota.block.used < MIB for quota in rows(exclusive, loop).values())


def test_an_exclusive_limit_lets_shared_extents_pass(loop: Loop) -> None:
    alice = loop.subvolume("alice")
    assert loop.write(alice, 6 * MIB) == 0
    bob = loop.mount_point / "bob"
    run("btrfs", "subvolume", "snapshot", alice, bob)
    backend = BtrfsBackend(PATTERNS, uids_of, "exclusive")
    run("btrfs", "qgroup", "limit", "64M", bob)
    assert set_hard(backend, loop, BOB, 4 * MIB).block.limits.hard == 4 * MIB
    said = loop.qgroup(bob)
    assert (said["max_exclusive"], said["max_referenced"]) == (4 * MIB, 64 * MIB)
    assert loop.write(bob, 2 * MIB) == 0
    assert loop.write(bob, 8 * MIB) == errno.EDQUOT
    set_hard(backend, loop, BOB, None)
    said = loop.qgroup(bob)
    assert (said["limit_flags"], said["max_referenced"]) == (1, 64 * MIB)


def test_simple_quotas_are_recognised_and_held(backend: BtrfsBackend, new_loop: Callable[[], Loop]) -> None:
    loop = new_loop()
    loop.enable_simple_quotas()
    alice = loop.subvolume("alice")
    [device] = [found for found in backend.list_devices() if found.name == loop.device]
    assert device.quota_formats == {USER: "squota"}
    assert device.quota_states == {USER: QuotaState.ON}
    set_hard(backend, loop, ALICE, 8 * MIB)
    assert loop.write(alice, 2 * MIB) == 0
    assert rows(backend, loop)[ALICE].block.used >= 2 * MIB
    assert loop.write(alice, 16 * MIB) == errno.EDQUOT


def test_figures_lag_until_the_commit_and_the_device_says_so(backend: BtrfsBackend, loop: Loop) -> None:
    alice = loop.subvolume("alice")
    loop.commit()
    before = rows(backend, loop)[ALICE]
    (alice / "file").write_bytes(os.urandom(4 * MIB))
    assert rows(backend, loop)[ALICE] == before
    [device] = [found for found in backend.list_devices() if found.name == loop.device]
    assert (device.accounting.state, device.accounting.delay_seconds) == (AccountingState.DELAYED, 30)
    loop.commit()
    assert rows(backend, loop)[ALICE].block.used >= 4 * MIB


def test_usage_of_the_device_is_that_of_statvfs(backend: BtrfsBackend, loop: Loop) -> None:
    usage, figures = backend.get_usage(loop.device), os.statvfs(loop.mount_point)
    assert usage.total == figures.f_blocks * figures.f_frsize
    assert usage.free == figures.f_bavail * figures.f_frsize
    assert usage.used + usage.free <= usage.total


def test_a_subvolume_of_nobodys_name_is_its_owners(backend: BtrfsBackend, loop: Loop) -> None:
    loop.subvolume("dave", owner=1007)
    loop.subvolume("alice", owner=0)
    loop.subvolume("alice-before-upgrade", owner=ALICE)
    loop.commit()
    found = rows(backend, loop)
    assert list(found) == [ALICE, 1007]
    assert found[ALICE].block.used < 100 * KIB
    assert set_hard(backend, loop, 1007, MIB).block.limits.hard == MIB


def test_several_subvolumes_of_a_user_add_up_and_are_not_limited(new_loop: Callable[[], Loop]) -> None:
    loop = new_loop()
    loop.enable_quotas()
    (loop.mount_point / "data").mkdir()
    for name in ("alice", "data/alice"):
        assert loop.write(loop.subvolume(name), 2 * MIB) == 0
        run("btrfs", "qgroup", "limit", "32M", loop.mount_point / name)
    backend = BtrfsBackend(("{mount}/{user}", "{mount}/data/{user}"), uids_of)
    [quota] = rows(backend, loop).values()
    assert quota.block.used >= 4 * MIB
    assert quota.block.limits.hard == 64 * MIB
    with pytest.raises(NotSupportedError, match="'alice', 'data/alice'"):
        set_hard(backend, loop, ALICE, MIB)


def test_root_and_who_has_no_subvolume_get_no_limit(backend: BtrfsBackend, loop: Loop) -> None:
    loop.subvolume("@snapshots")
    with pytest.raises(NotSupportedError, match="stop the system"):
        set_hard(backend, loop, 0, MIB)
    with pytest.raises(NotSupportedError, match=f"make one first, at {loop.mount_point}/{{user}}"):
        set_hard(backend, loop, ALICE, MIB)


def test_a_part_of_it_mounted_elsewhere_is_the_same_device(backend: BtrfsBackend, loop: Loop, tmp_path: Path) -> None:
    loop.subvolume("@home")
    loop.subvolume("@home/alice")
    homes = loop.folder / "homes"
    loop.mount(homes, "subvol=@home")
    devices = [found for found in backend.list_devices() if found.name == loop.device]
    assert [found.mount_points for found in devices] == [(str(loop.mount_point), str(homes))]
    assert ALICE in rows(backend, loop)
    run("umount", loop.mount_point)
    assert list(rows(backend, loop)) == [ALICE]
    assert set_hard(backend, loop, ALICE, MIB).block.limits.hard == MIB


def test_several_member_devices_are_one_device(backend: BtrfsBackend, new_loop: Callable[..., Loop]) -> None:
    loop = new_loop(2)
    loop.enable_quotas()
    loop.subvolume("alice")
    assert [found.name for found in backend.list_devices() if found.name in loop.devices] == [loop.device]
    assert list(rows(backend, loop)) == [ALICE]


def test_more_subvolumes_than_one_call_gives(backend: BtrfsBackend, loop: Loop) -> None:
    uids = list(range(20_000, 20_900))
    loop.many_subvolumes(f"#{uid}" for uid in reversed(uids))
    assert list(rows(backend, loop)) == uids
    assert set_hard(backend, loop, uids[0], MIB).block.limits.hard == MIB
    assert [uid for uid, quota in rows(backend, loop).items() if quota.block.limits.hard] == uids[:1]
