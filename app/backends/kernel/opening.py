"""Reaching a mounted device by its mount points."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from app.backends.kernel.mounts import MountedDevice


@contextmanager
def opened(mounted: MountedDevice) -> Iterator[int]:
    """A descriptor of the device's filesystem, as short as possible: as long as it is open, nobody can unmount.

    Of the first mount point that is this device's and not hidden by another mount; O_PATH, so that it needs no right to
    read there. OSError: ENODEV where there is none, PermissionError where a directory on the way is closed to this
    process.
    """
    descriptor = _open(mounted)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _open(mounted: MountedDevice) -> int:
    closed: PermissionError | None = None
    for directory in mounted.directories:
        try:
            descriptor = os.open(directory, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        except PermissionError as error:
            closed = error
            continue
        except OSError:
            continue
        if os.fstat(descriptor).st_dev == mounted.number:
            return descriptor
        os.close(descriptor)
    raise closed or OSError(errno.ENODEV, os.strerror(errno.ENODEV), mounted.name)
