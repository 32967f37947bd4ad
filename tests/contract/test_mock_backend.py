"""The mock hosts keep the promises of every backend, for each quota type of each of their devices."""

import pytest

from app.backends.mock.backend import MockBackend
from app.backends.mock.hosts import MOCK_HOSTS, MockHost
from app.quota.values import QuotaType
from tests.contract.backend_contract import BackendContract, Subject

UNSEEN = 54_321
EVERY_TYPE = [
    (host, seed.device.name, quota_type)
    for host in MOCK_HOSTS.values()
    for seed in host.devices
    for quota_type in seed.device.capabilities.quota_types
]


@pytest.mark.parametrize(
    ("host", "device", "quota_type"), EVERY_TYPE, ids=[f"{host.host_id} {name} {its}" for host, name, its in EVERY_TYPE]
)
class TestMockBackend(BackendContract):
    @pytest.fixture
    def subject(self, host: MockHost, device: str, quota_type: QuotaType) -> Subject:
        return Subject(MockBackend(host, run_id="r1"), device, UNSEEN, quota_type=quota_type)
