"""What may be told of readings while they happen, for those who count."""

from typing import Protocol


class ReadingObserver(Protocol):
    """Is told how readings ended, from the threads that read and ask: returns at once and never raises."""

    def reading_done(self, device: str, seconds: float) -> None:
        """The device was read as a whole, and that took so long."""

    def reading_failed(self, device: str, code: str) -> None:
        """Somebody asked for the device and got no figures of now; `code` is the problem's."""


class NobodyObserves:
    """A `ReadingObserver` that forgets what it is told."""

    def reading_done(self, device: str, seconds: float) -> None:
        """See `ReadingObserver`."""

    def reading_failed(self, device: str, code: str) -> None:
        """See `ReadingObserver`."""
