"""One look at a filesystem: its subvolumes, whose they are, and what Btrfs counts for them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.backends.btrfs.shares import LimitKind, quota_of
from app.backends.btrfs.trees import Contents
from app.quota.errors import DeviceUnavailableError
from app.quota.values import Quota

_LOOKS = 2


@dataclass(frozen=True, slots=True)
class Reading:
    """Subvolumes and qgroups, and the ids of each user's subvolumes."""

    contents: Contents
    shares: Mapping[int, Sequence[int]]

    @property
    def uncounted(self) -> list[int]:
        """Users' subvolumes that Btrfs does not count."""
        qgroups = self.contents.qgroups
        return [its for subvolumes in self.shares.values() for its in subvolumes if its not in qgroups]

    def quota(self, uid: int, kind: LimitKind) -> Quota:
        """The user's quota; who has no subvolume has no usage and no limits."""
        return quota_of(uid, [self.contents.qgroups[its] for its in self.shares.get(uid, ())], kind)

    def paths(self, uid: int) -> str:
        """Where the user's subvolumes are, for people."""
        return ", ".join(repr(self.contents.paths[its]) for its in self.shares.get(uid, ()))


def read_counted(look: Callable[[], Reading], device: str) -> Reading:
    """A look in which every user's subvolume is counted.

    A subvolume may be deleted between the looks at both trees: so there is a second look. DeviceUnavailableError: one
    has no qgroup, so that nobody knows what is in it. Older kernels let `btrfs qgroup destroy` take it away.
    """
    uncounted: list[int] = []
    for _ in range(_LOOKS):
        reading = look()
        uncounted = reading.uncounted
        if not uncounted:
            return reading
    path, its = reading.contents.paths[uncounted[0]], f"0/{uncounted[0]}"
    mend = f"`btrfs qgroup create {its}` and `btrfs quota rescan` make it"
    raise DeviceUnavailableError(f"The subvolume {path!r} of {device} has no qgroup {its}: {mend}.")
