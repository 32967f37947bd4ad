"""Running `zfs` and `zpool`: bounded, one at a time on each pool, and what their failures mean."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Protocol

from app.backends.command import ToolFailedError, run_tool
from app.quota.errors import (
    BackendError,
    BackendForbiddenError,
    DeviceTimeoutError,
    DeviceUnavailableError,
    NotSupportedError,
    QmanError,
)

KSTAT = Path("/proc/spl/kstat/zfs")
RETRY_AFTER_SECONDS = 30

_MEANINGS: Sequence[tuple[str, Callable[[str], QmanError]]] = (
    ("pool i/o is currently suspended", DeviceUnavailableError),
    ("dataset does not exist", DeviceUnavailableError),
    ("no such pool", DeviceUnavailableError),
    ("operation not applicable to datasets of this type", DeviceUnavailableError),
    ("read-only", DeviceUnavailableError),
    ("is busy", DeviceUnavailableError),
    ("i/o error", DeviceUnavailableError),
    ("permission denied", BackendForbiddenError),
    ("must be upgraded", NotSupportedError),
    ("unsupported version or feature", NotSupportedError),
    ("modules are not loaded", BackendError),
)
"""What the tools say (lib/libzfs/libzfs_util.c, libzfs_error_description), in the words of LC_ALL=C."""


class Run(Protocol):
    """`app.backends.command.run_tool`, or what stands in its place."""

    def __call__(self, argv: Sequence[str], *, timeout_seconds: float) -> bytes:
        """See `run_tool`."""


def run_zfs(run: Run, argv: Sequence[str], timeout_seconds: float) -> str:
    """What the tool prints.

    DeviceUnavailableError: pool suspended, dataset gone, busy or read-only. BackendForbiddenError. NotSupportedError:
    pool or dataset too old. BackendError: anything else.
    """
    try:
        return run(argv, timeout_seconds=timeout_seconds).decode("utf-8", "surrogateescape")
    except ToolFailedError as error:
        said = error.stderr.casefold()
        first = error.stderr.strip().partition("\n")[0]
        for words, meaning in _MEANINGS:
            if words in said:
                raise meaning(f"{argv[0]}: {first}.") from error
        raise


class PoolTools:
    """Runs tools on one pool, one after the other.

    One that the kernel holds cannot be killed: it holds its thread, and whoever comes later is refused at once. So a
    pool that hangs has one stuck process, however many datasets it has and however often they are asked for.
    """

    def __init__(self, pool: str, run: Run, timeout_seconds: float, kstat: Path) -> None:
        self.pool = pool
        self._run = run
        self._timeout_seconds = timeout_seconds
        self._state = kstat / pool / "state"
        self._lock = Lock()
        self._began_at: float | None = None

    def run(self, *argv: str) -> str:
        """What the tool prints; see `run_zfs`. Nothing is started on a suspended pool: DeviceUnavailableError.

        DeviceTimeoutError: the tool before this one has not come back.
        """
        with self._turn():
            self._check_state()
            return run_zfs(self._run, argv, self._timeout_seconds)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        began_at = self._began_at
        is_stuck = began_at is not None and time.monotonic() - began_at > self._timeout_seconds
        if not self._lock.acquire(timeout=0 if is_stuck else self._timeout_seconds):
            self._check_state()
            detail = f"The pool {self.pool} does not answer: a tool on it has not come back."
            raise DeviceTimeoutError(detail, retry_after_seconds=RETRY_AFTER_SECONDS)
        try:
            self._began_at = time.monotonic()
            yield
        finally:
            self._began_at = None
            self._lock.release()

    def _check_state(self) -> None:
        """The kernel tells the state without a lock of the pool (module/zfs/spa_stats.c, spa_state_addr)."""
        try:
            state = self._state.read_text(encoding="ascii", errors="replace").strip()
        except OSError:
            return  # before ZFS 0.8, or the pool is gone: the tool will say
        if state == "SUSPENDED":
            raise DeviceUnavailableError(f"The pool {self.pool} is suspended after I/O errors (zpool-clear(8)).")


DEFAULT_RUN: Run = run_tool
