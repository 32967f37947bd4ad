"""Everything but the rows, as prometheus-client's metric families."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

from app import __version__
from app.quota.values import QuotaType
from app.slave.metrics.tallies import BUCKETS_SECONDS, Counts


@dataclass(frozen=True, slots=True)
class DeviceFigures:
    """A device as it was read, with the members of its JSON object but for the rows."""

    head: Mapping[str, Any]
    measured_at: datetime
    has_rows: bool


def process_families(in_flight: int, backends: Mapping[str, bool]) -> Iterator[Metric]:
    """About the program; `backends` says of each whether it can list its devices."""
    build = GaugeMetricFamily("qman_build_info", "1, with the version that runs.", labels=["version"])
    build.add_metric([__version__], 1)
    yield build
    yield GaugeMetricFamily(
        "qman_requests_in_flight",
        "Requests under way in the process that answers, this one too; each process takes on 40.",
        value=in_flight,
    )
    up = GaugeMetricFamily("qman_backend_up", "1 when the backend can list its devices.", labels=["backend"])
    for backend, is_up in backends.items():
        up.add_metric([backend], is_up)
    yield up


def device_families(devices: Sequence[DeviceFigures], now: datetime) -> Iterator[Metric]:
    """About the devices. One without figures has no ages and no sizes."""
    up = GaugeMetricFamily("qman_device_up", "1 when the device could be read.", labels=["device"])
    info = GaugeMetricFamily(
        "qman_device_info", "1, with what the device is.", labels=["device", "kind", "fstype", "mount_point"]
    )
    problem = GaugeMetricFamily(
        "qman_device_failed_since_timestamp_seconds",
        "Since when the device fails, with the code of the problem; absent while it is well.",
        labels=["device", "code"],
    )
    states = GaugeMetricFamily(
        "qman_device_quota_state",
        "1, with how quotas of this type are kept: on, not_enforced or off.",
        labels=["device", "quota_type", "state"],
    )
    age = GaugeMetricFamily("qman_device_reading_age_seconds", "Age of the figures of the device.", labels=["device"])
    for device in devices:
        head, name = device.head, device.head["name"]
        up.add_metric([name], head["status"] == "ok")
        mount_point = next(iter(head["mount_points"]), "")
        info.add_metric([name, head["kind"], head["fstype"], mount_point], 1)
        if found := head.get("problem"):
            problem.add_metric([name, found["code"]], datetime.fromisoformat(found["since"]).timestamp())
        for quota_type in QuotaType:
            if state := head.get(f"{quota_type.value}_quota_state"):
                states.add_metric([name, quota_type.value, state], 1)
        if device.has_rows:
            age.add_metric([name], max(0.0, (now - device.measured_at).total_seconds()))
    yield from (up, info, problem, states, age, *_sizes(devices))


def _sizes(devices: Iterable[DeviceFigures]) -> Iterator[Metric]:
    figures = {
        "used": ("qman_device_used_bytes", "Space in use on the device."),
        "free": ("qman_device_free_bytes", "Space that users may still write."),
        "total": ("qman_device_size_bytes", "Size of the device."),
    }
    for member, (name, documentation) in figures.items():
        family = GaugeMetricFamily(name, documentation, labels=["device"])
        for device in devices:
            if usage := device.head.get("usage"):
                family.add_metric([device.head["name"]], usage[member])
        yield family
    unattributed = GaugeMetricFamily(
        "qman_device_unattributed_bytes", "Space in use that counts for nobody.", labels=["device"]
    )
    for device in devices:
        if (size := device.head.get("unattributed_usage")) is not None:
            unattributed.add_metric([device.head["name"]], size)
    yield unattributed


def tally_families(counts: Counts) -> Iterator[Metric]:
    """What was counted since the server started, in all of its processes."""
    durations = HistogramMetricFamily(
        "qman_reading_duration_seconds", "How long it took to read the device as a whole.", labels=["device"]
    )
    for device, seen in counts.durations.items():
        so_far, buckets = 0, []
        for bound, count in zip((*BUCKETS_SECONDS, float("inf")), seen.counts, strict=True):
            so_far += count
            buckets.append((str(bound) if bound < float("inf") else "+Inf", so_far))
        durations.add_metric([device], buckets, seen.sum_seconds)
    yield durations
    failures = CounterMetricFamily(
        "qman_reading_failures", "Requests for the device that got no figures of now.", labels=["device", "code"]
    )
    for device, codes in counts.failures.items():
        for code, count in codes.items():
            failures.add_metric([device, code], count)
    yield failures
    yield CounterMetricFamily(
        "qman_requests_refused", "Requests turned away because too many were in flight.", value=counts.refused
    )
