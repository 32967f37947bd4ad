"""A scratch copy of the checkout for each test."""

from pathlib import Path

import pytest

from tests.system.stack.programs import copy_checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Where the commands of a test are typed."""
    return copy_checkout(tmp_path)
