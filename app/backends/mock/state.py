"""The state of a mock host: what changes while it runs, as frozen values and as JSON text."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from app.backends.mock.hosts import MockHost
from app.backends.mock.seed import WEEK, SeedDevice
from app.quota.values import GracePeriods, Limits, Quota, QuotaType, ResourceQuota

Rows = Mapping[QuotaType, Mapping[int, Quota]]
Periods = Mapping[QuotaType, GracePeriods]


@dataclass(frozen=True, slots=True)
class DeviceState:
    """Rows and grace periods of one device, by quota type; no periods where the device has none."""

    rows: Rows
    periods: Periods

    def with_row(self, quota_type: QuotaType, quota: Quota) -> "DeviceState":
        """The state in which this quota stands."""
        rows = {**self.rows.get(quota_type, {}), quota.quota_id: quota}
        return replace(self, rows={**self.rows, quota_type: rows})

    def with_periods(self, quota_type: QuotaType, periods: GracePeriods) -> "DeviceState":
        """The state in which these grace periods stand. Timers that run keep their instant, as in the kernel."""
        return replace(self, periods={**self.periods, quota_type: periods})


@dataclass(frozen=True, slots=True)
class MockState:
    """Everything that a mock host remembers, and the server run that it was seeded for."""

    run_id: str
    devices: Mapping[str, DeviceState]

    def with_device(self, name: str, device: DeviceState) -> "MockState":
        """The state in which this device stands."""
        return replace(self, devices={**self.devices, name: device})


def seed_state(host: MockHost, run_id: str, now: datetime) -> MockState:
    """The state of a host at the start of a run."""
    started_at = now.replace(microsecond=0)
    return MockState(run_id, {seed.device.name: _seed_device(host, seed, started_at) for seed in host.devices})


def state_to_json(state: MockState) -> str:
    """The state as text, for a store that keeps it outside of this process."""
    devices = ",".join(f"{json.dumps(name)}:{_device_to_json(device)}" for name, device in state.devices.items())
    return f'{{"run_id":{json.dumps(state.run_id)},"devices":{{{devices}}}}}'


def state_from_json(text: str) -> MockState:
    """The inverse of `state_to_json`."""
    document = json.loads(text)
    return MockState(document["run_id"], {n: _device_from_json(d) for n, d in document["devices"].items()})


def names_of(host: MockHost) -> Mapping[QuotaType, Mapping[int, str]]:
    """The names that a mock host knows, by quota type."""
    return {QuotaType.USER: host.users, QuotaType.GROUP: host.groups, QuotaType.PROJECT: host.projects}


def _seed_device(host: MockHost, seed: SeedDevice, started_at: datetime) -> DeviceState:
    names = names_of(host)
    rows = {
        quota_type: {row.quota_id: row.quota(started_at, names[quota_type].get(row.quota_id)) for row in rows}
        for quota_type, rows in seed.rows.items()
    }
    capabilities = seed.device.capabilities
    return DeviceState(rows, dict.fromkeys(capabilities.quota_types, WEEK) if capabilities.grace_periods else {})


def _device_to_json(device: DeviceState) -> str:
    rows = ",".join(f'"{kind}":[{",".join(map(_row_to_json, its.values()))}]' for kind, its in device.rows.items())
    periods = {kind: [its.block_seconds, its.inode_seconds] for kind, its in device.periods.items()}
    return f'{{"rows":{{{rows}}},"periods":{json.dumps(periods)}}}'


_texts: dict[int, tuple[Quota, str]] = {}
"""Rows as text, by the identity of the row, which is kept with it: of ten thousand rows a change makes one anew."""
_MOST_TEXTS = 50_000


def _row_to_json(row: Quota) -> str:
    known = _texts.get(id(row))
    if known is not None:
        return known[1]
    text = json.dumps(
        [row.quota_id, _resource_to_json(row.block), _resource_to_json(row.inode), row.name, dict(row.parts)]
    )
    if len(_texts) >= _MOST_TEXTS:
        _texts.clear()
    _texts[id(row)] = row, text
    return text


def _resource_to_json(resource: ResourceQuota) -> list[int | None]:
    used, (soft, hard), expires_at = resource
    return [used, soft, hard, None if expires_at is None else int(expires_at.timestamp())]


def _device_from_json(device: dict[str, Any]) -> DeviceState:
    rows = {QuotaType(kind): {row[0]: _row_from_json(*row) for row in rows} for kind, rows in device["rows"].items()}
    return DeviceState(rows, {QuotaType(kind): GracePeriods(*pair) for kind, pair in device["periods"].items()})


def _row_from_json(quota_id: int, block: list[int], inode: list[int], name: str | None, parts: dict[str, int]) -> Quota:
    return Quota(quota_id, _resource_from_json(*block), _resource_from_json(*inode), name, parts)


def _resource_from_json(used: int, soft: int | None, hard: int | None, expires: int | None) -> ResourceQuota:
    expires_at = None if expires is None else datetime.fromtimestamp(expires, UTC)
    return ResourceQuota(used, Limits(soft, hard), expires_at)
