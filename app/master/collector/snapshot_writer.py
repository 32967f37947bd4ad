"""What a slave said in the tables' shape, and what of it is newer than ours."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter

from app.db.repositories.schedule import HeldHost
from app.db.repositories.snapshots import MAX_STORED_COUNT, SnapshotRepository, StoredDevice, StoredQuota
from app.quota.status import QuotaStatus
from app.quota.units import KIB
from app.quota.values import QuotaType
from app.web.quota_changes import RowOut
from app.web.quota_rows import ID_FIELD, DeviceOut, UserRowOut

NEARLY_FULL_PERCENT = 90.0
"""From here on a quota or a device needs attention."""

LONGEST_NAME = 256
_STATUSES = {status: (status.value, severity) for severity, status in enumerate(QuotaStatus)}
_LISTS = {quota_type: f"{quota_type.value}_quotas" for quota_type in QuotaType}
_NOT_IN_HEAD = {*_LISTS.values(), "measured_at"}
_PARTS = tuple(name for name in UserRowOut.model_fields if name.startswith("docker_"))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a host said, in the tables' shape."""

    devices: list[StoredDevice]
    quotas: list[StoredQuota]

    @property
    def fullest(self) -> float:
        """Percent of the fullest quota, -1 where none has limits."""
        return max((quota.fullness for quota in self.quotas), default=-1.0)


def snapshot_of(devices: list[DeviceOut]) -> Snapshot:
    """The answer of a slave in the tables' shape."""
    stored, quotas = [], []
    for position, device in enumerate(devices):
        for quota_type, name in _LISTS.items():
            quotas += stored_quotas(device.name, quota_type, getattr(device, name))
        stored.append(
            StoredDevice(
                name=device.name,
                position=position,
                kind=device.kind.value,
                status=device.status,
                measured_at=device.measured_at,
                percent=device.usage.percent if device.usage else None,
                mount_points=device.mount_points,
                head=device.model_dump(mode="json", exclude_unset=True, exclude=_NOT_IN_HEAD),
            )
        )
    return Snapshot(stored, quotas)


def newer_than_ours(given: Snapshot, host: HeldHost, snapshots: SnapshotRepository) -> Snapshot:
    """What to store where devices failed: of these, the instant of the last good figures, and no outdated rows.

    A device that does not answer comes with its last good rows. Those from before a change are not taken: ours show it.
    One that fails otherwise comes with none, and what we have was good until the last reading in which it was well.
    """
    devices, quotas = given.devices, given.quotas
    failed = [device.name for device in devices if device.status == "failed"]
    if not failed:
        return given
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
    return Snapshot(dated, [quota for quota in quotas if quota.device not in outdated])


def _last_good(before: StoredDevice, host: HeldHost) -> datetime:
    confirmed_at = host.taken_at if before.status == "ok" and host.taken_at else before.measured_at
    return max(before.measured_at, confirmed_at)


def stored_quota(device: str, quota_type: QuotaType, row: RowOut) -> StoredQuota:
    """A row of the wire in the table's shape."""
    return stored_quotas(device, quota_type, [row])[0]


def stored_quotas(device: str, quota_type: QuotaType, rows: Sequence[RowOut]) -> list[StoredQuota]:
    """Rows of the wire in the table's shape.

    A round brings a hundred thousand of them: the percentages of `quota_percent` are worked out here.
    """
    stored, type_name, id_of = [], quota_type.value, attrgetter(ID_FIELD[quota_type])
    for row in rows:
        status, severity = _STATUSES[row.status]
        hard, soft = row.block_hard_limit, row.block_soft_limit
        inode_hard, inode_soft = row.inode_hard_limit, row.inode_soft_limit
        block_limit, inode_limit = (hard or soft) * KIB, inode_hard or inode_soft
        block = round(100 * row.block_current / block_limit, 1) if block_limit else -1.0
        inode = round(100 * row.inode_current / inode_limit, 1) if inode_limit else -1.0
        percent = max(block, inode)
        stored.append(
            StoredQuota(
                device,
                type_name,
                id_of(row),
                row.name[:LONGEST_NAME],
                status,
                severity,
                int(severity > 0 or percent >= NEARLY_FULL_PERCENT),
                percent,
                row.block_current,
                soft,
                hard,
                row.block_time_limit,
                row.inode_current,
                min(inode_soft, MAX_STORED_COUNT),
                min(inode_hard, MAX_STORED_COUNT),
                row.inode_time_limit,
                row.limits_source,
                {} if row.model_fields_set.isdisjoint(_PARTS) else _parts(row),
            )
        )
    return stored


def _parts(row: RowOut) -> dict[str, int]:
    return {name: getattr(row, name) for name in _PARTS if name in row.model_fields_set}
