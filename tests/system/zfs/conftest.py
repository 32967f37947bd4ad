"""Tests on real ZFS: `./scripts/test.sh zfs` builds it once and runs them inside `tests/rigs/kernel-rig`."""

import os
from collections.abc import Generator, Iterator
from itertools import count
from pathlib import Path

import pytest

from app.backends.zfs.backend import ZfsBackend
from tests.system.real_parts import IN_CI, forbid_skip, mark
from tests.system.zfs.pools import Pool

pytest.register_assert_rewrite("tests.contract.backend_contract")

IN_RIG = Path("/sys/module/zfs").exists() and "RIG_ENGINE" in os.environ
HERE = Path(__file__).parent
TOOL_SECONDS = 20.0
_IDS = count(20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands here, and skip it where it cannot run."""
    mark(items, HERE, "zfs", lacks="" if IN_RIG else "the ZFS of ./scripts/test.sh zfs")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Nothing may be skipped inside the rig, nor where CI=true."""
    report = yield
    return forbid_skip(report, item, HERE) if IN_RIG or IN_CI else report


@pytest.fixture(scope="session")
def pool() -> Iterator[Pool]:
    """A pool `tank` with `tank/home`, open to everybody."""
    pool = Pool("tank").make("home")
    Path("/tank/home").chmod(0o1777)
    yield pool
    pool.destroy()


@pytest.fixture(scope="session")
def backend(pool: Pool) -> ZfsBackend:
    return ZfsBackend(timeout_seconds=TOOL_SECONDS)


@pytest.fixture
def fresh_id() -> int:
    """An id that no other test uses and no dataset saw."""
    return next(_IDS)
