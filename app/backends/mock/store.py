"""Where the state of a mock host is kept."""

from threading import Lock
from typing import Protocol


class MockStateStore(Protocol):
    """One text with a version. Safe to use from several threads, and where it is shared, from several processes."""

    def load(self) -> tuple[int, str] | None:
        """The version and the text as they stand; None before the first `replace`."""

    def replace(self, expected_version: int, text: str) -> int | None:
        """Put the text in place of that version (0: of nothing), atomically.

        Returns the new version, or None when another version stands by now: nothing is changed then.
        """


class InMemoryStateStore:
    """The state of one process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._stored: tuple[int, str] | None = None

    def load(self) -> tuple[int, str] | None:
        """See `MockStateStore`."""
        return self._stored

    def replace(self, expected_version: int, text: str) -> int | None:
        """See `MockStateStore`."""
        with self._lock:
            if expected_version != (self._stored[0] if self._stored else 0):
                return None
            self._stored = (expected_version + 1, text)
            return expected_version + 1
