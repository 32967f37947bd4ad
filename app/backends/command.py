"""Runs a tool of the operating system, bounded in time and in what it may print."""

import os
import selectors
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import IO

from app.quota.errors import BackendError, DeviceTimeoutError

MAX_OUTPUT_BYTES = 64 * 2**20
_CHUNK_BYTES = 2**16
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_KEPT = ("PATH", "LD_LIBRARY_PATH")
_ENVIRONMENT: Mapping[str, str] = {"LC_ALL": "C", "TZ": "UTC"}


class ToolFailedError(BackendError):
    """The tool ended with another status than 0. Each backend turns it into what it means there."""

    def __init__(self, tool: str, status: int, stderr: str) -> None:
        """`stderr` is what the tool said, as text."""
        said = stderr.strip().splitlines()
        super().__init__(f"{tool} failed with status {status}: {said[0] if said else 'it says nothing'}")
        self.status = status
        self.stderr = stderr


def run_tool(argv: Sequence[str], *, timeout_seconds: float, most_bytes: int = MAX_OUTPUT_BYTES) -> bytes:
    """What the tool prints on its standard output. Arguments are passed as they are: there is no shell.

    BackendError: it is not installed, or may not be run, or prints more than `most_bytes`. ToolFailedError.
    DeviceTimeoutError: it did not end in time and was killed. A tool that cannot be killed, because the kernel holds
    it, holds this call too: whoever calls from a lane has one stuck thread and process, however often it is asked.
    """
    tool = PurePath(argv[0]).name
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"PATH": _PATH, **kept, **_ENVIRONMENT},
            bufsize=0,
        )
    except FileNotFoundError as error:
        raise BackendError(f"{tool} is not installed, or not on the PATH of the slave.") from error
    except OSError as error:
        raise BackendError(f"{tool} cannot be run: {error.strerror}.") from error
    with process:  # waits for its end, whatever happens
        try:
            stdout, stderr = _outputs(process, tool, time.monotonic() + timeout_seconds, most_bytes)
        except BackendError:
            process.kill()
            raise
    if process.returncode != 0:
        raise ToolFailedError(tool, process.returncode, stderr.decode(errors="replace"))
    return stdout


def _outputs(process: "subprocess.Popen[bytes]", tool: str, ends_at: float, most_bytes: int) -> tuple[bytes, bytes]:
    """Both outputs, read until the tool closes them."""
    texts = {process.stdout: bytearray(), process.stderr: bytearray()}
    with selectors.DefaultSelector() as selector:
        for stream in texts:
            selector.register(_opened(stream), selectors.EVENT_READ, stream)
        while selector.get_map():
            ready = selector.select(max(0.0, ends_at - time.monotonic()))
            if not ready:
                raise DeviceTimeoutError(f"{tool} did not end in time.")
            for key, _ in ready:
                chunk = os.read(key.fd, _CHUNK_BYTES)
                texts[key.data] += chunk
                if not chunk:
                    selector.unregister(key.fileobj)
                if len(texts[key.data]) > most_bytes:
                    raise BackendError(f"{tool} printed more than {most_bytes} bytes.")
    try:
        process.wait(max(0.0, ends_at - time.monotonic()))
    except subprocess.TimeoutExpired as error:
        raise DeviceTimeoutError(f"{tool} did not end in time.") from error
    return bytes(texts[process.stdout]), bytes(texts[process.stderr])


def _opened(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:  # pragma: no cover - Popen was told to open both
        raise BackendError("The tool has no outputs.")
    return stream
