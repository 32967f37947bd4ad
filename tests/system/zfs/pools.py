"""Pools on files and on the rig's own disk, for tests: made, filled as somebody, taken away."""

import os
import subprocess
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

_FILE_NUMBERS = count()
TXG_SECONDS = 5


def zfs(*argv: str) -> str:
    """What the tool prints; CalledProcessError when it fails."""
    run = subprocess.run(argv, check=True, text=True, stdout=subprocess.PIPE, timeout=60)
    return run.stdout


@dataclass
class Pool:
    """A pool of this name on a file in that directory, mounted below /NAME."""

    name: str
    directory: Path = Path("/mnt/ext4")
    options: tuple[str, ...] = ()
    made: list[str] = field(default_factory=list)

    def make(self, *datasets: str) -> "Pool":
        file = self.directory / f"{self.name}.img"
        with file.open("wb") as image:
            image.truncate(256 * 2**20)
        zfs("zpool", "create", *self.options, self.name, str(file))
        for dataset in datasets:
            zfs("zfs", "create", f"{self.name}/{dataset}")
        return self

    def destroy(self) -> None:
        zfs("zpool", "destroy", "-f", self.name)
        (self.directory / f"{self.name}.img").unlink()

    def sync(self) -> None:
        """Writes everything down, which is when ZFS counts it."""
        zfs("zpool", "sync", self.name)


def write_as(uid: int, directory: Path, size: int, gid: int | None = None) -> int:
    """Write a new file of that many bytes as this uid and gid, to disk; the errno that stopped it, or 0."""
    path = directory / f"{uid}-{next(_FILE_NUMBERS)}"
    child = os.fork()
    if child == 0:
        status = 255
        try:
            os.setgroups([])
            os.setgid(uid if gid is None else gid)
            os.setuid(uid)
            with path.open("wb", buffering=0) as file:
                written = 0
                while written < size:
                    written += file.write(os.urandom(min(65536, size - written))) or 0
                os.fsync(file.fileno())
            status = 0
        except OSError as error:
            status = error.errno or 255
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
