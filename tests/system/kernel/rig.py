"""The rig's filesystems, as the tests use them: write as somebody, unmount, ask repquota."""

import csv
import fcntl
import os
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from app.quota.values import QuotaType

NOBODY = 65534
_FILE_NUMBERS = count()
_REPORTED = {QuotaType.USER: ("-u", "User"), QuotaType.GROUP: ("-g", "Group"), QuotaType.PROJECT: ("-P", "Project")}
_FSXATTR = struct.Struct("=5I8x")
_FS_IOC_FSGETXATTR, _FS_IOC_FSSETXATTR, _FS_XFLAG_PROJINHERIT = 0x801C581F, 0x401C5820, 0x200
"""linux/fs.h, struct fsxattr."""


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
    def mounted_with(self, options: str) -> Iterator[None]:
        """Mounted anew with other options, and as ever afterwards."""
        with self.unmounted():
            self.run("mount", "-t", self.fstype, "-o", options, self.device, self.mount_point)
            try:
                yield
            finally:
                self.run("umount", self.mount_point)

    @contextmanager
    def unmounted(self) -> Iterator[None]:
        self.run("umount", self.mount_point)
        try:
            yield
        finally:
            self.mount()

    def write_as(self, uid: int, size: int, quota_type: QuotaType = QuotaType.USER) -> int:
        """Write a new file of that many bytes as this uid, gid or in this project; the errno that stopped it, or 0."""
        folder = Path(self.mount_point)
        user = uid if quota_type is QuotaType.USER else NOBODY
        group = uid if quota_type is QuotaType.GROUP else NOBODY
        if quota_type is QuotaType.PROJECT:
            folder = self._project_folder(uid)
        path = folder / f"{uid}-{next(_FILE_NUMBERS)}"

        def write() -> None:
            with path.open("wb", buffering=0) as file:
                written = 0
                while written < size:
                    written += file.write(b"q" * min(65536, size - written)) or 0
                os.fsync(file.fileno())

        return errno_as(user, write, group)

    def report(self, quota_type: QuotaType = QuotaType.USER) -> dict[int, dict[str, str]]:
        """What repquota says, by id; instants as Unix seconds."""
        option, column = _REPORTED[quota_type]
        text = self.run("repquota", option, "-v", "-n", "-p", "-O", "csv", self.mount_point)
        return {int(row[column].lstrip("#")): row for row in csv.DictReader(text.splitlines())}

    def _project_folder(self, project_id: int) -> Path:
        """A folder whose files count for the project, as `chattr -p ID +P` makes it."""
        folder = Path(self.mount_point, f"project-{project_id}")
        if not folder.exists():
            folder.mkdir()
            folder.chmod(0o777)
            opened = os.open(folder, os.O_RDONLY)
            try:
                attributes = bytearray(_FSXATTR.size)
                fcntl.ioctl(opened, _FS_IOC_FSGETXATTR, attributes)
                flags, extent, extents, _project, cow_extent = _FSXATTR.unpack(attributes)
                wanted = _FSXATTR.pack(flags | _FS_XFLAG_PROJINHERIT, extent, extents, project_id, cow_extent)
                fcntl.ioctl(opened, _FS_IOC_FSSETXATTR, wanted)
            finally:
                os.close(opened)
        return folder


def errno_as(uid: int, action: Callable[[], None], gid: int = NOBODY) -> int:
    """Run the action in a child that is this user and group and no other; the errno that it failed with, or 0.

    The child forks and never executes a program, because the Python below /root is closed to other users.
    """
    child = os.fork()
    if child == 0:
        status = 255
        try:
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
            action()
            status = 0
        except OSError as error:
            status = error.errno or 255
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
