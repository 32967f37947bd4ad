"""A slave on Btrfs: rows on the wire, and what hangs hangs alone."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from app.backends.btrfs.backend import BtrfsBackend
from app.bootstrap.slave import real_parts
from app.quota.units import KIB, MIB
from app.quota.values import QuotaType
from app.slave.directory import FixedDirectory, Listing
from app.slave.uids import UidBook
from tests.fakes.slave_app import SettableClock, SlaveUnderTest, empty_database, slave_settings, start_slave
from tests.system.btrfs.conftest import PATTERNS, USERS
from tests.system.btrfs.loops import Loop, run

ALICE, BOB = USERS["alice"], USERS["bob"]
DIRECTORY = FixedDirectory({uid: name for name, uid in USERS.items()}, {})

HANGS_AFTER = 5.0
"""Seconds. A filesystem that is well, on a disk that others keep busy, takes a part of them."""


class HangingDirectory:
    """A user database that does not answer until it is told to."""

    def __init__(self) -> None:
        self.go_on = Event()

    def list_names(self, quota_type: QuotaType) -> Listing:
        self.go_on.wait(60)
        return DIRECTORY.list_names(quota_type)

    def find_name(self, quota_type: QuotaType, quota_id: int) -> str | None:
        self.go_on.wait(60)
        return DIRECTORY.find_name(quota_type, quota_id)

    def find_uid(self, name: str) -> int | None:
        self.go_on.wait(60)
        return DIRECTORY.find_uid(name)


@pytest.fixture
def hanging() -> Iterator[HangingDirectory]:
    made = HangingDirectory()
    yield made
    made.go_on.set()


def start(tmp_path: Path, backend: BtrfsBackend, timeout_seconds: float = 60) -> SlaveUnderTest:
    return start_slave(
        empty_database(tmp_path), backends=[backend], directory=DIRECTORY, DEVICE_TIMEOUT_SECONDS=timeout_seconds
    )


def devices(slave: SlaveUnderTest, *loops: Loop) -> list[Any]:
    """These filesystems as the slave shows them; others of this machine are none of our business."""
    answer = slave.get("/remote-api/quotas")
    assert answer.status_code == 200
    by_name = {device["name"]: device for device in answer.get_json()}
    return [by_name[loop.device] for loop in loops]


def put(slave: SlaveUnderTest, loop: Loop, uid: int, **limits: int) -> Any:
    answer = slave.put(f"/remote-api/quotas/users/{uid}?device={loop.device}", json=limits)
    return answer.status_code, answer.get_json()


def test_rows_on_the_wire(tmp_path: Path, backend: BtrfsBackend, loop: Loop) -> None:
    slave = start(tmp_path, backend)
    alice = loop.subvolume("alice")
    assert loop.write(alice, MIB) == 0
    status, row = put(slave, loop, ALICE, block_hard_limit=4096)
    assert (status, row["name"], row["block_hard_limit"]) == (200, "alice", 4096)
    assert loop.qgroup(alice)["max_referenced"] == 4096 * KIB
    [device] = devices(slave, loop)
    assert (device["kind"], device["status"], device["user_quota_format"]) == ("btrfs", "ok", "qgroup")
    assert device["user_quota_state"] == "on"
    assert device["accounting"] == {"state": "delayed", "delay_seconds": 30}
    assert [(each["uid"], each["block_current"]) for each in device["user_quotas"]] == [
        (ALICE, loop.qgroup(alice)["referenced"])
    ]


def test_what_cannot_be_limited_is_refused(tmp_path: Path, backend: BtrfsBackend, loop: Loop) -> None:
    slave = start(tmp_path, backend)
    loop.subvolume("alice")
    for uid, limits in (
        (BOB, {"block_hard_limit": 4}),
        (0, {"block_hard_limit": 4}),
        (ALICE, {"block_soft_limit": 4}),
        (ALICE, {"inode_hard_limit": 4}),
    ):
        status, problem = put(slave, loop, uid, **limits)
        assert (status, problem["code"]) == (409, "not_supported")
    assert slave.get(f"/remote-api/quotas/users/{BOB}?device={loop.device}").status_code == 200


def test_one_filesystem_that_hangs_leaves_the_other_alone(
    tmp_path: Path, backend: BtrfsBackend, loop: Loop, new_loop: Callable[[], Loop]
) -> None:
    other = new_loop()
    other.enable_quotas()
    loop.subvolume("alice")
    other.subvolume("bob")
    slave = start(tmp_path, backend, HANGS_AFTER)
    assert [device["status"] for device in devices(slave, loop, other)] == ["ok", "ok"]
    run("fsfreeze", "--freeze", loop.mount_point)
    try:
        status, problem = put(slave, loop, ALICE, block_hard_limit=4096)
        assert (status, problem["code"]) == (503, "device_timeout")
        slave.clock.advance(60)
        assert [device["status"] for device in devices(slave, loop, other)] == ["failed", "ok"]
        assert put(slave, other, BOB, block_hard_limit=4096)[0] == 200
    finally:
        run("fsfreeze", "--unfreeze", loop.mount_point)
    while devices(slave, loop)[0]["status"] != "ok":
        slave.clock.advance(60)
    [device] = devices(slave, loop)
    assert [row["block_hard_limit"] for row in device["user_quotas"]] == [4096]


def test_a_user_database_that_hangs_is_a_failure_with_its_reason_and_no_guess(
    tmp_path: Path, loop: Loop, hanging: HangingDirectory
) -> None:
    loop.subvolume("alice", owner=BOB)
    loop.commit()
    clock = SettableClock()
    book = UidBook(hanging, clock, 0.2, 0.05)
    slave = start(tmp_path, BtrfsBackend(PATTERNS, book.uids_of))
    [device] = devices(slave, loop)
    assert device["status"] == "failed"
    assert "user database" in device["problem"]["detail"]
    hanging.go_on.set()
    while devices(slave, loop)[0]["status"] != "ok":
        slave.clock.advance(60)
    [device] = devices(slave, loop)
    assert [row["uid"] for row in device["user_quotas"]] == [ALICE]
    hanging.go_on.clear()
    clock.advance(24 * 3600)
    slave.clock.advance(60)
    [device] = devices(slave, loop)
    assert [row["uid"] for row in device["user_quotas"]] == [ALICE]


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"USE_PYQUOTA": False, "USE_BTRFS": True}, ["btrfs"]),
        ({"USE_BTRFS": True}, ["kernel", "btrfs"]),
        ({}, ["kernel"]),
        ({"USE_BTRFS": True, "MOCK_QUOTA": True}, ["mock"]),
    ],
)
def test_the_settings_switch_it_on(tmp_path: Path, settings: dict[str, bool], names: list[str]) -> None:
    database = {"DATABASE_URL": f"sqlite:///{tmp_path}/slave.sqlite"}
    parts = real_parts(slave_settings(**{"MOCK_QUOTA": False, **database, **settings}))
    assert [backend.name for backend in parts.backends] == names


def test_patterns_and_the_kind_of_limit_come_from_the_settings(tmp_path: Path, loop: Loop) -> None:
    (loop.mount_point / "home").mkdir()
    root = loop.subvolume("home/root")
    assert loop.write(root, 2 * MIB) == 0
    run("btrfs", "subvolume", "snapshot", root, loop.mount_point / "copy")
    loop.commit()
    settings = {"BTRFS_SUBVOLUMES": ("{mount}/home/{user}",), "BTRFS_LIMIT": "exclusive", "USE_PYQUOTA": False}
    database = f"sqlite:///{tmp_path}/slave.sqlite"
    parts = real_parts(slave_settings(MOCK_QUOTA=False, USE_BTRFS=True, DATABASE_URL=database, **settings))
    [quota] = parts.backends[0].iter_quotas(loop.device, QuotaType.USER)
    assert quota.quota_id == 0
    assert quota.block.used < MIB
