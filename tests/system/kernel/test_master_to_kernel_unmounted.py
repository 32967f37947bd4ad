"""A filesystem that is unmounted under way: shown as failed, the other one fresh, all well again when it is back."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.quota.units import MIB
from tests.system.kernel.rig import RigFilesystem
from tests.system.kernel.stack import UNTIL_SEEN_SECONDS, KernelStack, running_stack
from tests.system.stack.programs import wait_until

pytestmark = pytest.mark.timeout(400)

UNMOUNT_SECONDS = 60.0
MOST_ROUNDS = 2


@pytest.fixture
def stack(tmp_path: Path, ext4: RigFilesystem, xfs: RigFilesystem) -> Iterator[KernelStack]:
    with running_stack(tmp_path, ext4.device, xfs.device) as running:
        yield running


@pytest.fixture
def unmounted_later(stack: KernelStack, xfs: RigFilesystem) -> Iterator[RigFilesystem]:
    """XFS, mounted again afterwards if need be. It comes after the stack, which must not hold it while it ends."""
    yield xfs
    if subprocess.run(["mountpoint", "-q", xfs.mount_point], check=False).returncode != 0:
        xfs.mount()


def unmount(filesystem: RigFilesystem) -> None:
    """The slave's look at the usage holds the mount point for an instant."""

    def done() -> bool:
        return subprocess.run(["umount", filesystem.mount_point], check=False).returncode == 0

    wait_until(done, UNMOUNT_SECONDS, f"{filesystem.mount_point} is unmounted")


def wait_for_status(stack: KernelStack, device: str, status: str) -> tuple[dict[str, Any], int]:
    """The host once the device has that status, and in how many rounds that ended after the first look it had not."""
    rounds = [stack.host()["taken_at"]]

    def found() -> dict[str, Any] | None:
        host = stack.host()
        if host["taken_at"] != rounds[-1]:
            rounds.append(host["taken_at"])
        return host if host["devices"][device]["status"] == status else None

    host = wait_until(found, UNTIL_SEEN_SECONDS, f"{device} is {status}")
    assert host is not None
    return host, len(rounds) - 1


def test_an_unmounted_device_fails_alone_and_comes_back(
    stack: KernelStack, unmounted_later: RigFilesystem, ext4: RigFilesystem, fresh_id: int
) -> None:
    xfs, uid = unmounted_later, fresh_id
    for filesystem in (ext4, xfs):
        assert stack.set_limits(filesystem.device, uid, block_hard_limit=4096).status_code == 200
    unmount(xfs)
    host, rounds = wait_for_status(stack, xfs.device, "failed")
    assert rounds <= MOST_ROUNDS + 1, "one was under way when it was unmounted"
    failed, fine = host["devices"][xfs.device], host["devices"][ext4.device]
    assert failed["problem"]["code"] == "device_unavailable"
    assert failed["problem"]["since"]
    assert (host["state"], host["problem"]) == ("ok", None)
    assert (fine["status"], fine["problem"]) == ("ok", None)

    assert stack.row(xfs.device, uid)["stale"] is True
    assert stack.row(xfs.device, uid)["problem"] == "device_failed"
    assert stack.row(xfs.device, uid)["block_hard_limit"] == 4096
    assert_refused(stack, xfs, uid)
    assert_lives(stack, ext4, uid)

    xfs.mount()
    host, rounds = wait_for_status(stack, xfs.device, "ok")
    assert rounds <= MOST_ROUNDS + 1
    assert host["devices"][xfs.device]["problem"] is None
    assert stack.row(xfs.device, uid)["stale"] is False
    assert stack.set_limits(xfs.device, uid, block_hard_limit=8192).status_code == 200
    assert int(xfs.report()[uid]["BlockHardLimit"]) == 8192


def assert_refused(stack: KernelStack, filesystem: RigFilesystem, uid: int) -> None:
    answer = stack.set_limits(filesystem.device, uid, block_hard_limit=8192)
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
    assert answer.json()["code"] == "device_unavailable"
    entry = stack.newest_audit(uid)
    assert (entry["outcome"], entry["device"]) == ("refused", filesystem.device)


def assert_lives(stack: KernelStack, filesystem: RigFilesystem, uid: int) -> None:
    """It is read again and again, takes limits, and what is written on it arrives at the master."""
    before = stack.host()["devices"][filesystem.device]["measured_at"]
    assert stack.set_limits(filesystem.device, uid, block_hard_limit=8192).status_code == 200
    assert filesystem.write_as(uid, MIB) == 0
    wait_until(
        lambda: stack.row(filesystem.device, uid)["block_current"] >= MIB, UNTIL_SEEN_SECONDS, "the usage arrives"
    )
    row, device = stack.row(filesystem.device, uid), stack.host()["devices"][filesystem.device]
    assert (row["stale"], row["problem"], row["block_hard_limit"]) == (False, None, 8192)
    assert (device["status"], device["measured_at"] > before) == ("ok", True)
