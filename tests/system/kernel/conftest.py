"""Tests on real ext4 and XFS quotas: run `tests/rigs/kernel-rig -- .venv/bin/python -m pytest -m kernel`."""

import os
from collections.abc import Generator
from itertools import count
from pathlib import Path

import pytest

from app.backends.kernel.backend import KernelBackend
from tests.system.kernel.rig import RigFilesystem
from tests.system.real_parts import IN_CI, forbid_skip, mark

pytest.register_assert_rewrite("tests.contract.backend_contract", "tests.system.kernel.reported")

IN_RIG = "RIG_ENGINE" in os.environ
HERE = Path(__file__).parent
_IDS = count(20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands here, and skip it where it cannot run."""
    mark(items, HERE, "kernel", lacks="" if IN_RIG else "the quotas of tests/rigs/kernel-rig")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Inside the rig nothing may be skipped where CI=true."""
    report = yield
    return forbid_skip(report, item, HERE) if IN_RIG and IN_CI else report


@pytest.fixture(params=["ext4", "xfs"])
def filesystem(request: pytest.FixtureRequest) -> RigFilesystem:
    """Each of the rig's filesystems."""
    return rig_filesystem(request.param)


@pytest.fixture
def ext4() -> RigFilesystem:
    return rig_filesystem("ext4")


@pytest.fixture
def xfs() -> RigFilesystem:
    return rig_filesystem("xfs")


@pytest.fixture
def backend() -> KernelBackend:
    return KernelBackend()


@pytest.fixture
def fresh_id() -> int:
    """An id that no other test uses and no device saw."""
    return next(_IDS)


def rig_filesystem(fstype: str) -> RigFilesystem:
    """The rig's filesystem of this type."""
    options = {"ext4": "usrquota,grpquota,prjquota", "xfs": "uquota,gquota,pquota"}[fstype]
    return RigFilesystem(fstype, os.environ[f"RIG_{fstype.upper()}_DEV"], f"/mnt/{fstype}", options)
