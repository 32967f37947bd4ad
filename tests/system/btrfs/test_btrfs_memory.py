"""Whose subvolumes are whose is remembered for a moment; nothing wrong comes of it."""

from collections.abc import Collection, Mapping

import pytest

from app.backends.btrfs.backend import BtrfsBackend
from app.backends.btrfs.memory import KEPT_SECONDS, Memory
from app.quota.errors import DeviceUnavailableError, NotSupportedError
from app.quota.units import MIB
from app.quota.values import UNLIMITED, Limits, Quota, QuotaType
from tests.system.btrfs.conftest import PATTERNS, USERS, uids_of
from tests.system.btrfs.loops import Loop, run

USER = QuotaType.USER
ALICE, BOB, CAROL = USERS.values()


class Subject:
    """A backend whose looks at everything are counted, by the names that each asks for, and whose time stands still."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.looks = 0
        self.now = 0.0
        self.backend = BtrfsBackend(PATTERNS, self._uids_of, memory=Memory(lambda: self.now))

    def _uids_of(self, names: Collection[str]) -> Mapping[str, int | None]:
        self.looks += 1
        return uids_of(names)

    def get(self, uid: int) -> Quota:
        return self.backend.get_quota(self.loop.device, USER, uid)

    def set(self, uid: int, limit: int | None) -> Quota:
        return self.backend.set_limits(self.loop.device, USER, uid, block=Limits(None, limit), inode=UNLIMITED)

    def limit_of(self, name: str) -> int:
        return self.loop.qgroup(self.loop.mount_point / name)["max_referenced"]


@pytest.fixture
def subject(loop: Loop) -> Subject:
    for name in ("alice", "bob"):
        loop.subvolume(name)
    loop.commit()
    return Subject(loop)


def test_many_changes_in_a_row_are_one_look(subject: Subject) -> None:
    for limit in range(MIB, 11 * MIB, MIB):
        for uid in (ALICE, BOB):
            assert subject.set(uid, limit).block.limits.hard == limit
    assert (subject.limit_of("alice"), subject.limit_of("bob")) == (10 * MIB, 10 * MIB)
    assert subject.looks == 1


def test_figures_are_never_remembered(subject: Subject) -> None:
    before = subject.get(ALICE)
    assert subject.loop.write(subject.loop.mount_point / "alice", 3 * MIB) == 0
    run("btrfs", "qgroup", "limit", "7M", subject.loop.mount_point / "alice")
    after = subject.get(ALICE)
    assert after.block.used >= before.block.used + 3 * MIB
    assert after.block.limits.hard == 7 * MIB
    assert subject.looks == 1


def test_a_look_grows_old(subject: Subject) -> None:
    subject.get(ALICE)
    subject.now += KEPT_SECONDS
    subject.get(ALICE)
    assert subject.looks == 1
    subject.now += KEPT_SECONDS
    subject.get(ALICE)
    assert subject.looks == 2


def test_who_had_none_is_looked_for_each_time(subject: Subject) -> None:
    assert subject.get(CAROL).block == (0, UNLIMITED, None)
    subject.loop.subvolume("carol")
    subject.loop.commit()
    assert subject.get(CAROL).block.used
    with pytest.raises(NotSupportedError):
        subject.set(1009, MIB)


def test_subvolumes_that_change_places_are_seen(subject: Subject) -> None:
    subject.set(ALICE, 5 * MIB)
    here = subject.loop.mount_point
    (here / "alice").rename(here / "tmp")
    (here / "bob").rename(here / "alice")
    (here / "tmp").rename(here / "bob")
    assert subject.get(ALICE).block.limits == UNLIMITED
    assert subject.get(BOB).block.limits.hard == 5 * MIB
    subject.set(ALICE, 9 * MIB)
    assert (subject.limit_of("alice"), subject.limit_of("bob")) == (9 * MIB, 5 * MIB)


def test_a_directory_that_is_moved_takes_its_subvolumes_along(loop: Loop) -> None:
    subject = Subject(loop)
    (loop.mount_point / "homes").mkdir()
    loop.subvolume("homes/alice")
    loop.commit()
    subject.backend = BtrfsBackend(("{mount}/homes/{user}",), uids_of, memory=Memory(lambda: 0))
    assert subject.get(ALICE).block.used
    (loop.mount_point / "homes").rename(loop.mount_point / "away")
    assert subject.get(ALICE).block.used == 0


def test_one_that_is_deleted_and_made_anew_is_another(subject: Subject) -> None:
    subject.set(ALICE, 5 * MIB)
    run("btrfs", "subvolume", "delete", subject.loop.mount_point / "alice")
    assert subject.get(ALICE).block == (0, UNLIMITED, None)
    subject.loop.subvolume("alice")
    assert subject.get(ALICE).block.limits == UNLIMITED


def test_a_second_one_of_a_user_is_seen(subject: Subject) -> None:
    subject.set(ALICE, 5 * MIB)
    subject.loop.subvolume(f"#{ALICE}")
    with pytest.raises(NotSupportedError, match="several subvolumes"):
        subject.set(ALICE, 6 * MIB)


def test_mounts_that_change_are_seen(subject: Subject) -> None:
    loop = subject.loop
    loop.subvolume("home")
    loop.subvolume("home/carol")
    loop.commit()
    assert subject.get(ALICE).block.used
    loop.mount(loop.folder / "homes", "subvol=home")
    run("umount", loop.mount_point)
    assert subject.get(ALICE).block.used == 0
    assert subject.get(CAROL).block.used


def test_quotas_that_are_switched_off_are_seen(subject: Subject) -> None:
    subject.get(ALICE)
    run("btrfs", "quota", "disable", subject.loop.mount_point)
    with pytest.raises(DeviceUnavailableError):
        subject.get(ALICE)
