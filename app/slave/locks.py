"""One change of a device at a time, in all processes of this slave."""

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

from app.db.errors import NoSpaceError
from app.quota.errors import BackendError, DeviceTimeoutError

_PAUSE_SECONDS = 0.01


class DeviceLocks:
    """Locks by device name, as locks on files (flock(2)): the kernel takes them off a process that dies."""

    def __init__(self, directory: Path, timeout_seconds: float) -> None:
        """`directory` is made when first needed; it belongs to this slave alone."""
        self._directory = directory
        self._timeout_seconds = timeout_seconds

    @contextmanager
    def hold(self, device: str) -> Iterator[None]:
        """Holds the device's lock. DeviceTimeoutError: another change holds it for too long."""
        descriptor = self._open(device)
        try:
            until = time.monotonic() + self._timeout_seconds
            while not _try_lock(descriptor):
                if time.monotonic() > until:
                    raise DeviceTimeoutError(f"Another change of {device} takes too long.", retry_after_seconds=10)
                time.sleep(_PAUSE_SECONDS)
            yield
        finally:
            os.close(descriptor)

    def _open(self, device: str) -> int:
        name = blake2b(device.encode(errors="surrogateescape"), digest_size=16).hexdigest()
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            return os.open(self._directory / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise NoSpaceError("The disk with the slave's locks is full. Nothing was changed.") from error
            raise BackendError(f"The lock of {device} cannot be opened: {error.strerror}.") from error


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
