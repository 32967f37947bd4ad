"""Records what the snapshots show, host by host: each host in one short transaction, however large the fleet is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.db.engine import Database
from app.db.repositories.history import DEVICE, HistoryRepository, Series, SeriesKey
from app.db.repositories.hosts import HostRecord, HostRepository
from app.db.repositories.snapshots import SnapshotRepository, StoredDevice, StoredQuota
from app.master.chores import KeepGoing
from app.master.history.codec import Figures, Record
from app.master.history.series import extended, last_figures, new_series
from app.master.history.slots import slot_of
from app.quota.units import KIB


@dataclass(frozen=True, slots=True)
class Recorder:
    """Appends to history what was read since. A quarter hour that stands already is not recorded again."""

    database: Database

    def record(self, keep_going: KeepGoing) -> int:
        """Records all hosts; gives how many had something new."""
        with self.database.read() as connection:
            hosts = HostRepository(connection).list_all()
        recorded = 0
        for host in hosts:
            if not keep_going():
                break
            recorded += self._record_host(host)
        return recorded

    def _record_host(self, listed: HostRecord) -> bool:
        """The figures count for the quarter hour in which they were read. A host that is not read leaves a gap."""
        if listed.taken_at is None:
            return False
        with self.database.read() as connection:
            host = HostRepository(connection).find(listed.id)
            snapshots, history = SnapshotRepository(connection), HistoryRepository(connection)
            devices, quotas = snapshots.devices(listed.id).get(listed.id, []), snapshots.quotas(listed.id)
            known = history.of_host(listed.id)
        if host is None or host.taken_at is None:
            return False
        new, changed = _recorded(host.id, host.taken_at, devices, quotas, known)
        if not new and not changed:
            return False
        with self.database.write() as connection:
            history = HistoryRepository(connection)
            history.put(changed)
            history.add(new)
        return True


def _recorded(
    host_id: str,
    taken_at: datetime,
    devices: list[StoredDevice],
    quotas: list[StoredQuota],
    known: dict[int, Series],
) -> tuple[list[Series], list[tuple[int, int, Series]]]:
    """New series, and known ones as (number, last slot before, what stands now).

    A device that was read has a record in every slot; its quotas have one where something changed. So a quarter hour
    without a record of the device is one of which nothing is known, for its quotas too.
    """
    slot = slot_of(taken_at)
    by_key = {series.key: (number, series) for number, series in known.items()}
    figures = dict(_figures(host_id, slot, devices, quotas, by_key))
    new = [new_series(key, Record(slot, now)) for key, now in figures.items() if key not in by_key and now is not None]
    changed = []
    for key, now in figures.items():
        if key in by_key:
            number, series = by_key[key]
            if series.last_slot < slot and (key.quota_type == DEVICE or last_figures(series) != now):
                changed.append((number, series.last_slot, extended(series, Record(slot, now))))
    return new, changed


def _figures(
    host_id: str,
    slot: int,
    devices: list[StoredDevice],
    quotas: list[StoredQuota],
    known: dict[SeriesKey, tuple[int, Series]],
) -> Iterator[tuple[SeriesKey, Figures | None]]:
    """What stands for each series of the devices that were read and have no record in this slot yet."""
    due = set()
    for device in devices:
        key = SeriesKey(host_id, device.name, DEVICE, 0)
        if device.status == "ok" and (key not in known or known[key][1].last_slot < slot):
            due.add(device.name)
            yield key, _device_figures(device)
    for key in known:
        if key.device in due and key.quota_type != DEVICE:
            yield key, None
    for quota in quotas:
        if quota.device in due:
            figures = Figures(quota.block_current, quota.block_hard_limit, quota.inode_current)
            yield SeriesKey(host_id, quota.device, quota.quota_type, quota.quota_id), figures


def _device_figures(device: StoredDevice) -> Figures:
    """Its size is 0 where it is not known."""
    usage = device.head.get("usage") or {}
    return Figures(usage.get("used", 0), usage.get("total", 0) // KIB, 0)
