"""Pools on files and on the rig's own disk, for tests: made, filled as somebody, taken away."""

import os
import subprocess
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.system.kernel.rig import errno_as

BUSY_SECONDS = 30.0
_FILE_NUMBERS = count()


def zfs(*argv: str) -> str:
    """What the tool prints; CalledProcessError when it fails."""
    return subprocess.run(argv, check=True, text=True, stdout=subprocess.PIPE, timeout=60).stdout


@dataclass(frozen=True)
class Pool:
    """A pool of this name on a file in that directory, mounted below /NAME."""

    name: str
    directory: Path = Path("/mnt/ext4")
    options: tuple[str, ...] = ()

    @property
    def file(self) -> Path:
        return self.directory / f"{self.name}.img"

    def make(self, *datasets: str) -> "Pool":
        with self.file.open("wb") as image:
            image.truncate(256 * 2**20)
        zfs("zpool", "create", *self.options, self.name, str(self.file))
        for dataset in datasets:
            zfs("zfs", "create", f"{self.name}/{dataset}")
        return self

    def destroy(self) -> None:
        """Takes it away; the kernel may call it busy for a moment after it was imported or read."""
        give_up_at = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                zfs("zpool", "destroy", "-f", self.name)
            except subprocess.CalledProcessError:
                if time.monotonic() > give_up_at:
                    raise
                time.sleep(0.5)
            else:
                break
        self.file.unlink()

    def sync(self) -> None:
        """Writes everything down, which is when ZFS counts it."""
        zfs("zpool", "sync", self.name)


@dataclass(frozen=True)
class HungDisk:
    """The rig's blank disk behind the device mapper, which can hold all that is read and written."""

    name: str

    @property
    def path(self) -> str:
        return f"/dev/mapper/{self.name}"

    def make(self) -> None:
        zfs("modprobe", "dm-mod")
        disk = os.environ["RIG_BLANK_DEVS"].split()[0]
        sectors = zfs("blockdev", "--getsz", disk).strip()
        zfs("dmsetup", "create", self.name, "--table", f"0 {sectors} linear {disk} 0")
        zfs("dmsetup", "mknodes", self.name)

    def forget(self) -> None:
        """Takes the pool of the same name out and in again, so that nothing of it is in memory."""
        zfs("zpool", "export", self.name)
        zfs("zpool", "import", "-d", "/dev/mapper", self.name)

    def hang(self) -> None:
        zfs("dmsetup", "suspend", "--nolockfs", "--noflush", self.name)

    def go_on(self) -> None:
        zfs("dmsetup", "resume", self.name)

    def remove(self) -> None:
        zfs("dmsetup", "remove", self.name)


def write_as(uid: int, folder: Path, size: int) -> int:
    """Write a new file of that many bytes as this uid and gid, to disk; the errno that stopped it, or 0."""
    path = folder / f"{uid}-{next(_FILE_NUMBERS)}"

    def write() -> None:
        with path.open("wb", buffering=0) as file:
            written = 0
            while written < size:
                written += file.write(os.urandom(min(65536, size - written))) or 0
            os.fsync(file.fileno())

    return errno_as(uid, write, uid)


def tools_on(pool: str) -> list[str]:
    """The command lines of `zfs` that are at work on datasets of this pool."""
    lines = [line.split("\0") for line in map(_command_line, Path("/proc").glob("[0-9]*/cmdline"))]
    return [" ".join(line) for line in lines if line[0] == "zfs" and any(word.startswith(pool) for word in line)]


def _command_line(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it ended meanwhile
        return ""
