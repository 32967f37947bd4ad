"""Tests with a real dockerd, one for all of this folder."""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from app.docker_quota.engine import SdkEngine
from tests.fakes.docker_rig import DockerRig, missing, remove_leftovers
from tests.system.real_parts import IN_CI, forbid_skip, mark

pytest.register_assert_rewrite("tests.contract.engine_contract", "tests.contract.backend_contract")

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands here, and skip it where it cannot run."""
    mark(items, HERE, "docker", lacks=missing())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Nothing may be skipped where CI=true."""
    report = yield
    return forbid_skip(report, item, HERE) if IN_CI else report


@pytest.fixture(scope="session")
def dockerd() -> Iterator[DockerRig]:
    """The engine of the session, with an image and whatever tests before left."""
    remove_leftovers()
    with DockerRig() as rig:
        yield rig


@pytest.fixture
def rig(dockerd: DockerRig) -> Iterator[DockerRig]:
    """The engine, up, with its image and nothing else before and after the test."""
    yield dockerd
    dockerd.up()
    dockerd.wipe()


@pytest.fixture
def engine(rig: DockerRig) -> Iterator[SdkEngine]:
    made = SdkEngine(rig.host, timeout_seconds=10)
    yield made
    made.close()
