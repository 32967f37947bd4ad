"""A quota filesystem whose disk hangs when told to: on a loop device on a file of a FUSE filesystem that stops."""

import os
import subprocess
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from app.backends.kernel.backend import KernelBackend
from app.quota.units import GIB, MIB
from app.quota.values import UNLIMITED, Limits, QuotaType
from tests.fakes.hanging_fuse import FuseServer, loop_device

FIRST_ID, IDS = 3000, 400
"""So many ids that their quotas lie in several blocks of the disk."""
_MAKE = {
    "ext4": ["mkfs.ext4", "-q", "-O", "quota", "-E", "quotatype=usrquota:grpquota"],
    "xfs": ["mkfs.xfs", "-q"],
}
_SIZES = {"ext4": 64 * MIB, "xfs": 320 * MIB}
_OPTIONS = {"ext4": "usrquota,grpquota", "xfs": "uquota,gquota"}


@dataclass(frozen=True)
class FrozenDevice:
    """The device; after `freeze` the kernel waits for it wherever it has to read its disk."""

    fstype: str
    name: str
    mount_point: Path
    server: FuseServer

    def freeze(self, first_ids_in_memory: int = 0) -> None:
        """Nothing that is not in memory can be read, and no quota is, but for those of so many first ids."""
        self.forget()
        deque(islice(KernelBackend().iter_quotas(self.name, QuotaType.USER), first_ids_in_memory), maxlen=0)
        self.server.hang()

    def forget(self) -> None:
        """Mounted anew, so that no quota of it is in memory."""
        subprocess.run(["umount", str(self.mount_point)], check=True)
        self.mount()
        os.sync()
        Path("/proc/sys/vm/drop_caches").write_text("3", encoding="ascii")

    def mount(self) -> None:
        command = ["mount", "-t", self.fstype, "-o", _OPTIONS[self.fstype], self.name, str(self.mount_point)]
        subprocess.run(command, check=True)

    def release(self) -> None:
        """The disk answers again."""
        self.server.release()


@contextmanager
def frozen_device(fstype: str, folder: Path) -> Iterator[FrozenDevice]:
    """Makes the filesystem with limits of some users, mounts it, and leaves nothing behind."""
    image, beyond, mount_point = folder / "image", folder / "fuse", folder / "frozen"
    with image.open("wb") as file:
        file.truncate(_SIZES[fstype])
    subprocess.run([*_MAKE[fstype], str(image)], check=True)
    beyond.mkdir()
    mount_point.mkdir()
    with ExitStack() as ends:
        ends.callback(image.unlink)  # it stands in memory
        server = ends.enter_context(FuseServer(beyond, image))
        name = ends.enter_context(loop_device(beyond / "disk"))
        device = FrozenDevice(fstype, name, mount_point, server)
        device.mount()
        ends.callback(subprocess.run, ["umount", str(mount_point)], check=False)
        ends.callback(device.release)
        populate(name)
        yield device


@contextmanager
def device_beyond(beside: FrozenDevice) -> Iterator[tuple[FuseServer, str]]:
    """A filesystem on a disk that is well, mounted in a FUSE filesystem that can be made to hang; the device's name."""
    folder = beside.mount_point.parent / "beyond"
    folder.mkdir()
    image, fuse = folder / "image", folder / "fuse"
    fuse.mkdir()
    with image.open("wb") as file:
        file.truncate(_SIZES["ext4"])
    subprocess.run([*_MAKE["ext4"], str(image)], check=True)
    with ExitStack() as ends:
        ends.callback(image.unlink)
        name = ends.enter_context(loop_device(image))
        server = ends.enter_context(FuseServer(fuse, image))
        below = str(fuse / "below")
        subprocess.run(["mount", "-t", "ext4", "-o", _OPTIONS["ext4"], name, below], check=True)
        ends.callback(subprocess.run, ["umount", below], check=False)
        ends.callback(server.release)
        yield server, name


def populate(device: str) -> None:
    """Gives each of the ids limits of its own."""
    backend = KernelBackend()
    for quota_id in range(FIRST_ID, FIRST_ID + IDS):
        backend.set_limits(device, QuotaType.USER, quota_id, block=Limits(GIB, 2 * GIB), inode=UNLIMITED)
