"""The promises of a backend hold through the slave's API too: signed HTTP, JSON, and back."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.contract.backend_contract import BackendContract, Subject
from tests.fakes.remote_backend import RemoteBackend
from tests.fakes.served_slave import ServedSlave
from tests.fakes.slave_app import READ, WRITE, SettableClock

UNSEEN = 54_321
DEVICES = [("host1", "/dev/sda1"), ("host2", "tank/home"), ("host4", "docker")]


class PassingTime(SettableClock):
    """It goes on by itself: a timer's end is compared with what the time really is."""

    def __call__(self) -> datetime:
        self.now = datetime.now(UTC)
        return self.now


@pytest.mark.parametrize(("host", "device"), DEVICES, ids=[f"{host} {name}" for host, name in DEVICES])
class TestRemoteApi(BackendContract):
    @pytest.fixture
    def subject(self, host: str, device: str, tmp_path: Path) -> Iterator[Subject]:
        with ServedSlave(tmp_path, host=host, clock=PassingTime()) as served:
            remote = RemoteBackend(served.url, READ, WRITE, served.slave.clock)
            yield Subject(remote, device, UNSEEN)
            remote.close()
