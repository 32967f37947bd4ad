"""Observers that remember."""

from dataclasses import dataclass, field


@dataclass
class RecordingObserver:
    """A `ReadingObserver` that keeps what it is told."""

    done: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)

    def reading_done(self, device: str, seconds: float) -> None:
        assert seconds >= 0
        self.done.append(device)

    def reading_failed(self, device: str, code: str) -> None:
        self.failed.append((device, code))
