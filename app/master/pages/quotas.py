"""`/api/quotas`: all hosts with their devices in the shape of the slaves, from what is stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, RootModel

from app.db.engine import Database
from app.db.repositories.hosts import HostRecord, HostRepository
from app.db.repositories.snapshots import SnapshotRepository, StoredDevice, StoredQuota
from app.master.errors import HostNotFoundError
from app.master.freshness import Freshness, age_seconds, host_problem
from app.master.wire.hosts import HostProblemOut
from app.quota.clock import Clock
from app.quota.values import QuotaType
from app.web.quota_rows import ID_FIELD, DeviceOut
from app.web.wire import Instant, Out, Query, QueryText, iso_utc


class QuotasQuery(Query):
    """Filters of `/api/quotas`."""

    host: QueryText | None = None
    device: QueryText | None = None
    quota_type: QuotaType | None = None


class SnapshotOut(Out):
    """How fresh the figures of a host are."""

    status: Literal["ok", "stale", "never"]
    taken_at: Instant | None
    age_seconds: int | None
    problem: HostProblemOut | None


class HostQuotasOut(Out):
    """A host's devices with their quotas, as last read."""

    results: list[DeviceOut]
    snapshot: SnapshotOut


class QuotasOut(RootModel[dict[Annotated[str, Field(description="Host id")], HostQuotasOut]]):
    """Every host's devices, by host id."""


@dataclass(frozen=True, slots=True)
class QuotaPages:
    """Answers for `/api/quotas`."""

    database: Database
    freshness: Freshness
    clock: Clock

    def all_hosts(self, query: QuotasQuery) -> dict[str, Any]:
        """JSON-ready: `QuotasOut`. HostNotFoundError for an unknown host in the filter."""
        now = self.clock()
        answer: dict[str, Any] = {}
        with self.database.read() as connection:
            hosts = _hosts(HostRepository(connection), query.host)
            snapshots = SnapshotRepository(connection)
            devices = snapshots.devices(query.host)
            for host in hosts:
                problem = host_problem(host)
                answer[host.id] = {
                    "results": _device_list(devices.get(host.id, []), snapshots.quotas(host.id), query),
                    "snapshot": {
                        "status": self.freshness.state(host, now),
                        "taken_at": None if host.taken_at is None else iso_utc(host.taken_at),
                        "age_seconds": age_seconds(host.taken_at, now),
                        "problem": None if problem is None else problem.model_dump(mode="json"),
                    },
                }
        return answer


def _hosts(hosts: HostRepository, host_id: str | None) -> list[HostRecord]:
    if host_id is None:
        return hosts.list_all()
    host = hosts.find(host_id)
    if host is None:
        raise HostNotFoundError("There is no host of this id.")
    return [host]


def _device_list(
    devices: Iterable[StoredDevice], quotas: list[StoredQuota], query: QuotasQuery
) -> list[dict[str, Any]]:
    by_list: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for quota in quotas:
        if query.quota_type in {None, quota.quota_type}:
            by_list.setdefault((quota.device, quota.quota_type), []).append(_row(quota))
    found = []
    for device in devices:
        if query.device not in {None, device.name}:
            continue
        lists = {
            f"{quota_type}_quotas": by_list.get((device.name, quota_type), [])
            for quota_type in device.head["capabilities"]["quota_types"]
            if query.quota_type in {None, quota_type} and device.status == "ok"
        }
        found.append({**device.head, "measured_at": iso_utc(device.measured_at), **lists})
    return found


def _row(quota: StoredQuota) -> dict[str, Any]:
    return {
        ID_FIELD[QuotaType(quota.quota_type)]: quota.quota_id,
        "name": quota.name,
        "status": quota.status,
        "block_current": quota.block_current,
        "block_soft_limit": quota.block_soft_limit,
        "block_hard_limit": quota.block_hard_limit,
        "block_time_limit": quota.block_time_limit,
        "inode_current": quota.inode_current,
        "inode_soft_limit": quota.inode_soft_limit,
        "inode_hard_limit": quota.inode_hard_limit,
        "inode_time_limit": quota.inode_time_limit,
        "limits_source": quota.limits_source,
        **quota.parts,
    }
