"""The mock hosts keep the promises of every backend, on each of their devices."""

import pytest

from app.backends.mock.backend import MockBackend
from app.backends.mock.hosts import MOCK_HOSTS, MockHost
from tests.contract.backend_contract import BackendContract, Subject

UNSEEN = 54_321
EVERY_DEVICE = [(host, seed.device.name) for host in MOCK_HOSTS.values() for seed in host.devices]


@pytest.mark.parametrize(
    ("host", "device"), EVERY_DEVICE, ids=[f"{host.host_id} {name}" for host, name in EVERY_DEVICE]
)
class TestMockBackend(BackendContract):
    @pytest.fixture
    def subject(self, host: MockHost, device: str) -> Subject:
        return Subject(MockBackend(host, run_id="r1"), device, UNSEEN)
