"""What others fell into, on real ZFS."""

from pathlib import Path

import pytest

from app.backends.zfs.backend import ZfsBackend
from app.quota.errors import DeviceNotFoundError, DeviceUnavailableError, NotSupportedError
from app.quota.units import MIB
from app.quota.values import UNLIMITED, Limits, QuotaType
from tests.system.zfs.conftest import TOOL_SECONDS
from tests.system.zfs.pools import Pool, write_as, zfs

USER, PROJECT = QuotaType.USER, QuotaType.PROJECT
LIMIT = Limits(None, 5 * MIB)
PASSWD = Path("/etc/passwd")


def fresh_backend(*configured: str) -> ZfsBackend:
    return ZfsBackend(configured, timeout_seconds=TOOL_SECONDS)


def test_a_uid_is_not_the_user_whose_name_is_that_number(backend: ZfsBackend, pool: Pool) -> None:
    before = PASSWD.read_text()
    PASSWD.write_text(f"{before}47110:x:47999:47999::/:/bin/false\n")
    try:
        backend.set_limits("tank/home", USER, 47110, block=LIMIT, inode=UNLIMITED)
        assert backend.get_quota("tank/home", USER, 47110).block.limits == LIMIT
        assert backend.get_quota("tank/home", USER, 47999).block.limits == UNLIMITED
        stands = {quota.quota_id: quota.block.limits for quota in backend.iter_quotas("tank/home", USER)}
        assert stands[47110] == LIMIT
        assert 47999 not in stands
    finally:
        PASSWD.write_text(before)


def test_an_unmounted_dataset_is_read_and_changed(backend: ZfsBackend, pool: Pool, fresh_id: int) -> None:
    zfs("zfs", "create", "tank/away")
    Path("/tank/away").chmod(0o777)
    assert write_as(fresh_id, Path("/tank/away"), MIB) == 0
    zfs("zfs", "unmount", "tank/away")
    [away] = [device for device in backend.list_devices() if device.name == "tank/away"]
    assert (away.mount_points, "unmounted" in away.opts) == ((), True)
    quota = backend.set_limits("tank/away", USER, fresh_id, block=LIMIT, inode=UNLIMITED)
    assert quota.block.used >= MIB
    assert quota == backend.get_quota("tank/away", USER, fresh_id)
    zfs("zfs", "destroy", "tank/away")
    for device in (lambda: backend.get_usage("tank/away"), lambda: backend.get_quota("tank/away", USER, fresh_id)):
        with pytest.raises(DeviceUnavailableError, match="does not exist"):
            device()
    with pytest.raises(DeviceNotFoundError):
        fresh_backend().get_usage("tank/away")


def test_a_dataset_without_its_key_has_no_figures_rather_than_zeros(
    backend: ZfsBackend, pool: Pool, fresh_id: int, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"k" * 32)
    crypt = ("-o", "encryption=on", "-o", "keyformat=raw", "-o", f"keylocation=file://{key}")
    zfs("zfs", "create", *crypt, "tank/secret")
    Path("/tank/secret").chmod(0o777)
    assert write_as(fresh_id, Path("/tank/secret"), MIB) == 0
    pool.sync()
    assert backend.get_quota("tank/secret", USER, fresh_id).block.used >= MIB
    zfs("zfs", "unmount", "tank/secret")
    zfs("zfs", "unload-key", "tank/secret")
    for call in (
        lambda: list(backend.iter_quotas("tank/secret", USER)),
        lambda: backend.get_quota("tank/secret", USER, fresh_id),
        lambda: backend.set_limits("tank/secret", USER, fresh_id, block=LIMIT, inode=UNLIMITED),
    ):
        with pytest.raises(DeviceUnavailableError, match="key of tank/secret is not loaded"):
            call()
    [secret] = [device for device in backend.list_devices() if device.name == "tank/secret"]
    assert "keystatus=unavailable" in secret.opts
    zfs("zfs", "destroy", "tank/secret")


def test_what_is_no_filesystem_is_no_device_and_what_is_configured_is(backend: ZfsBackend, pool: Pool) -> None:
    zfs("zfs", "create", "-s", "-V", "10M", "tank/volume")
    zfs("zfs", "snapshot", "tank/home@one")
    try:
        assert [device.name for device in fresh_backend().list_devices()] == ["tank", "tank/home"]
        chosen = fresh_backend("nopool/home", "tank/home", "tank/nope", "tank/volume")
        assert [device.name for device in chosen.list_devices()] == [
            "nopool/home",
            "tank/home",
            "tank/nope",
            "tank/volume",
        ]
        assert list(chosen.iter_quotas("tank/home", USER))
        for name, said in (("nopool/home", "exist"), ("tank/nope", "exist"), ("tank/volume", "not applicable")):
            with pytest.raises(DeviceUnavailableError, match=said):
                list(chosen.iter_quotas(name, USER))
    finally:
        zfs("zfs", "destroy", "tank/volume")
        zfs("zfs", "destroy", "tank/home@one")


def test_an_old_pool_has_space_alone_and_one_imported_read_only_refuses(backend: ZfsBackend, fresh_id: int) -> None:
    old = Pool("old", options=("-d",)).make("home")
    try:
        Path("/old/home").chmod(0o777)
        assert write_as(fresh_id, Path("/old/home"), MIB) == 0
        old.sync()
        [home] = [device for device in backend.list_devices() if device.name == "old/home"]
        assert home.capabilities.quota_types == (USER, QuotaType.GROUP)
        assert not home.capabilities.inode_limits
        quota = backend.set_limits("old/home", USER, fresh_id, block=LIMIT, inode=UNLIMITED)
        assert (quota.block.used >= MIB, quota.inode.used) == (True, 0)
        assert quota in list(backend.iter_quotas("old/home", USER))
        with pytest.raises(NotSupportedError):
            backend.set_limits("old/home", USER, fresh_id, block=LIMIT, inode=Limits(None, 5))
        zfs("zpool", "export", "old")
        with pytest.raises(DeviceUnavailableError):
            backend.get_usage("old/home")
        zfs("zpool", "import", "-o", "readonly=on", "-d", "/mnt/ext4", "old")
        assert backend.get_quota("old/home", USER, fresh_id) == quota
        with pytest.raises(DeviceUnavailableError, match="read-only"):
            backend.set_limits("old/home", USER, fresh_id, block=UNLIMITED, inode=UNLIMITED)
    finally:
        old.destroy()
