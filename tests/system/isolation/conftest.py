"""Real filesystems that hang, under the rig's kernel, and a real slave that reads them beside one that does not."""

import os
import subprocess
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.system.isolation.hanging import FrozenDevice, frozen_device
from tests.system.isolation.slave import RunningSlave, running_slave
from tests.system.real_parts import IN_CI, forbid_skip, mark

IN_RIG = "RIG_ENGINE" in os.environ
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands here, and skip it where it cannot run."""
    mark(items, HERE, "kernel", lacks="" if IN_RIG else "the kernel of tests/rigs/kernel-rig")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Inside the rig nothing may be skipped where CI=true."""
    report = yield
    return forbid_skip(report, item, HERE) if IN_RIG and IN_CI else report


@pytest.fixture(scope="session", autouse=True)
def _modules() -> None:
    for module in ("fuse", "loop"):
        subprocess.run(["modprobe", module], check=True)


@pytest.fixture(params=["ext4", "xfs"])
def frozen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FrozenDevice]:
    """A filesystem with quotas on a loop device whose file can be made to hang."""
    with frozen_device(request.param, tmp_path) as device:
        yield device


@pytest.fixture
def slave(frozen: FrozenDevice, tmp_path: Path) -> Iterator[RunningSlave]:
    """A slave of this machine. It ends before the device does."""
    with running_slave(tmp_path) as running:
        yield running
        frozen.release()
