"""dockerd's file on the directories of BuildKit's records, also while it is written to, cut off or damaged."""

import random
from pathlib import Path

import pytest

from app.docker_quota.snapshots import read_snapshots
from tests.unit.docker_quota.recorded_snapshots import DIRECTORIES, FILE

PAGE = 4096


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "snapshots.db"


def test_each_record_that_has_another_directory_is_told(file: Path) -> None:
    file.write_bytes(FILE)
    assert read_snapshots(file) == DIRECTORIES


@pytest.mark.parametrize("page", [0, 1])
def test_one_page_of_metadata_that_is_being_written_is_passed_over(file: Path, page: int) -> None:
    damaged = bytearray(FILE)
    damaged[page * PAGE + 16 + 40] ^= 0xFF
    file.write_bytes(damaged)
    assert set(read_snapshots(file).values()) <= set(DIRECTORIES.values())
    assert len(read_snapshots(file)) >= len(DIRECTORIES) - 2


@pytest.mark.parametrize("size", [0, 15, 16, 100, PAGE, 2 * PAGE + 5])
def test_a_file_that_was_cut_off_tells_nothing(file: Path, size: int) -> None:
    file.write_bytes(FILE[:size])
    assert read_snapshots(file) == {}


def test_no_file_tells_nothing(file: Path) -> None:
    assert read_snapshots(file) == {}


def test_damage_anywhere_raises_nothing(file: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - no secret
    for _ in range(200):
        damaged = bytearray(FILE)
        for place in range(2 * PAGE, len(FILE), 64):
            if chance.random() < 0.1:
                damaged[place + chance.randrange(64)] = chance.randrange(256)
        file.write_bytes(damaged)
        read_snapshots(file)


def test_pages_that_lead_in_circles_come_to_an_end(file: Path) -> None:
    """Each of their elements leads to the page itself: as it may be read while it is written to."""
    circle = bytearray(FILE)
    root = int.from_bytes(FILE[PAGE + 32 : PAGE + 40], "little")
    for page in range(2, len(FILE) // PAGE):
        start = page * PAGE
        circle[start + 8 : start + 12] = b"\x01\x00\x64\x00"
        for element in range(100):
            at = start + 16 + element * 16
            circle[at + 8 : at + 16] = root.to_bytes(8, "little")
    file.write_bytes(circle)
    assert read_snapshots(file) == {}
