"""Servers that several folders' tests start."""

from collections.abc import Iterator

import pytest

from tests.fakes.killable import RedisServer


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server
