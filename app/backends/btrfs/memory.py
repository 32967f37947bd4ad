"""Remembers whose subvolumes are whose for a moment, so that many changes in a row do not each list them all."""

import time
from collections.abc import Callable
from typing import NamedTuple

from app.backends.btrfs import trees
from app.backends.btrfs.filesystems import Filesystem
from app.backends.btrfs.reading import Reading
from app.backends.btrfs.trees import Contents
from app.backends.mountinfo import Mount

KEPT_SECONDS = 5.0


class _Remembered(NamedTuple):
    reading: Reading
    mounts: tuple[Mount, ...]
    read_at: float


class Memory:
    """The last look at each filesystem, believed of one user as long as Btrfs shows nothing against it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._by_uuid: dict[str, _Remembered] = {}

    def keep(self, filesystem: Filesystem, reading: Reading, read_at: float) -> None:
        """Remember this look; `read_at`: when it began, as `now` tells."""
        self._by_uuid[filesystem.uuid] = _Remembered(reading, filesystem.mounts, read_at)

    def now(self) -> float:
        """The time by which looks grow old, in seconds."""
        return self._clock()

    def find(self, filesystem: Filesystem, directory: int, uid: int) -> Reading | None:
        """What there is of this one user, figures read now. OSError.

        None, so that all must be listed: the last look is older than `KEPT_SECONDS`, knows no subvolume of the user, or
        one of the user's was moved or deleted since, any subvolume was made, or mounts have changed.
        """
        known = self._by_uuid.get(filesystem.uuid)
        if known is None or known.mounts != filesystem.mounts or self._clock() - known.read_at > KEPT_SECONDS:
            return None
        reading, qgroups = known.reading, {}
        subvolumes = reading.shares.get(uid)
        if subvolumes is None or trees.has_newer(directory, reading.contents.newest_id):
            return None
        paths = {its: reading.contents.paths[its] for its in subvolumes}
        for its, path in paths.items():
            qgroup = trees.find_qgroup(directory, its)
            if qgroup is None or trees.find_path(directory, its) != path:
                return None
            qgroups[its] = qgroup
        return Reading(Contents(paths, qgroups, reading.contents.newest_id), {uid: subvolumes})
