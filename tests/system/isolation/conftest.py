"""Real filesystems that hang, under the rig's kernel, and a real slave that reads them beside one that does not."""

import os
import subprocess
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.system.isolation.hanging import FrozenDevice, frozen_device
from tests.system.isolation.slave import RunningSlave, running_slave

IN_RIG = "RIG_ENGINE" in os.environ
STRICT = os.environ.get("CI") == "true"
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands here, and skip it outside of the rig."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.kernel)
            if not IN_RIG:
                item.add_marker(pytest.mark.skip(reason="needs the kernel of tests/rigs/kernel-rig"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Inside the rig nothing may be skipped where CI=true."""
    report = yield
    if IN_RIG and STRICT and report.skipped and HERE in item.path.parents:
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI=true forbids: {report.longrepr}"
    return report


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
