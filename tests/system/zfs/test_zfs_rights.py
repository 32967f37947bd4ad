"""What an ordinary user may do, without rights and with those that `zfs allow` gives: see docs/backends/zfs.md."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app.backends.zfs.backend import ZfsBackend
from app.quota.errors import BackendForbiddenError
from app.quota.units import MIB
from app.quota.values import UNLIMITED, Limits, QuotaType
from tests.system.kernel.rig import errno_as
from tests.system.zfs.conftest import TOOL_SECONDS
from tests.system.zfs.pools import Pool, write_as, zfs

QMAN = 4711
LIMIT = Limits(None, 5 * MIB)
OWNERS = ("user", "group", "project")


@pytest.fixture
def _open_tools() -> None:
    """As on a machine where udev runs and the tools are installed: here they lie below /root."""
    Path("/dev/zfs").chmod(0o666)
    tool = shutil.which("zfs")
    assert tool is not None
    for folder in Path(tool).parents:
        folder.chmod(folder.stat().st_mode | 0o055)


def allow(*kinds: str) -> None:
    permissions = ",".join(f"{owner}{kind}" for owner in OWNERS for kind in kinds)
    zfs("zfs", "allow", "-u", str(QMAN), permissions, "tank/home")


def as_qman(action: Callable[[ZfsBackend], None]) -> int:
    """Run it in a child that is this uid, with a backend of its own; 0 when nothing was raised."""
    return errno_as(QMAN, lambda: action(ZfsBackend(timeout_seconds=TOOL_SECONDS)))


@pytest.mark.usefixtures("_open_tools")
def test_without_rights_forbidden_and_with_them_as_root(backend: ZfsBackend, pool: Pool, fresh_id: int) -> None:
    assert write_as(fresh_id, Path("/tank/home"), MIB) == 0
    pool.sync()
    truth = backend.set_limits("tank/home", QuotaType.USER, fresh_id, block=LIMIT, inode=UNLIMITED)

    def change(mine: ZfsBackend) -> None:
        stands = mine.set_limits("tank/home", QuotaType.USER, fresh_id, block=LIMIT, inode=Limits(None, 9))
        assert stands.inode.limits == Limits(None, 9)
        mine.set_limits("tank/home", QuotaType.USER, fresh_id, block=LIMIT, inode=UNLIMITED)

    def refused(mine: ZfsBackend) -> None:
        assert "tank/home" in {device.name for device in mine.list_devices()}
        assert mine.get_usage("tank/home").total
        for quota_type in QuotaType:
            with pytest.raises(BackendForbiddenError):
                list(mine.iter_quotas("tank/home", quota_type))
            with pytest.raises(BackendForbiddenError):
                mine.get_quota("tank/home", quota_type, fresh_id)
        with pytest.raises(BackendForbiddenError):
            change(mine)

    def allowed(mine: ZfsBackend) -> None:
        for quota_type in QuotaType:
            assert list(mine.iter_quotas("tank/home", quota_type)) == everything[quota_type]
        assert mine.get_quota("tank/home", QuotaType.USER, fresh_id) == truth
        change(mine)

    everything = {quota_type: list(backend.iter_quotas("tank/home", quota_type)) for quota_type in QuotaType}
    allow("used", "objused")
    assert as_qman(refused) == 0
    allow("quota", "objquota")
    assert as_qman(allowed) == 0


@pytest.mark.usefixtures("_open_tools")
def test_without_the_device_of_zfs_nothing_can_be_listed() -> None:
    def refused(mine: ZfsBackend) -> None:
        with pytest.raises(BackendForbiddenError):
            mine.list_devices()

    Path("/dev/zfs").chmod(0o600)
    assert as_qman(refused) == 0
