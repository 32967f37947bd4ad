"""A fleet whose quotas are set by hand, recorded quarter hour by quarter hour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from app.bootstrap.chores import master_chores
from app.db.engine import Database
from app.db.repositories.history import DEVICE, HistoryRepository, SeriesKey
from app.db.repositories.schedule import ScheduleRepository, Success
from app.db.repositories.snapshots import SnapshotRepository, StoredDevice, StoredQuota
from app.master.chores import Chore
from app.master.history.reading import Timelines, window_of
from tests.fakes.fleet_database import HandClock, sync

DISK = "/dev/sda1"
QUARTER_SECONDS = 900


def device(clock: HandClock, used: int, total: int = 2**40, *, name: str = DISK, status: str = "ok") -> StoredDevice:
    """A device as the collector stores it."""
    usage = {"used": used, "total": total, "free": total - used, "percent": 100 * used / total}
    head = {"fstype": "ext4", "usage": usage}
    return StoredDevice(name, 0, "block", status, clock.now, 100 * used / total, [f"/mnt{name}"], head)


def quota(
    uid: int, used: int, *, hard: int = 10_000_000, soft: int = 0, files: int = 10, name: str | None = None
) -> StoredQuota:
    """A user's quota as the collector stores it; limits in KiB."""
    return StoredQuota(
        device=DISK,
        quota_type="user",
        quota_id=uid,
        name=name or f"user{uid}",
        status="ok",
        severity=0,
        attention=0,
        fullness=50.0,
        block_current=used,
        block_soft_limit=soft,
        block_hard_limit=hard,
        block_time_limit=0,
        inode_current=files,
        inode_soft_limit=0,
        inode_hard_limit=0,
        inode_time_limit=0,
        limits_source="own",
        parts={},
    )


@dataclass
class RecordedHost:
    """A host `h1` with one disk, read at the clock's time, and the chores that make its history."""

    database: Database
    clock: HandClock
    chores: Mapping[str, Chore] = field(init=False)

    def __post_init__(self) -> None:
        sync(self.database, [("h1", "", "http://h1")])
        self.chores = {chore.name: chore for chore in master_chores(self.database, self.clock)}

    def read(self, quotas: Mapping[int, int], *, used: int = 0, status: str = "ok") -> None:
        """The collector reads the host: bytes by uid."""
        with self.database.write() as connection:
            listed = [quota(uid, of_user) for uid, of_user in quotas.items()]
            SnapshotRepository(connection).store("h1", [device(self.clock, used, status=status)], listed)
            success = Success("h1", self.clock.now, self.clock.now, None, None)
            ScheduleRepository(connection).record_successes([success])

    def record(self) -> None:
        """The chore that records."""
        self.chores["record_history"].run(lambda: True)

    def thin(self) -> None:
        """The chore that thins."""
        self.chores["thin_history"].run(lambda: True)

    def next_quarter(self) -> None:
        """A quarter of an hour goes by."""
        self.clock.forward(QUARTER_SECONDS)

    def points(
        self, uid: int | None = 1000, *, days: float = 731, at_most: int = 1_000_000
    ) -> list[tuple[float, int, int]]:
        """A quota's points, or the disk's for None: (hours before now, bytes, KiB), oldest first."""
        key = SeriesKey("h1", DISK, DEVICE, 0) if uid is None else SeriesKey("h1", DISK, "user", uid)
        window = window_of(self.clock.now - timedelta(days=days), self.clock.now, self.clock.now, at_most)
        with self.database.read() as connection:
            found = Timelines(HistoryRepository(connection)).find(key, window)
        now = self.clock.now.timestamp()
        return [
            ((slot * QUARTER_SECONDS - now) / 3600, figures.block_current, figures.block_hard_limit)
            for slot, figures in found or []
        ]
