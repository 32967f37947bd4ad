"""Figures are those that ZFS has, and limits that are set hold."""

import errno
import os
from pathlib import Path

import pytest

from app.backends.zfs.backend import ZfsBackend
from app.quota.units import MIB
from app.quota.values import UNLIMITED, AccountingState, Limits, Quota, QuotaType
from tests.system.zfs.pools import Pool, write_as, zfs

HOME = Path("/tank/home")
USER, GROUP, PROJECT = QuotaType
ROUNDS = 20


def as_zfs_prints(quota: Quota) -> list[str]:
    figures = (quota.block.used, quota.block.limits.hard, quota.inode.used, quota.inode.limits.hard)
    return [str(quota.quota_id), *(str(figure or 0) for figure in figures)]


def test_figures_after_a_sync_are_those_of_zfs(backend: ZfsBackend, pool: Pool) -> None:
    for owner in (1000, 2**31, 2**32 - 2):
        file = HOME / f"figures-{owner}"
        file.write_bytes(os.urandom(MIB))
        os.chown(file, owner, owner)
    project = HOME / "project"
    project.mkdir()
    zfs("zfs", "project", "-s", "-p", str(2**32 - 2), str(project))
    (project / "file").write_bytes(os.urandom(MIB))
    backend.set_limits("tank/home", USER, 2**31, block=Limits(None, 2**40 + 1), inode=Limits(None, 5000))
    pool.sync()
    tools = {USER: ("userspace", "-Hpn"), GROUP: ("groupspace", "-Hpn"), PROJECT: ("projectspace", "-Hp")}
    for quota_type, tool in tools.items():
        told = [line.split("\t")[1:] for line in zfs("zfs", *tool, "tank/home").splitlines()]
        found = list(backend.iter_quotas("tank/home", quota_type))
        assert [as_zfs_prints(quota) for quota in found] == [[cell.replace("-", "0") for cell in row] for row in told]
        by_id = {quota.quota_id: quota for quota in found}
        assert by_id[2**32 - 2].block.used >= MIB
        assert by_id[2**32 - 2].inode.used >= 1


def test_figures_lag_by_what_the_kernel_says(backend: ZfsBackend) -> None:
    [home] = [device for device in backend.list_devices() if device.name == "tank/home"]
    assert home.accounting.state is AccountingState.DELAYED
    assert str(home.accounting.delay_seconds) == Path("/sys/module/zfs/parameters/zfs_txg_timeout").read_text().strip()
    assert home.mount_points == ("/tank/home",)


@pytest.mark.parametrize("quota_type", list(QuotaType))
def test_a_limit_of_space_holds(backend: ZfsBackend, pool: Pool, fresh_id: int, quota_type: QuotaType) -> None:
    folder = HOME
    if quota_type is PROJECT:
        folder = HOME / f"project-{fresh_id}"
        folder.mkdir()
        folder.chmod(0o777)
        zfs("zfs", "project", "-s", "-p", str(fresh_id), str(folder))
    backend.set_limits("tank/home", quota_type, fresh_id, block=Limits(None, 3 * MIB), inode=UNLIMITED)
    for _ in range(ROUNDS):
        stopped_by = write_as(fresh_id, folder, MIB)
        if stopped_by:
            break
        pool.sync()
    assert stopped_by == errno.EDQUOT
    used = backend.get_quota("tank/home", quota_type, fresh_id).block.used
    assert 3 * MIB <= used < 6 * MIB
    backend.set_limits("tank/home", quota_type, fresh_id, block=UNLIMITED, inode=UNLIMITED)
    assert write_as(fresh_id, folder, MIB) == 0


def test_a_limit_of_files_holds(backend: ZfsBackend, pool: Pool, fresh_id: int) -> None:
    backend.set_limits("tank/home", USER, fresh_id, block=UNLIMITED, inode=Limits(None, 3))
    for _ in range(ROUNDS):
        stopped_by = write_as(fresh_id, HOME, 0)
        if stopped_by:
            break
        pool.sync()
    assert stopped_by == errno.EDQUOT
    assert backend.get_quota("tank/home", USER, fresh_id).inode.used >= 3


def test_the_largest_limits_stand(backend: ZfsBackend, pool: Pool, fresh_id: int) -> None:
    most = Limits(None, 2**64 - 1)
    quota = backend.set_limits("tank/home", USER, fresh_id, block=most, inode=most)
    assert (quota.block.limits, quota.inode.limits) == (most, most)


def test_usage_is_of_the_smaller_quota_of_the_dataset(backend: ZfsBackend, pool: Pool) -> None:
    free = backend.get_usage("tank/home")
    assert free.total == free.used + free.free
    zfs("zfs", "set", "quota=180M", "refquota=170M", "tank/home")
    try:
        bounded = backend.get_usage("tank/home")
        assert bounded.total == 170 * MIB
        assert bounded.used + bounded.free <= bounded.total
        zfs("zfs", "set", "refquota=190M", "tank/home")
        assert backend.get_usage("tank/home").total == 180 * MIB
    finally:
        zfs("zfs", "set", "quota=none", "refquota=none", "tank/home")
