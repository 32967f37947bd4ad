"""What the worker processes of one run of the server have counted, added up.

Each process keeps its own counts and writes them to a file of its own after each change; whoever is asked adds them up.
prometheus-client's multiprocess mode does the same through mapped files, which kill the process by SIGBUS when the
disk is full (docs/adr/0006-counts-in-files.md).
"""

import os
import shutil
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from secrets import token_hex
from threading import Lock

import structlog
from pydantic import BaseModel, ValidationError

log = structlog.get_logger(__name__)

BUCKETS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Durations(BaseModel):
    """How long something took: how often up to each of `BUCKETS_SECONDS`, and longer; and the sum of it all."""

    counts: list[int] = [0] * (len(BUCKETS_SECONDS) + 1)
    sum_seconds: float = 0.0

    def plus(self, other: "Durations") -> "Durations":
        """Both together."""
        counts = [one + two for one, two in zip(self.counts, other.counts, strict=True)]
        return Durations(counts=counts, sum_seconds=self.sum_seconds + other.sum_seconds)


class Counts(BaseModel):
    """What was counted: durations of readings by device, failed ones by device and code, refused requests."""

    durations: dict[str, Durations] = {}
    failures: dict[str, dict[str, int]] = {}
    refused: int = 0


class Tallies:
    """A `ReadingObserver` that counts, for all processes of one run of the server. Counts go up until a restart."""

    def __init__(self, directory: Path | None = None, run_id: str = "") -> None:
        """`directory` belongs to this slave alone and is made when first needed; without one nothing is shared."""
        self._directory = directory / run_id if directory is not None else None
        self._token = token_hex(8)
        self._lock = Lock()
        self._counts = Counts()
        self._is_written = True

    def reading_done(self, device: str, seconds: float) -> None:
        """See `ReadingObserver`."""
        with self._lock:
            durations = self._counts.durations.setdefault(device, Durations())
            durations.counts[bisect_left(BUCKETS_SECONDS, seconds)] += 1
            durations.sum_seconds += seconds
            self._write()

    def reading_failed(self, device: str, code: str) -> None:
        """See `ReadingObserver`."""
        with self._lock:
            codes = self._counts.failures.setdefault(device, {})
            codes[code] = codes.get(code, 0) + 1
            self._write()

    def request_refused(self) -> None:
        """A request was turned away because too many are in flight."""
        with self._lock:
            self._counts.refused += 1
            self._write()

    def totals(self) -> Counts:
        """The counts of all processes of this run, those that have ended too."""
        with self._lock:
            own = self._counts.model_copy(deep=True)
        return _sum([own, *self._of_others()])

    @property
    def _file_name(self) -> str:
        return f"{os.getpid()}-{self._token}.json"

    def _of_others(self) -> Iterator[Counts]:
        if self._directory is None or not self._directory.is_dir():
            return
        for file in sorted(self._directory.glob("*.json")):
            if file.name != self._file_name:
                try:
                    yield Counts.model_validate_json(file.read_bytes())
                except (OSError, ValidationError) as error:
                    log.warning("counts_not_read", file=file.name, reason=type(error).__name__)

    def _write(self) -> None:
        """Writes the file anew, all or nothing. What cannot be written stays in memory: counting never fails."""
        if self._directory is None:
            return
        file = self._directory / self._file_name
        try:
            if not self._directory.is_dir():
                self._begin_run(self._directory)
            new = file.with_suffix(".new")
            new.write_bytes(self._counts.model_dump_json().encode())
            new.replace(file)
        except OSError as error:
            if self._is_written:
                log.warning("counts_not_shared", reason=error.strerror or str(error))
            self._is_written = False
        else:
            self._is_written = True

    @staticmethod
    def _begin_run(directory: Path) -> None:
        """Makes the directory of this run and removes those of earlier ones."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in directory.parent.iterdir():
            if old != directory:
                shutil.rmtree(old, ignore_errors=True)


def _sum(all_counts: Iterable[Counts]) -> Counts:
    total = Counts()
    for counts in all_counts:
        for device, durations in counts.durations.items():
            total.durations[device] = total.durations.get(device, Durations()).plus(durations)
        for device, codes in counts.failures.items():
            total.failures[device] = dict(Counter(total.failures.get(device, {})) + Counter(codes))
        total.refused += counts.refused
    return total
