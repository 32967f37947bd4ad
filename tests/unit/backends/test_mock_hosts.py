"""The mock hosts are those that the documentation names, and their figures add up."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from app.backends.mock.backend import MockBackend
from app.backends.mock.hosts import HOST1, HOST2, HOST4, MOCK_HOSTS, MockHost
from app.quota.errors import NotSupportedError
from app.quota.status import QuotaStatus, quota_status
from app.quota.units import GIB, MIB
from app.quota.values import UNLIMITED, DeviceKind, Limits, QuotaType

USER = QuotaType.USER
NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)


def backend_of(host: MockHost) -> MockBackend:
    return MockBackend(host, clock=lambda: NOW)


def kinds(host: MockHost) -> list[tuple[str, DeviceKind]]:
    return [(device.name, device.kind) for device in backend_of(host).list_devices()]


def test_the_devices_of_each_host() -> None:
    assert {kind for _, kind in kinds(HOST1)} == {DeviceKind.BLOCK}
    assert {"/dev/sda1", "/dev/sdb1", "/dev/nvme0n1p1"} <= {name for name, _ in kinds(HOST1)}
    assert kinds(HOST2) == [("/dev/vdb1", DeviceKind.BLOCK), ("tank/home", DeviceKind.ZFS)]
    assert kinds(MOCK_HOSTS["host3"]) == [("tank/home", DeviceKind.ZFS), ("tank/scratch", DeviceKind.ZFS)]
    assert kinds(HOST4) == [("/dev/sda1", DeviceKind.BLOCK), ("docker", DeviceKind.DOCKER)]


def test_host1_has_every_status_and_inode_limits() -> None:
    backend = backend_of(HOST1)
    rows = [quota for device in backend.list_devices() for quota in backend.iter_quotas(device.name, USER)]
    assert set(Counter(quota_status(quota, NOW) for quota in rows)) == set(QuotaStatus)
    assert {quota.name for quota in rows} == {"alice", "bob", "charlie", "diana", "eve"}
    assert any(quota.inode.limits.hard for quota in rows)


@pytest.mark.parametrize("host", MOCK_HOSTS.values(), ids=lambda host: host.host_id)
def test_the_usage_of_a_device_is_that_of_its_rows(host: MockHost) -> None:
    backend = backend_of(host)
    for device in backend.list_devices():
        usage = backend.get_usage(device.name)
        rows = list(backend.iter_quotas(device.name, USER))
        assert sum(quota.block.used for quota in rows) + (usage.unattributed or 0) == usage.used
        assert usage.used + usage.free == usage.total
        assert all(sum(quota.parts.values()) == quota.block.used for quota in rows if quota.parts)
        assert all(not quota.block.limits.soft or device.capabilities.soft_limits for quota in rows)
        assert all(quota.inode.limits == UNLIMITED or device.capabilities.inode_limits for quota in rows)


def test_docker_on_host4() -> None:
    backend = backend_of(HOST4)
    rows = {quota.name: quota for quota in backend.iter_quotas("docker", USER)}
    hard = {name: quota.block.limits.hard for name, quota in rows.items()}
    assert hard == {"alice": 10 * GIB, "bob": 15 * GIB, "charlie": 5 * GIB}
    assert quota_status(rows["charlie"], NOW) is QuotaStatus.HARD_REACHED
    assert backend.get_usage("docker").unattributed == 2**31
    assert set(rows["alice"].parts) == {"container", "image_layer", "volume", "build_cache"}


def test_a_running_timer_goes_on_while_usage_stays_above() -> None:
    backend = backend_of(HOST1)
    before = backend.get_quota("/dev/sda1", USER, 1001)
    after = backend.set_limits("/dev/sda1", USER, 1001, block=Limits(10 * GIB, 90 * GIB), inode=UNLIMITED)
    assert after.block.grace_expires_at == before.block.grace_expires_at == NOW + timedelta(days=3)
    assert after.name == "bob"


def test_limits_are_kept_in_whole_kib() -> None:
    stands = backend_of(HOST1).set_limits("/dev/sda1", USER, 1000, block=Limits(1, MIB + 1), inode=UNLIMITED)
    assert stands.block.limits == Limits(1024, MIB + 1024)


def test_groups_are_named_too() -> None:
    backend = backend_of(HOST1)
    assert [quota.name for quota in backend.iter_quotas("/dev/sda1", QuotaType.GROUP)] == ["lab", "staff"]
    with pytest.raises(NotSupportedError):
        backend_of(HOST2).iter_quotas("tank/home", QuotaType.GROUP)
