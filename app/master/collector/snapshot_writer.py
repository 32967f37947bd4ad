"""What a slave said in the tables' shape, and what of it is newer than ours."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.db.repositories.schedule import HeldHost
from app.db.repositories.snapshots import MAX_STORED_COUNT, SnapshotRepository, StoredDevice, StoredQuota
from app.quota.status import QuotaStatus, resource_percent
from app.quota.units import bytes_from_kib, count_from_wire
from app.quota.values import Limits, QuotaType, ResourceQuota
from app.web.quota_rows import ID_FIELD, DeviceOut

NEARLY_FULL_PERCENT = 90.0
"""From here on a quota or a device needs attention."""

LONGEST_NAME = 256
_SEVERITY = {status.value: rank for rank, status in enumerate(QuotaStatus)}
_LISTS = {quota_type: f"{quota_type.value}_quotas" for quota_type in QuotaType}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a host said, in the tables' shape."""

    devices: list[StoredDevice]
    quotas: list[StoredQuota]

    @property
    def fullest(self) -> float:
        """Percent of the fullest quota, -1 where none has limits."""
        return max((quota.fullness for quota in self.quotas), default=-1.0)


def store_snapshot(snapshots: SnapshotRepository, host: HeldHost, given: Snapshot) -> bool:
    """Makes the host's stored state the given one, but for figures older than ours; False when nothing changed."""
    devices, quotas = _with_failed(given.devices, given.quotas, host, snapshots)
    return snapshots.store(host.id, devices, quotas)


def snapshot_of(devices: list[DeviceOut]) -> Snapshot:
    """The answer of a slave in the tables' shape."""
    stored, quotas = [], []
    for position, device in enumerate(devices):
        everything = device.model_dump(mode="json", exclude_unset=True)
        for quota_type, name in _LISTS.items():
            quotas += [stored_quota(device.name, quota_type, row) for row in everything.pop(name, [])]
        everything.pop("measured_at")
        stored.append(
            StoredDevice(
                name=device.name,
                position=position,
                kind=device.kind.value,
                status=device.status,
                measured_at=device.measured_at,
                percent=device.usage.percent if device.usage else None,
                mount_points=device.mount_points,
                head=everything,
            )
        )
    return Snapshot(stored, quotas)


def _with_failed(
    devices: list[StoredDevice], quotas: list[StoredQuota], host: HeldHost, snapshots: SnapshotRepository
) -> tuple[list[StoredDevice], list[StoredQuota]]:
    """What to store where devices failed: of these, the instant of the last good figures, and no outdated rows.

    A device that does not answer comes with its last good rows. Those from before a change are not taken: ours show it.
    One that fails otherwise comes with none, and what we have was good until the last reading in which it was well.
    """
    failed = [device.name for device in devices if device.status == "failed"]
    if not failed:
        return devices, quotas
    before = {device.name: device for device in snapshots.devices(host.id).get(host.id, [])}
    with_rows = {quota.device for quota in quotas}
    outdated = {
        device.name
        for device in devices
        if device.name in failed and host.changed_at is not None and device.measured_at <= host.changed_at
    }
    dated = [
        replace(device, measured_at=_last_good(before[device.name], host))
        if device.name in failed and device.name in before and device.name not in with_rows
        else device
        for device in devices
    ]
    return dated, [quota for quota in quotas if quota.device not in outdated]


def _last_good(before: StoredDevice, host: HeldHost) -> datetime:
    confirmed_at = host.taken_at if before.status == "ok" and host.taken_at else before.measured_at
    return max(before.measured_at, confirmed_at)


def stored_quota(device: str, quota_type: QuotaType, row: Mapping[str, Any]) -> StoredQuota:
    """A row of the wire in the table's shape."""
    percent = max(_percents(row), default=-1.0)
    return StoredQuota(
        device=device,
        quota_type=quota_type.value,
        quota_id=row[ID_FIELD[quota_type]],
        name=row["name"][:LONGEST_NAME],
        status=row["status"],
        severity=_SEVERITY[row["status"]],
        attention=int(row["status"] != QuotaStatus.OK or percent >= NEARLY_FULL_PERCENT),
        fullness=percent,
        block_current=row["block_current"],
        block_soft_limit=row["block_soft_limit"],
        block_hard_limit=row["block_hard_limit"],
        block_time_limit=row["block_time_limit"],
        inode_current=row["inode_current"],
        inode_soft_limit=min(row["inode_soft_limit"], MAX_STORED_COUNT),
        inode_hard_limit=min(row["inode_hard_limit"], MAX_STORED_COUNT),
        inode_time_limit=row["inode_time_limit"],
        limits_source=row.get("limits_source", "own"),
        parts={name: size for name, size in row.items() if name.startswith("docker_")},
    )


def _percents(row: Mapping[str, Any]) -> Iterator[float]:
    block = Limits(bytes_from_kib(row["block_soft_limit"]), bytes_from_kib(row["block_hard_limit"]))
    inode = Limits(count_from_wire(row["inode_soft_limit"]), count_from_wire(row["inode_hard_limit"]))
    for used, limits in ((row["block_current"], block), (row["inode_current"], inode)):
        percent = resource_percent(ResourceQuota(used, limits))
        if percent is not None:
            yield percent
