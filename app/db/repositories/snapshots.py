"""What a host's devices and quotas were at the last reading. Only what changed is written."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from app.db.batches import in_batches
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


class StoredQuota(NamedTuple):
    """A quota as read, limits as on the wire.

    `fullness` is percent, or -1 where it is unlimited; `attention` is 1 where it is not all right or nearly full. A
    tuple, since a thousand hosts have a hundred thousand of them to compare.
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


Given = Mapping[str, tuple[Sequence[StoredDevice], Iterable[StoredQuota]]]
"""Devices and quotas by host."""

_QUOTA_COLUMNS = [QuotaRow.__table__.columns[name] for name in StoredQuota._fields]
_DEVICE_COLUMNS = [DeviceRow.__table__.columns[field.name] for field in fields(StoredDevice)]
_KEY = ("host_id", "device", "quota_type", "quota_id")
_CHUNK = 500
"""Hosts in one statement."""


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
            self._connection.execute(insert(QuotaRow).values(host_id=host_id, **quota._asdict()))
        else:
            self._connection.execute(update(QuotaRow).where(*_is(host_id, quota.key)).values(**quota._asdict()))

    def put_head_member(self, host_id: str, device: str, member: str, value: Any) -> None:
        """Stores one member of a device that is known; another device is none of our business."""
        where = (DeviceRow.host_id == host_id, DeviceRow.name == device)
        head = self._connection.execute(select(DeviceRow.head).where(*where)).scalar_one_or_none()
        if head is not None:
            self._connection.execute(update(DeviceRow).where(*where).values(head={**head, member: value}))

    def store(self, host_id: str, devices: Sequence[StoredDevice], quotas: Iterable[StoredQuota]) -> bool:
        """`store_many` for one host; False when nothing had to be written but instants."""
        return bool(self.store_many({host_id: (devices, quotas)}))

    def store_many(self, given: Given) -> set[str]:
        """Makes the stored state of these hosts the given one; gives those of which more than instants was written.

        The quotas of a failed device are kept as they were: they are its last good figures.
        """
        return self._store_devices(given) | self._store_quotas(given)

    def _store_quotas(self, given: Given) -> set[str]:
        fresh: list[tuple[str, StoredQuota]] = []
        differing: list[tuple[str, StoredQuota]] = []
        gone: list[tuple[str, QuotaKey]] = []
        known = self._known_quotas(given)
        for host_id, (devices, quotas) in given.items():
            failed = {device.name for device in devices if device.status == "failed"}
            before = known.get(host_id, {})
            now = {quota[:3]: quota for quota in quotas}
            fresh += [(host_id, quota) for key, quota in now.items() if key not in before]
            differing += [(host_id, now[key]) for key, quota in before.items() if key in now and now[key] != quota]
            gone += [(host_id, key) for key in before if key not in now and key[0] not in failed]
        sql = _Sql("?" if self._connection.dialect.paramstyle == "qmark" else "%s")
        self._many(sql.insert, [(host_id, *quota[:-1], _json(quota.parts)) for host_id, quota in fresh])
        self._many(
            sql.update, [(*quota[3:-1], _json(quota.parts), host_id, *quota[:3]) for host_id, quota in differing]
        )
        self._many(sql.delete, [(host_id, *key) for host_id, key in gone])
        return {host_id for changes in (fresh, differing, gone) for host_id, _ in changes}

    def _known_quotas(self, host_ids: Iterable[str]) -> dict[str, dict[QuotaKey, StoredQuota]]:
        found: dict[str, dict[QuotaKey, StoredQuota]] = {}
        for some in in_batches(host_ids, _CHUNK):
            query = select(QuotaRow.host_id, *_QUOTA_COLUMNS).where(QuotaRow.host_id.in_(some))
            for host_id, *values in self._connection.execute(query):
                quota = StoredQuota._make(values)
                found.setdefault(host_id, {})[quota[:3]] = quota
        return found

    def _many(self, statement: str, rows: list[tuple[Any, ...]]) -> None:
        if rows:
            self._connection.exec_driver_sql(statement, rows)

    def _store_devices(self, given: Given) -> set[str]:
        known = {(host_id, device.name): device for host_id, device in self._known_devices(given)}
        now = [(host_id, device) for host_id, (devices, _) in given.items() for device in devices]
        fresh = [(host_id, device) for host_id, device in now if (host_id, device.name) not in known]
        differing = [
            (host_id, device, before)
            for host_id, device in now
            if (before := known.get((host_id, device.name), device)) != device
        ]
        gone = known.keys() - {(host_id, device.name) for host_id, device in now}
        if fresh:
            self._connection.execute(insert(DeviceRow), [_device_values(*each) for each in fresh])
        if differing:
            rows = [_device_values(host_id, device, "b_") for host_id, device, _ in differing]
            self._connection.execute(_UPDATE_DEVICE, rows)
        for host_id, name in sorted(gone):
            self._connection.execute(delete(DeviceRow).where(DeviceRow.host_id == host_id, DeviceRow.name == name))
        looks_other = {host_id for host_id, device, before in differing if device.head != before.head}
        return looks_other | {host_id for host_id, _ in fresh} | {host_id for host_id, _ in gone}

    def _known_devices(self, host_ids: Iterable[str]) -> Iterator[tuple[str, StoredDevice]]:
        for some in in_batches(host_ids, _CHUNK):
            query = select(DeviceRow.host_id, *_DEVICE_COLUMNS).where(DeviceRow.host_id.in_(some))
            for host_id, *values in self._connection.execute(query):
                yield host_id, StoredDevice(*values)


class _Sql:
    """Statements for the driver itself: a row through SQLAlchemy costs ten times as much."""

    def __init__(self, mark: str) -> None:
        """`mark` is how the driver writes a parameter."""
        names = StoredQuota._fields
        marks = ", ".join([mark] * (len(names) + 1))
        where = " AND ".join(f"{name} = {mark}" for name in _KEY)
        values = ", ".join(f"{name} = {mark}" for name in names[3:])
        self.insert = f"INSERT INTO quota (host_id, {', '.join(names)}) VALUES ({marks})"  # noqa: S608 - names of ours
        self.update = f"UPDATE quota SET {values} WHERE {where}"  # noqa: S608 - names of ours
        self.delete = f"DELETE FROM quota WHERE {where}"  # noqa: S608 - names of ours


def _json(parts: Mapping[str, int]) -> str:
    return json.dumps(parts) if parts else "{}"


def _device_values(host_id: str, device: StoredDevice, prefix: str = "") -> dict[str, Any]:
    values = {f"{prefix}{column.name}": getattr(device, column.name) for column in _DEVICE_COLUMNS}
    return {f"{prefix}host_id": host_id, **values}


_UPDATE_DEVICE = (
    update(DeviceRow)
    .where(DeviceRow.host_id == bindparam("b_host_id"), DeviceRow.name == bindparam("b_name"))
    .values({column: bindparam(f"b_{column.name}") for column in _DEVICE_COLUMNS if column.name != "name"})
)


def _is(host_id: str, key: QuotaKey) -> tuple[Any, ...]:
    device, quota_type, quota_id = key
    return (
        QuotaRow.host_id == host_id,
        QuotaRow.device == device,
        QuotaRow.quota_type == quota_type,
        QuotaRow.quota_id == quota_id,
    )
