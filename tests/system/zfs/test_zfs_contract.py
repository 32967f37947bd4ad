"""The ZFS backend keeps the promises of every backend, for users, groups and projects, on real ZFS."""

from functools import cached_property
from pathlib import Path

import pytest

from app.backends.zfs.backend import ZfsBackend
from app.quota.values import Capabilities, QuotaType
from tests.contract.backend_contract import BackendContract, Subject
from tests.system.zfs.pools import Pool, write_as


class ListedOnce(Subject):
    """Asks once what the device can do: a tool takes a third of a second on an emulated processor."""

    @cached_property
    def can(self) -> Capabilities:
        return self.device.capabilities


@pytest.mark.parametrize("quota_type", list(QuotaType))
class TestZfsBackend(BackendContract):
    @pytest.fixture
    def subject(self, backend: ZfsBackend, pool: Pool, fresh_id: int, quota_type: QuotaType) -> Subject:
        def write(size: int) -> None:
            assert write_as(fresh_id, Path("/tank/home"), size) == 0
            pool.sync()

        writes = None if quota_type is QuotaType.PROJECT else write
        return ListedOnce(backend, "tank/home", fresh_id, writes, quota_type)
