"""Btrfs filesystems in files, loop-mounted on this machine's own kernel; and what killed runs left of them."""

import ctypes
import fcntl
import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from app.backends.mountinfo import read_mounts
from app.quota.units import MIB

PREFIX = "qman-btrfs-test-"
IMAGE_BYTES = 256 * MIB
MOUNT_POINT = "mounted here"
_QUOTA_CTL = struct.Struct("=2Q")
_VOL_ARGS = struct.Struct("=q4088s")
_ENABLE_SIMPLE = 4
_FILE_NUMBERS = count()


def run(*command: str | Path) -> str:
    """What the command prints; CalledProcessError when it fails."""
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, timeout=60).stdout


@dataclass
class Loop:
    """One filesystem, on one or more loop devices."""

    folder: Path
    devices: list[str] = field(default_factory=list)

    @property
    def mount_point(self) -> Path:
        return self.folder / MOUNT_POINT

    @property
    def device(self) -> str:
        return min(self.devices, key=lambda name: (len(name), name))

    def make(self, devices: int = 1) -> None:
        images = [self.folder / f"image{number}" for number in range(devices)]
        for image in images:
            image.touch()
            os.truncate(image, IMAGE_BYTES)
        run("mkfs.btrfs", "-q", "-d", "single", "-m", "single", *images)
        self.devices = [run("losetup", "--find", "--show", image).strip() for image in images]
        self.mount_point.mkdir()
        for device in self.devices:
            run("btrfs", "device", "scan", device)
        self.mount(self.mount_point)

    def mount(self, where: Path, *options: str) -> None:
        where.mkdir(exist_ok=True)
        run("mount", *(("-o", ",".join(options)) if options else ()), "-t", "btrfs", self.device, where)

    def enable_quotas(self) -> None:
        run("btrfs", "quota", "enable", self.mount_point)
        run("btrfs", "quota", "rescan", "-w", self.mount_point)

    def enable_simple_quotas(self) -> None:
        """What newer btrfs-progs do for `btrfs quota enable --simple` (linux/btrfs.h, BTRFS_IOC_QUOTA_CTL)."""
        directory = os.open(self.mount_point, os.O_RDONLY)
        try:
            number = 3 << 30 | _QUOTA_CTL.size << 16 | 0x94 << 8 | 40
            fcntl.ioctl(directory, number, _QUOTA_CTL.pack(_ENABLE_SIMPLE, 0))
        finally:
            os.close(directory)

    def subvolume(self, name: str, owner: int | None = None) -> Path:
        path = self.mount_point / name
        run("btrfs", "subvolume", "create", path)
        if owner is not None:
            os.chown(path, owner, owner)
        return path

    def many_subvolumes(self, names: Iterable[str]) -> None:
        """As `subvolume`, without a process for each (BTRFS_IOC_SUBVOL_CREATE)."""
        directory = os.open(self.mount_point, os.O_RDONLY)
        try:
            number = 1 << 30 | _VOL_ARGS.size << 16 | 0x94 << 8 | 14
            for name in names:
                fcntl.ioctl(directory, number, bytearray(_VOL_ARGS.pack(0, name.encode())))
        finally:
            os.close(directory)

    def write(self, subvolume: Path, size: int) -> int:
        """Write a new file of that many bytes, counted when this is back; the errno that stopped it, or 0."""
        try:
            with (subvolume / f"file{next(_FILE_NUMBERS)}").open("wb", buffering=0) as file:
                for _ in range(0, size, MIB):
                    file.write(os.urandom(MIB))
                os.fsync(file.fileno())
        except OSError as error:
            return error.errno or 255
        finally:
            self.commit()
        return 0

    def commit(self) -> None:
        run("btrfs", "filesystem", "sync", self.mount_point)

    def qgroup(self, subvolume: Path) -> dict[str, int]:
        """What sysfs says of the subvolume's qgroup."""
        its = run("btrfs", "inspect-internal", "rootid", subvolume).strip()
        uuid = run("findmnt", "-n", "-o", "UUID", self.mount_point).strip()
        folder = Path("/sys/fs/btrfs", uuid, "qgroups", f"0_{its}")
        return {file.name: int(file.read_text()) for file in folder.iterdir()}


def new_folder() -> Path:
    """A folder for one filesystem, named after this process."""
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))


def remove(folder: Path) -> None:
    """Unmount what is mounted below the folder, thawed, free its loop devices, and delete it."""
    for mount_point in reversed(_mount_points(folder)):
        subprocess.run(["fsfreeze", "--unfreeze", mount_point], check=False, capture_output=True)
        run("umount", "--lazy", mount_point)
    for line in run("losetup", "--list", "--noheadings", "--raw", "--output", "NAME,BACK-FILE").splitlines():
        name, _, file = line.partition(" ")
        if file.startswith(f"{folder}/"):
            run("losetup", "--detach", name)
    shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers() -> None:
    """What runs left behind that were killed: their process is gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        if not Path("/proc", pid).exists():
            remove(folder)


def status_as(uid: int, capabilities: set[int], action: Callable[[], None]) -> int:
    """Run the action in a child that is this user with these capabilities only; 0, its errno, or 254 for others."""
    child = os.fork()
    if child == 0:
        status = 254
        with suppress(BaseException):
            try:
                _become(uid, capabilities)
                action()
                status = 0
            except OSError as error:
                status = error.errno or 255
        os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _become(uid: int, capabilities: set[int]) -> None:
    """prctl(2) and capset(2), linux/capability.h version 3."""
    libc = ctypes.CDLL(None, use_errno=True)
    keep_capabilities = 8
    libc.prctl(keep_capabilities, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)
    mask = sum(1 << each for each in capabilities)
    low, high = mask & 0xFFFFFFFF, mask >> 32
    header, data = struct.pack("=Ii", 0x20080522, 0), struct.pack("=6I", low, low, 0, high, high, 0)
    if libc.capset(header, data) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def _mount_points(folder: Path) -> list[str]:
    return [mount.mount_point for mount in read_mounts(("btrfs",)) if mount.mount_point.startswith(f"{folder}/")]
