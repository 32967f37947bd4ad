"""The fleet by host, device and quota, for a Prometheus that has an admin's token: it names hosts and people."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.db.repositories.hosts import HostRecord, HostRepository
from app.db.repositories.rows import RowFilter
from app.db.repositories.snapshots import SnapshotRepository, StoredDevice
from app.master.exports.rows import RowExport
from app.master.freshness import age_seconds
from app.master.wire.rows import RowOut
from app.quota.status import QuotaStatus
from app.web.prometheus import head_line, sample_line

Value = float | None
_STATUSES: Final = list(QuotaStatus)
_KIB = 1024


@dataclass(frozen=True, slots=True)
class Named:
    """A device of a host, for one line."""

    host: HostRecord
    device: StoredDevice

    def usage(self, member: str) -> Value:
        """Bytes; None where they are not known."""
        used: dict[str, Any] = self.device.head.get("usage") or {}
        return used.get(member)

    def age(self, now: datetime) -> Value:
        """Seconds since its figures were last known to be so."""
        well, taken_at = self.device.status == "ok", self.host.taken_at
        return age_seconds(taken_at if well and taken_at else self.device.measured_at, now)


_DEVICES: Final[list[tuple[str, str, Callable[[Named, datetime], Value]]]] = [
    ("qman_fleet_device_up", "1 when it could be read.", lambda each, _: int(each.device.status == "ok")),
    ("qman_fleet_device_age_seconds", "Age of its figures.", lambda each, now: each.age(now)),
    ("qman_fleet_device_used_bytes", "Space used.", lambda each, _: each.usage("used")),
    ("qman_fleet_device_free_bytes", "Space free.", lambda each, _: each.usage("free")),
    ("qman_fleet_device_size_bytes", "Space in all.", lambda each, _: each.usage("total")),
    (
        "qman_fleet_device_unattributed_bytes",
        "Space that counts for nobody.",
        lambda each, _: each.device.head.get("unattributed_usage"),
    ),
]
_QUOTAS: Final[list[tuple[str, str, Callable[[RowOut], Value]]]] = [
    ("qman_fleet_quota_used_bytes", "Space used.", lambda row: row.block_current),
    ("qman_fleet_quota_soft_limit_bytes", "Absent where there is none.", lambda row: _bytes(row.block_soft_limit)),
    ("qman_fleet_quota_hard_limit_bytes", "Absent where there is none.", lambda row: _bytes(row.block_hard_limit)),
    ("qman_fleet_quota_used_inodes", "Files.", lambda row: row.inode_current),
    ("qman_fleet_quota_hard_limit_inodes", "Absent where there is none.", lambda row: row.inode_hard_limit or None),
    ("qman_fleet_quota_status", "0 ok to 3 at the hard limit.", lambda row: _STATUSES.index(row.status)),
]


@dataclass(frozen=True, slots=True)
class FleetMetrics:
    """Answers `/api/export/metrics`, family by family as the format wants it."""

    export: RowExport

    def pieces(self, host_id: str | None, *, quotas: bool) -> Iterator[bytes]:
        """The page in pieces; rows are read once for each family, so that none is kept."""
        now, pages = self.export.rows.clock(), self.export.rows
        with pages.database.read() as connection:
            hosts = [host for host in HostRepository(connection).list_all() if host_id in {None, host.id}]
            devices = SnapshotRepository(connection).devices(host_id)
        up = [({"host": host.id}, float(pages.freshness.state(host, now) == "ok")) for host in hosts]
        ages = [({"host": host.id}, age_seconds(host.taken_at, now)) for host in hosts]
        yield _family("qman_fleet_host_up", "1 while its figures are fresh.", up)
        yield _family("qman_fleet_host_age_seconds", "Age of its figures; absent before the first.", ages)
        named = [Named(host, device) for host in hosts for device in devices.get(host.id, [])]
        for name, documentation, value in _DEVICES:
            samples = [({**_device_labels(each), "kind": each.device.kind}, value(each, now)) for each in named]
            yield _family(name, documentation, samples)
        for name, documentation, of_row in _QUOTAS if quotas else []:
            yield head_line(name, documentation).encode()
            for page in self.export.pages(RowFilter(host=host_id)):
                yield _lines(name, [(_row_labels(row), of_row(row)) for row in page])


def _bytes(kib: int) -> Value:
    return kib * _KIB or None


def _device_labels(each: Named) -> dict[str, str]:
    return {"host": each.host.id, "device": each.device.name}


def _row_labels(row: RowOut) -> dict[str, str]:
    place = {"host": row.host, "device": row.device, "quota_type": row.quota_type.value}
    return {**place, "id": str(row.id), "name": row.name}


def _family(name: str, documentation: str, samples: Sequence[tuple[dict[str, str], Value]]) -> bytes:
    return head_line(name, documentation).encode() + _lines(name, samples)


def _lines(name: str, samples: Sequence[tuple[dict[str, str], Value]]) -> bytes:
    return "".join(sample_line(name, labels, value) for labels, value in samples if value is not None).encode()
