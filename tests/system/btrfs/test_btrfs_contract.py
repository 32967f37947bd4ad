"""The Btrfs backend keeps the promises of every backend, with qgroups and with simple quotas."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.backends.btrfs.backend import BtrfsBackend
from app.quota.rules import MAX_ID
from app.quota.values import UNLIMITED, Limits, Quota
from tests.contract.backend_contract import BackendContract, Subject
from tests.system.btrfs.loops import Loop

UNSEEN = 54_321


@dataclass(frozen=True, kw_only=True)
class SubvolumeSubject(Subject):
    """On Btrfs a limit needs a subvolume: whoever is to have one gets it first."""

    make: Callable[[int], Path]

    def set(self, quota_id: int, block: Limits, inode: Limits = UNLIMITED) -> Quota:
        self.make(quota_id)
        return super().set(quota_id, block, inode)


class TestBtrfsBackend(BackendContract):
    @pytest.fixture(params=["qgroup", "squota"])
    def subject(self, request: pytest.FixtureRequest, backend: BtrfsBackend, new_loop: Callable[[], Loop]) -> Subject:
        loop = new_loop()
        loop.enable_quotas() if request.param == "qgroup" else loop.enable_simple_quotas()
        loop.write(loop.subvolume("alice"), 2 * 2**20)

        def make(quota_id: int) -> Path:
            path = loop.mount_point / f"#{quota_id}"
            return path if path.exists() or quota_id > MAX_ID else loop.subvolume(path.name)

        def write(size: int) -> None:
            assert loop.write(make(UNSEEN), size) == 0

        return SubvolumeSubject(backend, loop.device, UNSEEN, write, make=make)
