"""The keys that the slave accepts now, in whichever of its processes, without a restart."""

import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import structlog

from app.auth.signatures import AcceptedKey
from app.quota.clock import Clock
from app.settings.files import SettingsError
from app.settings.keys_file import HeldKeys, read_keys

log = structlog.get_logger(__name__)

_Seen = tuple[int, int, int] | None


class KeyRing(Collection[AcceptedKey]):
    """Keys of the settings, and those of the keys file as it is at each look: read again when it was replaced.

    A file that cannot be read leaves the keys that were known; one that is gone has none.
    """

    def __init__(self, settled: Sequence[AcceptedKey], path: Path | None, clock: Clock) -> None:
        """`settled` are the keys of the settings."""
        self._settled = tuple(settled)
        self._path = path
        self._clock = clock
        self._seen: _Seen = None
        self._held = HeldKeys()

    def __iter__(self) -> Iterator[AcceptedKey]:
        """Those that are accepted now."""
        yield from self._settled
        now = self._clock()
        for pair in self._look().pairs:
            if pair.is_valid(now):
                yield AcceptedKey.of(pair.read, "read")
                yield AcceptedKey.of(pair.write, "write")

    def __contains__(self, key: object) -> bool:
        """Is it accepted now?"""
        return any(key == each for each in self)

    def __len__(self) -> int:
        """How many are accepted now."""
        return sum(1 for _ in self)

    def _look(self) -> HeldKeys:
        if self._path is None:
            return self._held
        seen = _seen(self._path)
        if seen != self._seen:
            try:
                self._held = read_keys(self._path)
                log.info("keys_read", file=str(self._path), pairs=len(self._held.pairs))
            except SettingsError as error:
                log.warning("keys_not_read", reason=str(error))
            self._seen = seen
        return self._held


def _seen(path: Path) -> _Seen:
    try:
        stat = os.stat(path)  # noqa: PTH116 - looked at for each request: Path.stat costs twice as much
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size
