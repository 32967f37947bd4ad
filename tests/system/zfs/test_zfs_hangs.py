"""Pools that are suspended or hang, through the slave itself: the others answer, and nothing piles up."""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import enumerate as living_threads
from typing import Any

import pytest

from app.backends.zfs.backend import ZfsBackend
from app.bootstrap.slave import TOOL_PART
from tests.fakes.slave_app import SlaveUnderTest, empty_database, start_slave
from tests.system.zfs.pools import HungDisk, Pool, tools_on, zfs

POLLS = 5
DEVICE_SECONDS = 20
PATIENCE = 150

pytestmark = pytest.mark.timeout(400)

UNAVAILABLE = "device_unavailable"
ABSENT = {"full/home": UNAVAILABLE, "ice": UNAVAILABLE, "ice/home": UNAVAILABLE, "tank/home": None}
"""Both pools are configured, and each test makes one of them."""


@pytest.fixture
def slave(pool: Pool, tmp_path: Path) -> SlaveUnderTest:
    datasets = ("full/home", "ice", "ice/home", "tank/home")
    backend = ZfsBackend(datasets, timeout_seconds=TOOL_PART * DEVICE_SECONDS)
    return start_slave(empty_database(tmp_path), backends=[backend], DEVICE_TIMEOUT_SECONDS=DEVICE_SECONDS)


@pytest.fixture
def full_pool(tmp_path: Path) -> Iterator[Pool]:
    """A pool whose disk is smaller than it seems: writing beyond suspends the pool."""
    disk = tmp_path / "disk"
    disk.mkdir()
    zfs("mount", "-t", "tmpfs", "-o", "size=80M", "tmpfs", str(disk))
    pool = Pool("full", disk, ("-o", "failmode=wait")).make("home")
    yield pool
    pool.destroy()
    zfs("umount", str(disk))


@pytest.fixture
def disk() -> Iterator[HungDisk]:
    disk = HungDisk("ice")
    disk.make()
    zfs("zpool", "create", disk.name, disk.path)
    limits = [f"userquota@{its}={its * 1_000_003}" for its in range(1000, 1300)]  # too many to be kept in a pointer
    zfs("zfs", "create", f"{disk.name}/home")
    zfs("zfs", "set", *limits, f"{disk.name}/home")
    yield disk
    zfs("zpool", "destroy", "-f", disk.name)
    disk.remove()


def poll(slave: SlaveUnderTest) -> dict[str, Any]:
    """The code of each device's problem, None where it is well, read anew."""
    devices = slave.get("/remote-api/quotas/users/1000").get_json()
    return {device["name"]: device.get("problem", {}).get("code") for device in devices}


def until(is_so: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < ends_at


def seconds_of(slave: SlaveUnderTest, expected: dict[str, Any]) -> float:
    started_at = time.monotonic()
    assert poll(slave) == expected
    return time.monotonic() - started_at


def threads_for(pool: str) -> list[str]:
    names = (f"lane {pool}", f"zfs list {pool}")
    return [thread.name for thread in living_threads() if thread.name.startswith(names)]


def test_a_suspended_pool_fails_at_once_and_the_others_answer(slave: SlaveUnderTest, full_pool: Pool) -> None:
    well = {**ABSENT, "full/home": None}
    seconds_of(slave, well)
    usual_seconds = seconds_of(slave, well)
    state = Path("/proc/spl/kstat/zfs/full/state")
    writing = ["dd", "if=/dev/urandom", "of=/full/home/file", "bs=1M", "count=100", "oflag=sync", "status=none"]
    with subprocess.Popen(writing) as writer:
        until(lambda: state.read_text().strip() == "SUSPENDED")
        assert "suspended" in slave.get("/remote-api/quotas?device=full/home").get_json()[0]["problem"]["detail"]
        for _ in range(POLLS):
            assert seconds_of(slave, ABSENT) < usual_seconds + DEVICE_SECONDS / 2
            assert (tools_on("full"), threads_for("full")) == ([], [])
        zfs("mount", "-o", "remount,size=250M", str(full_pool.directory))
        zfs("zpool", "clear", "full")
        assert writer.wait(PATIENCE) == 0
    until(lambda: poll(slave) == well)


def test_a_pool_whose_disk_hangs_holds_one_tool_and_one_thread(slave: SlaveUnderTest, disk: HungDisk) -> None:
    well = {**ABSENT, "ice": None, "ice/home": None}
    assert poll(slave) == well
    disk.forget()
    disk.hang()
    try:
        hung = {**well, "ice": "device_timeout", "ice/home": "device_timeout"}
        until(lambda: poll(slave) == hung)
        for _ in range(POLLS):
            assert seconds_of(slave, hung) < DEVICE_SECONDS
        assert len(tools_on("ice")) == 1
        assert len(threads_for("ice")) == 1
        assert Path("/proc/spl/kstat/zfs/ice/state").read_text().strip() == "ONLINE"
    finally:
        disk.go_on()
    until(lambda: poll(slave) == well)
    assert (tools_on("ice"), threads_for("ice")) == ([], [])
