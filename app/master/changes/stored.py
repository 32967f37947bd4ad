"""The snapshot's side of a change: what was known of a quota before, and what stands after it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.db.repositories.hosts import HostRepository
from app.db.repositories.snapshots import MAX_STORED_COUNT, SnapshotRepository, StoredDevice, StoredQuota
from app.master.changes.trail import Place
from app.master.collector.snapshot_writer import stored_quota
from app.quota.errors import FieldFault
from app.quota.units import KIB
from app.web.quota_changes import RowOut
from app.web.quota_rows import LimitsIn, LimitsOut

LIMIT_FIELDS = tuple(LimitsOut.model_fields)
GRACE_FIELDS = ("block_grace", "inode_grace")
_ON_DEFAULTS = {"limits_source": "default"}


def limits_of(row: RowOut | StoredQuota | LimitsOut) -> dict[str, Any]:
    """The four limits, as on the wire."""
    return {name: getattr(row, name) for name in LIMIT_FIELDS}


def stands_before(device: StoredDevice | None, known: StoredQuota | None) -> dict[str, Any] | None:
    """The limits that stand before a change, as last read; `limits_source` where they are the device's defaults.

    An id without a row has none of its own. None: nothing is known of the device.
    """
    if known is not None:
        on_defaults = known.limits_source == "default"
        return {**limits_of(known), **(_ON_DEFAULTS if on_defaults else {})}
    if device is None:
        return None
    return dict.fromkeys(LIMIT_FIELDS, 0)


def limits_to_restore(before: Mapping[str, Any]) -> dict[str, int]:
    """What is to be set so that these stand again: four zeros bring defaults back."""
    if before.get("limits_source") == "default":
        return dict.fromkeys(LIMIT_FIELDS, 0)
    return {name: before[name] for name in LIMIT_FIELDS if name in before}


def differing(stands: Mapping[str, Any], expected: Mapping[str, Any]) -> list[FieldFault]:
    """Which of the expected limits do not stand, with what stands instead."""
    return [
        FieldFault(name, str(stands.get(name)), str(expected[name]))
        for name in LIMIT_FIELDS
        if name in expected and _as_stored(stands.get(name)) != _as_stored(expected[name])
    ]


def given_limits(limits: LimitsIn) -> dict[str, int]:
    """Those of the four limits that were given."""
    return {name: getattr(limits, name) for name in LIMIT_FIELDS if name in limits.model_fields_set}


def find_device(snapshots: SnapshotRepository, host_id: str, name: str) -> StoredDevice | None:
    """The device as last read, None when it is not known."""
    return next((device for device in snapshots.devices(host_id).get(host_id, []) if device.name == name), None)


def put_rows(
    snapshots: SnapshotRepository, hosts: HostRepository, place: Place, rows: Iterable[RowOut], at: datetime
) -> Sequence[StoredQuota]:
    """Stores rows as read back; readings begun before `at` are out of date. Gives them as stored."""
    hosts.lock(place.host_id)
    stored = [stored_quota(place.device, place.quota_type, row) for row in rows]
    if find_device(snapshots, place.host_id, place.device) is not None:
        for quota in stored:
            snapshots.put_quota(place.host_id, quota)
    hosts.record_change(place.host_id, at)
    return stored


def is_below_usage(row: RowOut | StoredQuota, limits: Mapping[str, int]) -> bool:
    """Is one of these limits, as on the wire, lower than what is used already? 0 is no limit."""
    return any(
        row.block_current > limit * KIB if name.startswith("block_") else row.inode_current > limit
        for name, limit in limits.items()
        if limit
    )


def _as_stored(limit: int | None) -> int | None:
    return None if limit is None else min(limit, MAX_STORED_COUNT)
