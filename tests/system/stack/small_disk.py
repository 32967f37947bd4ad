"""A disk of a few megabytes that can be filled to the last byte: ext4 in a file, loop-mounted."""

import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="a loop mount needs root")


class SmallDisk:
    """Mounted while the block runs."""

    def __init__(self, folder: Path, megabytes: int = 8) -> None:
        self._image = folder / "disk.image"
        self.path = folder / "disk"
        self._bytes = megabytes * 2**20

    def __enter__(self) -> Self:
        self.path.mkdir()
        self._image.touch()
        os.truncate(self._image, self._bytes)
        run("mkfs.ext4", "-q", "-F", "-b", "4096", "-m", "0", "-O", "^has_journal", str(self._image))
        run("mount", "-o", "loop", str(self._image), str(self.path))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        run("umount", "--lazy", str(self.path))

    def fill(self) -> None:
        """Not another byte."""
        for size in (2**16, 512, 1):
            with (self.path / "filler").open("ab", buffering=0) as filler:
                try:
                    while True:
                        filler.write(b"x" * size)
                except OSError:
                    pass

    def make_room(self) -> None:
        """As it was before."""
        (self.path / "filler").unlink()


def run(*command: str) -> None:
    """A program that must succeed."""
    subprocess.run(command, check=True, timeout=60, stdin=subprocess.DEVNULL)
