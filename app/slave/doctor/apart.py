"""Does work in a process of its own, which may be left behind: a thread that the kernel holds lets no process end."""

import os
import select
import signal
import time
import traceback
from collections.abc import Callable

from app.quota.errors import DeviceTimeoutError

_CHUNK_BYTES = 65536


def run_apart(work: Callable[[], bytes], timeout_seconds: float) -> bytes:
    """What `work` gives, nothing where it fails, with a trace on stderr. Its process is killed, and not waited for.

    DeviceTimeoutError: it gave nothing in time.
    """
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(readable)
            with os.fdopen(writable, "wb") as output:
                output.write(work())
            status = 0
        finally:
            if status:
                traceback.print_exc()
            os._exit(status)
    os.close(writable)
    try:
        return _read_all(readable, time.monotonic() + timeout_seconds)
    finally:
        os.close(readable)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, os.WNOHANG)


def _read_all(descriptor: int, until: float) -> bytes:
    chunks: list[bytes] = []
    while select.select([descriptor], [], [], max(0.0, until - time.monotonic()))[0]:
        chunk = os.read(descriptor, _CHUNK_BYTES)
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)
    raise DeviceTimeoutError("The examination itself did not end in time.")
