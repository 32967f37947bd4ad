"""The ZFS backend keeps the promises of every backend on a host whose tools are faked: real ones run in `zfs`."""

from pathlib import Path

import pytest

from app.quota.values import QuotaType
from tests.contract.backend_contract import BackendContract, Subject
from tests.fakes.zfs import FakeZfs


@pytest.mark.parametrize("quota_type", list(QuotaType))
class TestZfsBackend(BackendContract):
    @pytest.fixture(params=[True, False], ids=["objects", "space alone"])
    def subject(self, request: pytest.FixtureRequest, tmp_path: Path, quota_type: QuotaType) -> Subject:
        zfs = FakeZfs("tank", "tank/home", objects=request.param)
        home = zfs.datasets["tank/home"]
        home.figures |= {f"{quota_type}used@0": 512, f"{quota_type}used@1000": 2**20, f"{quota_type}quota@1000": 2**21}
        home.properties |= {"used": "3000", "available": "2000", "referenced": "3000"}
        return Subject(zfs.backend(tmp_path), "tank/home", 54_321, quota_type=quota_type)
