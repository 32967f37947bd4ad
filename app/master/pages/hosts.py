"""Hosts and their devices."""

from dataclasses import dataclass
from datetime import datetime

from app.db.engine import Database
from app.db.repositories.enrolled_hosts import EnrolledHostRepository, EnrolmentCodeRepository
from app.db.repositories.host_states import HostFilter, HostStateRepository
from app.db.repositories.hosts import HostRecord, HostRepository
from app.db.repositories.leases import LeaseRepository
from app.db.repositories.snapshots import SnapshotRepository, StoredDevice, StoredQuota
from app.master.errors import HostNotFoundError
from app.master.fleet import Fleet
from app.master.freshness import Freshness
from app.master.hosts.standing import Standing
from app.master.pages.standstill import Standstills
from app.master.wire.hosts import HostDeviceOut, HostsQuery, RefreshOut
from app.quota.clock import Clock
from app.web.wire import JsonObject


@dataclass(frozen=True, slots=True)
class HostPages:
    """Answers for the pages Hosts and host."""

    database: Database
    fleet: Fleet
    freshness: Freshness
    standstills: Standstills
    clock: Clock

    def page(self, query: HostsQuery) -> JsonObject:
        """JSON-ready, `HostsOut`: a page of hosts, by id where no order is given."""
        now, wanted = self.clock(), HostFilter(query.q, query.state)
        with self.database.read() as connection:
            found, total = HostStateRepository(connection, self.freshness.stale_before(now)).hosts(
                wanted, query.order, limit=query.page_size, offset=(query.page - 1) * query.page_size
            )
            standing = self._standing(EnrolledHostRepository(connection), EnrolmentCodeRepository(connection))
            standstill = self.standstills.find(HostRepository(connection), LeaseRepository(connection), now)
        return {
            "items": [self._item(host, standing, now) for host in found],
            "total": total,
            "page": query.page,
            "page_size": query.page_size,
            "standstill": None if standstill is None else standstill.model_dump(mode="json"),
        }

    def detail(self, host_id: str) -> JsonObject:
        """JSON-ready, `HostDetailOut`: one host with its devices. HostNotFoundError."""
        with self.database.read() as connection:
            host, now = find_host(HostRepository(connection), host_id), self.clock()
            standing = self._standing(EnrolledHostRepository(connection), EnrolmentCodeRepository(connection))
            head = self._item(host, standing, now)
            snapshots = SnapshotRepository(connection)
            devices, quotas = snapshots.devices(host_id).get(host_id, []), snapshots.quotas(host_id)
        devices_out = (_device_out(host, device, quotas) for device in devices)
        return head | {"device_list": [each.model_dump(mode="json", exclude_unset=True) for each in devices_out]}

    def _standing(self, hosts: EnrolledHostRepository, codes: EnrolmentCodeRepository) -> Standing:
        return Standing.read(hosts, codes, self.fleet.listing(), self.clock())

    def _item(self, host: HostRecord, standing: Standing, now: datetime) -> JsonObject:
        enrolment = standing.of(host)
        told = None if enrolment is None else enrolment.model_dump(mode="json")
        return self.freshness.host_item(host, now) | {"enrolment": told}

    def refresh(self, host_id: str) -> RefreshOut:
        """Asks for a reading at once. HostNotFoundError."""
        now = self.clock()
        with self.database.write() as connection:
            hosts = HostRepository(connection)
            find_host(hosts, host_id)
            hosts.request_refresh(host_id, now)
        return RefreshOut(requested_at=now)


def find_host(hosts: HostRepository, host_id: str) -> HostRecord:
    """The host, or HostNotFoundError."""
    host = hosts.find(host_id)
    if host is None:
        raise HostNotFoundError("There is no host of this id.")
    return host


def _device_out(host: HostRecord, device: StoredDevice, quotas: list[StoredQuota]) -> HostDeviceOut:
    """`measured_at` is when the figures were last known to be so: an unchanged host answers 304, without instants."""
    confirmed_at = host.taken_at if device.status == "ok" and host.taken_at else device.measured_at
    own = [quota for quota in quotas if quota.device == device.name]
    head = device.head
    return HostDeviceOut.model_validate(
        {
            "name": device.name,
            "kind": device.kind,
            "fstype": head["fstype"],
            "mount_points": device.mount_points,
            "status": device.status,
            "problem": head.get("problem"),
            "capabilities": head["capabilities"],
            **{name: head[name] for name in _TOLD_WHERE_KNOWN if name in head},
            "usage": head.get("usage"),
            "unattributed_usage": head.get("unattributed_usage"),
            "measured_at": max(device.measured_at, confirmed_at),
            "quotas": len(own),
            "worst_percent": max((quota.fullness for quota in own if quota.fullness >= 0), default=None),
        },
        strict=False,
    )


_TOLD_WHERE_KNOWN = ("user_quota_state", "group_quota_state", "project_quota_state", "accounting")
