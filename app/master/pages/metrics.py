"""The fleet as Prometheus sees it: counts and ages that name nobody, since anybody may read them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from app import __version__
from app.db.engine import Database
from app.db.repositories.hosts import HostRecord, HostRepository
from app.db.repositories.rows import FleetRowRepository
from app.master.freshness import Freshness
from app.quota.clock import Clock
from app.quota.status import QuotaStatus
from app.web.prometheus import families_text

_STATES = ("ok", "stale", "never", "suspended")


@dataclass(frozen=True, slots=True)
class MetricsPages:
    """Answers `/metrics` from the database, so alike in every worker process."""

    database: Database
    freshness: Freshness
    clock: Clock

    def text(self) -> bytes:
        """The page, in Prometheus' text format."""
        now = self.clock()
        with self.database.read() as connection:
            hosts = HostRepository(connection).list_all()
            by_status = FleetRowRepository(connection, same_name=False).counts_by_status()
        states = Counter[str](self.freshness.state(host, now) for host in hosts)
        problems = Counter(host.problem_code for host in hosts if host.problem_code)
        statuses = {status.value: by_status.get(status.value, 0) for status in QuotaStatus}
        return families_text(
            [
                _counts("qman_build_info", "1, with the version that runs.", "version", {__version__: 1}),
                _counts("qman_hosts", "Hosts by state.", "state", {state: states[state] for state in _STATES}),
                _counts("qman_host_problems", "Hosts whose last reading failed, by code.", "code", problems),
                _counts("qman_quotas", "Quotas of all hosts, as last read, by status.", "status", statuses),
                GaugeMetricFamily("qman_devices", "Devices of all hosts.", value=sum(host.devices for host in hosts)),
                *_ages(hosts, now),
            ]
        )


def _counts(name: str, documentation: str, label: str, values: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(name, documentation, labels=[label])
    for text, value in values.items():
        family.add_metric([text], value)
    return family


def _ages(hosts: list[HostRecord], now: datetime) -> Iterator[Metric]:
    """Absent before the first reading."""
    if taken := [host.taken_at for host in hosts if host.taken_at]:
        yield GaugeMetricFamily(
            "qman_oldest_snapshot_age_seconds",
            "Age of the figures of the host that was not read for longest.",
            value=max(0.0, (now - min(taken)).total_seconds()),
        )
    if attempted := [host.attempted_at for host in hosts if host.attempted_at]:
        yield GaugeMetricFamily(
            "qman_last_attempt_age_seconds",
            "Since a reading of any host last ended.",
            value=max(0.0, (now - max(attempted)).total_seconds()),
        )
