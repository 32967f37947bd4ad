"""Names of uids, from a directory that may be slow or hang."""

import pwd
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError

KEPT_SECONDS = 600.0
PATIENCE_SECONDS = 2.0
_LONGEST = 256

FindName = Callable[[int], str | None]


def name_of_system(uid: int) -> str | None:
    """The name of the uid, None where it has none that can be written down."""
    try:
        name = pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError):
        return None
    return name if name.isprintable() and len(name) <= _LONGEST else None


class UserNames:
    """Names in memory for ten minutes. A directory that hangs costs a creation two seconds, and the name."""

    def __init__(self, find: FindName = name_of_system, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._find = find
        self._patience_seconds = patience_seconds
        self._known: dict[int, tuple[str | None, float]] = {}
        self._askers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="names")

    def name_of(self, uid: int) -> str | None:
        """The name; None where the uid has none, or none is told in time."""
        known = self._known.get(uid)
        if known and known[1] > time.monotonic():
            return known[0]
        try:
            name = self._askers.submit(self._find, uid).result(self._patience_seconds)
        except FutureTimeoutError:
            return known[0] if known else None
        self._known[uid] = (name, time.monotonic() + KEPT_SECONDS)
        return name
