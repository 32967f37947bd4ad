"""Servers that several folders' tests start."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.fakes.killable import RedisServer


@pytest.fixture
def redis() -> "Iterator[RedisServer]":
    from tests.fakes.killable import RedisServer  # noqa: PLC0415 - in the rigs, where nobody needs it, it takes long

    with RedisServer() as server:
        yield server
