"""Tests on real Btrfs filesystems, in files that are loop-mounted on this machine."""

import os
import shutil
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from pathlib import Path

import pytest

from app.backends.btrfs.backend import BtrfsBackend
from tests.system.btrfs.loops import Loop, new_folder, remove, remove_leftovers
from tests.system.real_parts import IN_CI, forbid_skip, mark

pytest.register_assert_rewrite("tests.contract.backend_contract")

HERE = Path(__file__).parent
PATTERNS = ("{mount}/{user}",)
USERS = {"alice": 1000, "bob": 1001, "carol": 1002}


def missing() -> str:
    """What this machine lacks for these tests; empty where it lacks nothing."""
    if os.geteuid() != 0:
        return "root"
    if "btrfs" not in Path("/proc/filesystems").read_text().split():
        return "a kernel with Btrfs"
    if not Path("/dev/loop-control").exists():
        return "loop devices"
    return "" if shutil.which("mkfs.btrfs") else "btrfs-progs"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands here, and skip it where it cannot run."""
    mark(items, HERE, "btrfs", lacks=missing())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Nothing may be skipped where CI=true."""
    report = yield
    return forbid_skip(report, item, HERE) if IN_CI else report


@pytest.fixture(scope="session")
def _clean() -> None:
    remove_leftovers()


@pytest.fixture
def new_loop(_clean: None) -> Iterator[Callable[..., Loop]]:
    """Makes filesystems, without quotas; all are gone after the test."""
    folders: list[Path] = []

    def make(devices: int = 1) -> Loop:
        folders.append(new_folder())
        loop = Loop(folders[-1])
        loop.make(devices)
        return loop

    try:
        yield make
    finally:
        for folder in folders:
            remove(folder)


@pytest.fixture
def loop(new_loop: Callable[..., Loop]) -> Loop:
    """A filesystem with qgroups."""
    made = new_loop()
    made.enable_quotas()
    return made


@pytest.fixture
def backend() -> BtrfsBackend:
    return BtrfsBackend(PATTERNS, uids_of)


def uids_of(names: Collection[str]) -> Mapping[str, int | None]:
    """A user database of three."""
    return {name: USERS.get(name) for name in names}
