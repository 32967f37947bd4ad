"""The rig's filesystems, as the tests use them: write as somebody, unmount, ask repquota."""

import csv
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

_FILE_NUMBERS = count()


@dataclass(frozen=True)
class RigFilesystem:
    """One of the two disks of the rig, mounted with user, group and project quotas."""

    fstype: str
    device: str
    mount_point: str
    mount_options: str

    def run(self, *command: str) -> str:
        """What the command prints; CalledProcessError when it fails."""
        return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout

    def mount(self) -> None:
        self.run("mount", "-t", self.fstype, "-o", self.mount_options, self.device, self.mount_point)

    @contextmanager
    def unmounted(self) -> Iterator[None]:
        self.run("umount", self.mount_point)
        try:
            yield
        finally:
            self.mount()

    def write_as(self, uid: int, size: int) -> int:
        """Write a new file of that many bytes as this uid, to disk; the errno that stopped it, or 0."""
        path = Path(self.mount_point, f"{uid}-{next(_FILE_NUMBERS)}")

        def write() -> None:
            with path.open("wb", buffering=0) as file:
                written = 0
                while written < size:
                    written += file.write(b"q" * min(65536, size - written)) or 0
                os.fsync(file.fileno())

        return errno_as(uid, write)

    def report(self) -> dict[int, dict[str, str]]:
        """What repquota says of users, by id; instants as Unix seconds."""
        text = self.run("repquota", "-u", "-v", "-n", "-p", "-O", "csv", self.mount_point)
        return {int(row["User"].lstrip("#")): row for row in csv.DictReader(text.splitlines())}


def errno_as(uid: int, action: Callable[[], None]) -> int:
    """Run the action in a child that is this user and nobody else; the errno that it failed with, or 0.

    The child forks and never executes a program, because the Python below /root is closed to other users.
    """
    child = os.fork()
    if child == 0:
        status = 255
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(uid)
            action()
            status = 0
        except OSError as error:
            status = error.errno or 255
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
