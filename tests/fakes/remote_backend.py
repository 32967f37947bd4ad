"""The remote API as a `QuotaBackend`: what the contract of backends is run through for the HTTP hop."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import requests
from pydantic import TypeAdapter

from app.auth.signatures import SlaveAuth
from app.quota import errors
from app.quota.clock import Clock
from app.quota.errors import FieldFault, InvalidInputError, NotSupportedError, QmanError
from app.quota.rules import MAX_ID
from app.quota.units import bytes_from_kib, count_from_wire, kib_from_bytes
from app.quota.values import (
    Capabilities,
    Device,
    DeviceUsage,
    GracePeriods,
    Limits,
    Quota,
    QuotaType,
    ResourceQuota,
)
from app.settings.keys import SigningKey
from app.web.quota_rows import ID_FIELD, DeviceOut

_PATHS = {QuotaType.USER: "users", QuotaType.GROUP: "groups", QuotaType.PROJECT: "projects"}
_ERRORS = {
    error.code: error for error in vars(errors).values() if isinstance(error, type) and issubclass(error, QmanError)
}


class RemoteBackend:
    """A slave's quotas over signed HTTP. Errors come back as the slave's backend raised them, by their codes."""

    name = "remote"

    def __init__(self, url: str, read: SigningKey, write: SigningKey, clock: Clock) -> None:
        self._url = url
        self._keys = {"GET": read, "PUT": write}
        self._clock = clock
        self._session = requests.Session()
        self._session.trust_env = False

    def close(self) -> None:
        self._session.close()

    def list_devices(self) -> Sequence[Device]:
        return [_device(each) for each in self._devices()]

    def get_usage(self, device: str) -> DeviceUsage:
        usage = self._one(device).usage
        assert usage is not None
        return DeviceUsage(usage.used, usage.free, usage.total)

    def iter_quotas(self, device: str, quota_type: QuotaType) -> Iterator[Quota]:
        found = self._one(device)
        _check_type(found, quota_type)
        rows = self._call("GET", "/quotas", device=device, quota_type=quota_type.value)[0][f"{quota_type}_quotas"]
        return iter([_quota(row, quota_type) for row in rows])

    def get_quota(self, device: str, quota_type: QuotaType, quota_id: int) -> Quota:
        _check_type(self._one(device), quota_type)
        _check_id(quota_id)
        (found,) = self._call("GET", f"/quotas/{_PATHS[quota_type]}/{quota_id}", device=device)
        (row,) = found[f"{quota_type}_quotas"]
        return _quota(row, quota_type)

    def set_limits(self, device: str, quota_type: QuotaType, quota_id: int, *, block: Limits, inode: Limits) -> Quota:
        _check_id(quota_id)
        body = {
            "block_soft_limit": _kib(block.soft),
            "block_hard_limit": _kib(block.hard),
            "inode_soft_limit": _count(inode.soft),
            "inode_hard_limit": _count(inode.hard),
        }
        row = self._call("PUT", f"/quotas/{_PATHS[quota_type]}/{quota_id}", body=body, device=device)
        return _quota(row, quota_type)

    def get_grace_periods(self, device: str, quota_type: QuotaType) -> GracePeriods:
        stands = self._call("GET", "/quotas/grace", device=device, quota_type=quota_type.value)
        return GracePeriods(stands["block_grace"], stands["inode_grace"])

    def set_grace_periods(self, device: str, quota_type: QuotaType, periods: GracePeriods) -> None:
        body = {"block_grace": periods.block_seconds, "inode_grace": periods.inode_seconds}
        self._call("PUT", "/quotas/grace", body=body, device=device, quota_type=quota_type.value)

    def _one(self, device: str) -> DeviceOut:
        return self._devices(device=device)[0]

    def _devices(self, device: str | None = None) -> list[DeviceOut]:
        query = {} if device is None else {"device": device}
        return TypeAdapter(list[DeviceOut]).validate_python(self._call("GET", "/quotas", None, **query), strict=False)

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None, **query: str) -> Any:
        response = self._session.request(
            method,
            f"{self._url}/remote-api{path}?{urlencode(query)}",
            json=body,
            auth=SlaveAuth(self._keys[method], self._clock),
            timeout=30,
        )
        answer = response.json()
        if response.status_code == requests.codes.ok:
            return answer
        fields = [FieldFault(fault["field"], fault["found"], fault["expected"]) for fault in answer.get("errors", [])]
        raise _ERRORS[answer["code"]](answer["detail"], fields=fields)


def _device(device: DeviceOut) -> Device:
    can = device.capabilities
    capabilities = Capabilities(
        tuple(can.quota_types), can.soft_limits, can.inode_limits, can.grace_periods, can.enforced_by_kernel
    )
    return Device(device.name, device.kind, device.fstype, capabilities, tuple(device.mount_points), tuple(device.opts))


def _check_type(device: DeviceOut, quota_type: QuotaType) -> None:
    """The list of a type that a device has not is no failure over HTTP: it is not there."""
    if quota_type not in device.capabilities.quota_types:
        raise NotSupportedError(f"{device.name} has no {quota_type} quotas.")


def _check_id(quota_id: int) -> None:
    """What is no integer cannot stand in a path at all."""
    if type(quota_id) is not int or not 0 <= quota_id <= MAX_ID:
        raise InvalidInputError("The id is out of range.", fields=[FieldFault("id", str(quota_id), "an id")])


def _kib(limit: int | None) -> int | bool:
    """0 is unlimited on the wire and no limit inside: what would change its meaning is sent as it is not allowed."""
    if limit is None:
        return 0
    return limit if isinstance(limit, bool) else -1 if limit < 1 else kib_from_bytes(limit)


def _count(limit: int | None) -> int | bool:
    return 0 if limit is None else limit if isinstance(limit, bool) else -1 if limit < 1 else limit


def _instant(seconds: int) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _quota(row: Mapping[str, Any], quota_type: QuotaType) -> Quota:
    block = Limits(bytes_from_kib(row["block_soft_limit"]), bytes_from_kib(row["block_hard_limit"]))
    inode = Limits(count_from_wire(row["inode_soft_limit"]), count_from_wire(row["inode_hard_limit"]))
    return Quota(
        row[ID_FIELD[quota_type]],
        ResourceQuota(row["block_current"], block, _instant(row["block_time_limit"])),
        ResourceQuota(row["inode_current"], inode, _instant(row["inode_time_limit"])),
        row["name"],
    )
