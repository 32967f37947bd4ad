"""From the master's API to the kernel and back: what is set there holds here, what happens here is shown there."""

import errno
from collections.abc import Iterator

import pytest

from app.backends.kernel.backend import KernelBackend
from app.quota.rules import MAX_ID
from app.quota.units import KIB, MIB
from app.quota.values import QuotaType
from tests.system.kernel.conftest import rig_filesystem
from tests.system.kernel.rig import RigFilesystem
from tests.system.kernel.stack import HOST, UNTIL_SEEN_SECONDS, KernelStack, running_stack
from tests.system.stack.programs import wait_until

pytestmark = pytest.mark.timeout(400)

NO_LIMITS = {"block_soft_limit": 0, "block_hard_limit": 0, "inode_soft_limit": 0, "inode_hard_limit": 0}
LIMITS = {"block_soft_limit": 1024, "block_hard_limit": 4096, "inode_soft_limit": 10, "inode_hard_limit": 20}
AT_ONCE = 64 * KIB
"""What a writer of the rig writes by one call, so much may be missing at the limit; twice, as the kernel counts too."""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelStack]:
    devices = [rig_filesystem(fstype).device for fstype in ("ext4", "xfs")]
    with running_stack(tmp_path_factory.mktemp("stack"), *devices) as running:
        yield running


def reported_limits(filesystem: RigFilesystem, uid: int) -> dict[str, int]:
    """The limits that repquota prints, KiB and counts, under the names of the API."""
    row = filesystem.report()[uid]
    columns = ("BlockSoftLimit", "BlockHardLimit", "FileSoftLimit", "FileHardLimit")
    return {name: int(row[column]) for name, column in zip(LIMITS, columns, strict=True)}


def test_a_limit_is_what_repquota_and_the_slave_say(
    stack: KernelStack, filesystem: RigFilesystem, fresh_id: int
) -> None:
    answer = stack.set_limits(filesystem.device, fresh_id, **LIMITS)
    assert answer.status_code == 200, answer.text
    assert answer.json()["row"].items() >= LIMITS.items()
    assert reported_limits(filesystem, fresh_id) == LIMITS
    assert stack.slave_row(filesystem.device, fresh_id).items() >= LIMITS.items()
    assert stack.row(filesystem.device, fresh_id).items() >= LIMITS.items()


def test_a_limit_that_is_not_named_stays(stack: KernelStack, filesystem: RigFilesystem, fresh_id: int) -> None:
    filesystem.run("setquota", "-u", str(fresh_id), "1024", "4096", "10", "20", filesystem.mount_point)
    answer = stack.set_limits(filesystem.device, fresh_id, block_hard_limit=8192)
    assert answer.status_code == 200, answer.text
    assert reported_limits(filesystem, fresh_id) == LIMITS | {"block_hard_limit": 8192}


def test_the_audit_trail_has_what_stood_and_what_stands(
    stack: KernelStack, filesystem: RigFilesystem, fresh_id: int
) -> None:
    first = stack.set_limits(filesystem.device, fresh_id, **LIMITS)
    assert stack.newest_audit(fresh_id)["before"] in (None, NO_LIMITS)
    second = stack.set_limits(filesystem.device, fresh_id, block_hard_limit=8192)
    assert (first.status_code, second.status_code) == (200, 200)
    entry = stack.newest_audit(fresh_id)
    assert (entry["id"], entry["outcome"], entry["action"]) == (second.json()["audit_id"], "applied", "set_limits")
    assert (entry["before"], entry["after"]) == (LIMITS, LIMITS | {"block_hard_limit": 8192})
    assert (entry["host"], entry["device"], entry["reason"]) == (HOST, filesystem.device, "by a test")
    assert entry["actor"]["name"] == "charlie"


def test_a_writer_is_stopped_at_the_limit_and_the_row_says_so(
    stack: KernelStack, filesystem: RigFilesystem, fresh_id: int
) -> None:
    assert stack.set_limits(filesystem.device, fresh_id, block_hard_limit=2048).status_code == 200
    assert filesystem.write_as(fresh_id, 4 * MIB) == errno.EDQUOT
    used = int(filesystem.report()[fresh_id]["BlockUsed"]) * KIB
    assert 2 * MIB - 2 * AT_ONCE <= used <= 2 * MIB
    wait_until(
        lambda: stack.row(filesystem.device, fresh_id)["block_current"] == used,
        UNTIL_SEEN_SECONDS,
        "the usage is at the master",
    )


def test_a_lifted_limit_lets_the_writer_on(stack: KernelStack, filesystem: RigFilesystem, fresh_id: int) -> None:
    assert stack.set_limits(filesystem.device, fresh_id, block_hard_limit=1024).status_code == 200
    assert filesystem.write_as(fresh_id, 2 * MIB) == errno.EDQUOT
    assert stack.set_limits(filesystem.device, fresh_id, block_hard_limit=0).status_code == 200
    assert filesystem.write_as(fresh_id, 2 * MIB) == 0


def test_the_grace_expiry_is_the_one_that_the_kernel_gave(
    stack: KernelStack, backend: KernelBackend, filesystem: RigFilesystem, fresh_id: int
) -> None:
    device = filesystem.device
    assert stack.set_limits(device, fresh_id, **LIMITS).status_code == 200
    assert filesystem.write_as(fresh_id, 2 * MIB) == 0
    filesystem.run("sync")

    def shown_is_the_kernels() -> bool:
        expires_at = backend.get_quota(device, QuotaType.USER, fresh_id).block.grace_expires_at
        shown = stack.row(device, fresh_id)["block_time_limit"]
        return expires_at is not None and shown == int(expires_at.timestamp())

    wait_until(shown_is_the_kernels, UNTIL_SEEN_SECONDS, "the row has the expiry that the kernel gave")
    row = stack.row(device, fresh_id)
    assert row["block_time_limit"] == int(filesystem.report()[fresh_id]["BlockGrace"])
    assert (row["status"], row["inode_time_limit"]) == ("soft_exceeded", 0)

    filesystem.run("setquota", "-T", "-u", str(fresh_id), "90000", "unset", filesystem.mount_point)
    moved = int(filesystem.report()[fresh_id]["BlockGrace"])
    assert moved != row["block_time_limit"]
    wait_until(
        lambda: stack.row(device, fresh_id)["block_time_limit"] == moved, UNTIL_SEEN_SECONDS, "the row has the new one"
    )


def test_the_largest_uid_goes_all_the_way(stack: KernelStack, filesystem: RigFilesystem) -> None:
    answer = stack.set_limits(filesystem.device, MAX_ID, **LIMITS)
    assert answer.status_code == 200, answer.text
    assert reported_limits(filesystem, MAX_ID) == LIMITS
    assert filesystem.write_as(MAX_ID, 8 * MIB) == errno.EDQUOT
    wait_until(
        lambda: stack.row(filesystem.device, MAX_ID)["block_current"] > MIB, UNTIL_SEEN_SECONDS, "its row is shown"
    )


def test_what_xfs_cannot_do_is_refused_and_in_the_trail(stack: KernelStack, xfs: RigFilesystem) -> None:
    before = reported_limits(xfs, 0)
    answer = stack.set_limits(xfs.device, 0, block_hard_limit=4096)
    assert (answer.status_code, answer.headers["Content-Type"]) == (409, "application/problem+json")
    entry = stack.newest_audit(0)
    assert (entry["outcome"], entry["after"]) == ("refused", None)
    assert reported_limits(xfs, 0) == before == NO_LIMITS


def test_soft_above_hard_changes_nothing(stack: KernelStack, filesystem: RigFilesystem, fresh_id: int) -> None:
    assert stack.set_limits(filesystem.device, fresh_id, **LIMITS).status_code == 200
    answer = stack.set_limits(filesystem.device, fresh_id, block_soft_limit=8192)
    assert answer.status_code == 422, answer.text
    assert stack.newest_audit(fresh_id)["outcome"] == "refused"
    assert reported_limits(filesystem, fresh_id) == LIMITS
