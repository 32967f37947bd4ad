"""Filesystems that a test makes for itself, on loop devices; with the device mapper over them where it wants names."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

QUOTA_FEATURE = ("-O", "quota,project", "-E", "quotatype=usrquota:grpquota:prjquota")
_SIZE_MIB = 64


def run(*command: str) -> str:
    """What the command prints; CalledProcessError when it fails."""
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout.strip()


@contextmanager
def loop_device(folder: Path) -> Iterator[str]:
    """A loop device on a file of its own."""
    image = folder / "disk.img"
    with image.open("wb") as file:
        file.truncate(_SIZE_MIB * 1024 * 1024)
    run("modprobe", "loop")
    device = run("losetup", "--find", "--show", str(image))
    try:
        yield device
    finally:
        run("losetup", "--detach", device)
        image.unlink()  # it stands in memory


@contextmanager
def mapped_device(folder: Path, name: str) -> Iterator[str]:
    """A device of the device mapper by that name, as LVM makes them; gives its /dev/dm-N."""
    with loop_device(folder) as below:
        run("modprobe", "dm_mod")
        table = f"0 {_SIZE_MIB * 2048} linear {below} 0"
        run("dmsetup", "--noudevrules", "--noudevsync", "create", name, "--table", table)
        try:
            run("dmsetup", "mknodes")
            minor = run("dmsetup", "info", "--columns", "--noheadings", "-o", "minor", name)
            yield f"/dev/dm-{minor}"
        finally:
            run("dmsetup", "--noudevrules", "--noudevsync", "remove", "--retry", name)


def make_ext4(device: str, *options: str) -> None:
    """An empty ext4 on the device."""
    run("mkfs.ext4", "-q", "-F", *options, device)


@contextmanager
def mounted(device: str, mount_point: Path, options: str, *how: str) -> Iterator[Path]:
    """The device mounted there, unmounted afterwards."""
    mount_point.mkdir(exist_ok=True)
    run("mount", *how, "-o", options, device, str(mount_point))
    with ExitStack() as after:
        after.callback(run, "umount", str(mount_point))
        yield mount_point
