"""Opens a directory of a filesystem, and says what the errors mean that its ioctls give."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from app.backends.btrfs import ioctls
from app.backends.btrfs.filesystems import Filesystem
from app.backends.mountinfo import shown
from app.quota.errors import BackendForbiddenError, DeviceUnavailableError, QmanError

_REASONS = {
    errno.EROFS: "It is mounted read-only.",
    errno.EIO: "Reading or writing it failed.",
    errno.ENOTTY: "Something else is mounted there now.",
}
_OFF = (errno.ENOENT, errno.ENOTCONN)
_DENIED = (errno.EPERM, errno.EACCES)


@contextmanager
def opened(filesystem: Filesystem) -> Iterator[int]:
    """A directory of this filesystem and no other, where it can be written to if anywhere.

    What ioctls raise inside becomes DeviceUnavailableError or BackendForbiddenError.
    """
    directory = _open(filesystem)
    try:
        yield directory
    except OSError as error:
        raise _translated(error, filesystem) from error
    finally:
        os.close(directory)


def _open(filesystem: Filesystem) -> int:
    name = filesystem.device.name
    denied = ""
    for mount in sorted(filesystem.mounts, key=lambda mount: "ro" in mount.options):
        try:
            directory = os.open(mount.mount_point, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            denied = denied or (mount.mount_point if error.errno in _DENIED else "")
            continue
        try:
            if str(ioctls.get_fsid(directory)) == filesystem.uuid:
                return directory
        except OSError:
            pass  # not Btrfs: another filesystem is mounted over it
        os.close(directory)
    if denied:
        needed = "the right to read that directory, or CAP_DAC_READ_SEARCH, is needed"
        raise BackendForbiddenError(f"This process may not open {shown(denied)}, where {name} is mounted: {needed}.")
    raise DeviceUnavailableError(f"{name} cannot be reached at any of its mount points.")


def _translated(error: OSError, filesystem: Filesystem) -> QmanError:
    name = filesystem.device.name
    if error.errno in _DENIED:
        return BackendForbiddenError(
            f"This process may not read or set the qgroups of {name}: CAP_SYS_ADMIN is needed."
        )
    if error.errno in _OFF:
        return DeviceUnavailableError(f"The quotas of {name} are off. `btrfs quota enable` switches them on.")
    reason = _REASONS.get(error.errno or 0, f"The kernel says: {error.strerror}.")
    return DeviceUnavailableError(f"The qgroups of {name} cannot be reached now. {reason}")
