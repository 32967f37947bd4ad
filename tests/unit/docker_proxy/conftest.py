"""Fixtures of the socket proxy's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.dockerd import FakeDockerd
from tests.unit.docker_proxy.proxied import Proxied, with_proxy


@pytest.fixture
def dockerd(tmp_path: Path) -> Iterator[FakeDockerd]:
    with FakeDockerd(tmp_path).running() as fake:
        yield fake


@pytest.fixture
def proxied(dockerd: FakeDockerd) -> Proxied:
    return with_proxy(dockerd)
