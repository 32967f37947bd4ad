"""The kernel backend keeps the promises of every backend, on real ext4 and XFS, for users, groups and projects."""

import pytest

from app.backends.kernel.backend import KernelBackend
from app.quota.values import QuotaType
from tests.contract.backend_contract import BackendContract, Subject
from tests.system.kernel.rig import RigFilesystem


@pytest.mark.parametrize("quota_type", list(QuotaType))
class TestKernelBackend(BackendContract):
    @pytest.fixture
    def subject(
        self, backend: KernelBackend, filesystem: RigFilesystem, fresh_id: int, quota_type: QuotaType
    ) -> Subject:
        def write(size: int) -> None:
            assert filesystem.write_as(fresh_id, size, quota_type) == 0

        return Subject(backend, filesystem.device, fresh_id, write, quota_type)
