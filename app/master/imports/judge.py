"""Judges lines of an import against what was last read of the hosts. Nothing is asked of a host."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.db.repositories.snapshots import SnapshotRepository, StoredDevice, StoredQuota
from app.master.changes.stored import LIMIT_FIELDS, is_below_usage, stands_before
from app.master.errors import HostNotFoundError
from app.master.fleet import Fleet
from app.master.imports.csv_lines import CsvLine
from app.quota.errors import FieldFault, QmanError
from app.quota.rules import check_limits, check_supported
from app.quota.units import bytes_from_kib, count_from_wire
from app.quota.values import Capabilities, Limits, QuotaType
from app.web.quota_rows import LimitsIn


class WrongLineError(QmanError):
    """This line cannot be carried out."""

    code = "invalid_input"


@dataclass(frozen=True, slots=True)
class Judged:
    """What is known of a line before it is carried out. `problem`: it will not be."""

    line: CsvLine
    quota_id: int | None = None
    name: str = ""
    before: Mapping[str, Any] | None = None
    below_usage: bool = False
    problem: QmanError | None = None


@dataclass(slots=True)
class _KnownHost:
    devices: Mapping[str, StoredDevice]
    quotas: Mapping[tuple[str, str, int], StoredQuota]
    ids: Mapping[tuple[str, str], int]
    """By quota type and name; a user of one device is a user of the whole host."""


@dataclass(slots=True)
class Judge:
    """Judges the lines of one file in order; of two about the same quota the second is wrong."""

    fleet: Fleet
    snapshots: SnapshotRepository
    _hosts: dict[str, _KnownHost] = field(default_factory=dict)
    _seen: dict[tuple[str, str, str, int], int] = field(default_factory=dict)

    def judge(self, line: CsvLine) -> Judged:
        """What would become of the line."""
        if line.faults:
            return Judged(line, line.quota_id, line.name, problem=WrongLineError("Malformed.", fields=line.faults))
        try:
            return self._judged(line)
        except QmanError as error:
            return Judged(line, line.quota_id, line.name, problem=error)

    def _judged(self, line: CsvLine) -> Judged:
        host = self._host(line.host)
        device = host.devices.get(line.device)
        if device is None:
            raise _wrong("No such device.", "device", line.device, f"one of {_some(host.devices)}")
        if line.quota_type.value not in device.head["capabilities"]["quota_types"]:
            expected = f"one of {', '.join(device.head['capabilities']['quota_types'])}"
            raise _wrong("The device has no such quotas.", "quota_type", line.quota_type.value, expected)
        quota_id = self._quota_id(host, line)
        known = host.quotas.get((line.device, line.quota_type.value, quota_id))
        first = self._seen.setdefault((line.host, line.device, line.quota_type.value, quota_id), line.number)
        if first != line.number:
            raise _wrong("The same quota twice.", "line", f"the quota of line {first}", "each quota once")
        before = stands_before(device, known) or dict.fromkeys(LIMIT_FIELDS, 0)
        _check(device, before, line.limits)
        name = known.name if known else line.name or f"#{quota_id}"
        return Judged(line, quota_id, name, before, known is not None and is_below_usage(known, line.limits))

    def _host(self, host_id: str) -> _KnownHost:
        if host_id not in self._hosts:
            try:
                is_suspended = self.fleet.get(host_id).suspended
            except HostNotFoundError as error:
                raise _wrong("No such host.", "host", host_id, "the id of a host of this master") from error
            if is_suspended:
                raise _wrong("The host is suspended.", "host", host_id, "a host that is not suspended")
            devices = self.snapshots.devices(host_id).get(host_id, [])
            quotas = self.snapshots.quotas(host_id)
            self._hosts[host_id] = _KnownHost(
                {device.name: device for device in devices},
                {quota.key: quota for quota in quotas},
                {(quota.quota_type, quota.name): quota.quota_id for quota in quotas},
            )
        return self._hosts[host_id]

    def _quota_id(self, host: _KnownHost, line: CsvLine) -> int:
        if not line.name:
            assert line.quota_id is not None  # noqa: S101 - else the line has a fault
            return line.quota_id
        known = host.ids.get((line.quota_type.value, line.name))
        if known is None:
            kind = "user" if line.quota_type is QuotaType.USER else line.quota_type.value
            raise _wrong(f"No such {kind}.", "name", line.name, f"a {kind} with a quota on this host, or an id")
        if line.quota_id is not None and line.quota_id != known:
            raise _wrong("Id and name are not the same.", "id", str(line.quota_id), f"{known}, the id of {line.name}")
        return known


def _check(device: StoredDevice, before: Mapping[str, Any], wanted: Mapping[str, int]) -> None:
    block, inode = (
        Limits(bytes_from_kib(before["block_soft_limit"]), bytes_from_kib(before["block_hard_limit"])),
        Limits(count_from_wire(before["inode_soft_limit"]), count_from_wire(before["inode_hard_limit"])),
    )
    limits = LimitsIn(**wanted).applied_to(block, inode)
    check_limits(*limits)
    check_supported(Capabilities(**device.head["capabilities"]), *limits)


def _some(names: Mapping[str, object]) -> str:
    shown = list(names)[:5]
    return ", ".join(shown) + (", …" if len(names) > len(shown) else "") if shown else "those of the next reading"


def _wrong(detail: str, field_name: str, found: str, expected: str) -> WrongLineError:
    return WrongLineError(detail, fields=[FieldFault(field_name, found, expected)])
