"""What a host's devices and quotas were at the last reading. Only what changed is written."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from app.db.tables.fleet import DeviceRow, QuotaRow

QuotaKey = tuple[str, str, int]
"""Device, quota type, id."""

MAX_STORED_COUNT = 2**53 - 1
"""Largest integer that a browser's JSON carries exactly; larger inode limits are kept, and shown, as this."""


@dataclass(frozen=True, slots=True)
class StoredDevice:
    """A device as read; `head` is as the slave sent it, without rows."""

    name: str
    position: int
    kind: str
    status: str
    measured_at: datetime
    percent: float | None
    mount_points: list[str]
    head: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoredQuota:
    """A quota as read, limits as on the wire.

    `fullness` is percent, or -1 where it is unlimited; `attention` is 1 where it is not all right or nearly full.

    """

    device: str
    quota_type: str
    quota_id: int
    name: str
    status: str
    severity: int
    attention: int
    fullness: float
    block_current: int
    block_soft_limit: int
    block_hard_limit: int
    block_time_limit: int
    inode_current: int
    inode_soft_limit: int
    inode_hard_limit: int
    inode_time_limit: int
    limits_source: str
    parts: dict[str, int]

    @property
    def key(self) -> QuotaKey:
        """What tells it from others of the host."""
        return (self.device, self.quota_type, self.quota_id)


_QUOTA_COLUMNS = [column for column in QuotaRow.__table__.columns if column.name != "host_id"]
_DEVICE_COLUMNS = [column for column in DeviceRow.__table__.columns if column.name != "host_id"]


class SnapshotRepository:
    """Reads and writes the devices and quotas of hosts on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def devices(self, host_id: str | None = None) -> dict[str, list[StoredDevice]]:
        """Devices by host, in the slave's order; of one host or of all."""
        query = select(DeviceRow.host_id, *_DEVICE_COLUMNS).order_by(DeviceRow.host_id, DeviceRow.position)
        if host_id is not None:
            query = query.where(DeviceRow.host_id == host_id)
        found: dict[str, list[StoredDevice]] = {}
        for row in self._connection.execute(query):
            found.setdefault(row[0], []).append(StoredDevice(*row[1:]))
        return found

    def quotas(self, host_id: str) -> list[StoredQuota]:
        """All quotas of a host, by device, type and id."""
        query = select(*_QUOTA_COLUMNS).where(QuotaRow.host_id == host_id)
        query = query.order_by(QuotaRow.device, QuotaRow.quota_type, QuotaRow.quota_id)
        return [StoredQuota(*row) for row in self._connection.execute(query)]

    def find_quota(self, host_id: str, key: QuotaKey) -> StoredQuota | None:
        """One quota, or None."""
        row = self._connection.execute(select(*_QUOTA_COLUMNS).where(*_is(host_id, key))).one_or_none()
        return None if row is None else StoredQuota(*row)

    def put_quota(self, host_id: str, quota: StoredQuota) -> None:
        """Stores one quota, new or known."""
        if self.find_quota(host_id, quota.key) is None:
            self._connection.execute(insert(QuotaRow).values(host_id=host_id, **asdict(quota)))
        else:
            self._connection.execute(update(QuotaRow).where(*_is(host_id, quota.key)).values(**asdict(quota)))

    def put_head_member(self, host_id: str, device: str, member: str, value: Any) -> None:
        """Stores one member of a device that is known; another device is none of our business."""
        where = (DeviceRow.host_id == host_id, DeviceRow.name == device)
        head = self._connection.execute(select(DeviceRow.head).where(*where)).scalar_one_or_none()
        if head is not None:
            self._connection.execute(update(DeviceRow).where(*where).values(head={**head, member: value}))

    def store(self, host_id: str, devices: Sequence[StoredDevice], quotas: Iterable[StoredQuota]) -> bool:
        """Makes the host's stored state the given one; False when nothing had to be written but instants.

        The quotas of a failed device are kept as they were: they are its last good figures.
        """
        changed = self._store_devices(host_id, devices)
        failed = {device.name for device in devices if device.status == "failed"}
        known = {quota.key: quota for quota in self.quotas(host_id)}
        given = {quota.key: quota for quota in quotas}
        fresh = [quota for key, quota in given.items() if key not in known]
        differing = [quota for key, quota in given.items() if key in known and known[key] != quota]
        gone = [key for key in known if key not in given and key[0] not in failed]
        if fresh:
            self._connection.execute(insert(QuotaRow), [{"host_id": host_id, **asdict(quota)} for quota in fresh])
        for quota in differing:
            self._connection.execute(update(QuotaRow).where(*_is(host_id, quota.key)).values(**asdict(quota)))
        for key in gone:
            self._connection.execute(delete(QuotaRow).where(*_is(host_id, key)))
        return changed or bool(fresh or differing or gone)

    def _store_devices(self, host_id: str, devices: Sequence[StoredDevice]) -> bool:
        known = {device.name: device for device in self.devices(host_id).get(host_id, [])}
        changed = False
        for device in devices:
            before = known.pop(device.name, None)
            if before == device:
                continue
            changed = changed or before is None or before.head != device.head
            if before is None:
                self._connection.execute(insert(DeviceRow).values(host_id=host_id, **asdict(device)))
            else:
                where = (DeviceRow.host_id == host_id, DeviceRow.name == device.name)
                self._connection.execute(update(DeviceRow).where(*where).values(**asdict(device)))
        for name in known:
            self._connection.execute(delete(DeviceRow).where(DeviceRow.host_id == host_id, DeviceRow.name == name))
        return changed or bool(known)


def _is(host_id: str, key: QuotaKey) -> tuple[Any, ...]:
    device, quota_type, quota_id = key
    return (
        QuotaRow.host_id == host_id,
        QuotaRow.device == device,
        QuotaRow.quota_type == quota_type,
        QuotaRow.quota_id == quota_id,
    )
