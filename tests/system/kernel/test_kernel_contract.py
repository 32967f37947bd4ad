"""The kernel backend keeps the promises of every backend, on real ext4 and XFS."""

import pytest

from app.backends.kernel.backend import KernelBackend
from tests.contract.backend_contract import BackendContract, Subject
from tests.system.kernel.rig import RigFilesystem


class TestKernelBackend(BackendContract):
    @pytest.fixture
    def subject(self, backend: KernelBackend, filesystem: RigFilesystem, fresh_id: int) -> Subject:
        def write(size: int) -> None:
            assert filesystem.write_as(fresh_id, size) == 0

        return Subject(backend, filesystem.device, fresh_id, write)
