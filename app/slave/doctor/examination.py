"""The whole examination of a host."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from app.db.inspection import inspect_database
from app.quota.backend import QuotaBackend
from app.quota.errors import QmanError
from app.quota.values import Device, DeviceKind, QuotaState, QuotaType
from app.settings.areas import StorageArea
from app.settings.slave import SlaveSettings
from app.slave.directory import Directory
from app.slave.doctor import (
    areas,
    clock,
    devices,
    docker,
    docker_audit,
    filesystems,
    keys_file,
    names,
    process,
    server,
    settings_file,
    zfs,
)
from app.slave.doctor import database as databases
from app.slave.doctor.checks import Check, Report, run_checks
from app.slave.doctor.findings import Finding, in_order

CHECK_SECONDS = 5.0
"""How long a check may take. There are three rounds: what may be asked, what devices there are, each of them."""
_QUOTA_FILES = ("aquota.user", "quota.user")
_BACKEND_OF = {"ext4": "kernel", "xfs": "kernel", "btrfs": "btrfs"}


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined. `backends` are those that the settings switch on, none for a mock host."""

    settings_file: Path
    settings: SlaveSettings
    backends: Sequence[QuotaBackend]
    directory: Directory
    mountinfo: Path = filesystems.MOUNTINFO
    check_seconds: float = CHECK_SECONDS


@dataclass(slots=True)
class _Seen:
    """What checks of the first round leave for the second."""

    listed: dict[str, Sequence[Device]] = field(default_factory=dict)
    is_capable: bool = True
    is_killed: bool = False
    """A filter kills who calls quotactl(2): the examination too, if it asked the kernel's backend."""


def examine(patient: Patient) -> Report:
    """All checks; takes three times `check_seconds` at most, whatever hangs."""
    seen = _Seen()
    able = run_checks(list(_of_abilities(patient, seen)), patient.check_seconds)
    if seen.is_killed:
        patient = replace(patient, backends=[each for each in patient.backends if each.name != "kernel"])
    first = run_checks(list(_of_host(patient, seen)), patient.check_seconds)
    second = run_checks(list(_of_devices(patient, seen)), patient.check_seconds)
    reports = able, first, second
    findings = in_order(finding for report in reports for finding in report.findings)
    return Report(tuple(what for report in reports for what in report.checked), findings)


def _of_abilities(patient: Patient, seen: _Seen) -> Iterator[Check]:
    settings = patient.settings
    if (settings.USE_PYQUOTA or settings.USE_BTRFS) and not settings.MOCK_QUOTA:
        yield Check("what this process may do", partial(_of_process, seen, settings.USE_PYQUOTA))


def _of_host(patient: Patient, seen: _Seen) -> Iterator[Check]:
    settings, file = patient.settings, patient.settings_file
    yield Check(f"the settings in {file}", lambda: _of_settings(file, settings))
    if settings.API_KEYS_FILE is not None:
        yield Check(f"the keys in {settings.API_KEYS_FILE}", partial(_of_keys_file, file, settings))
    database = partial(inspect_database, settings.database_url)
    yield Check("the slave's database", lambda: databases.of_database(database()))
    look = partial(server.look_at_server, settings.BIND, settings.PORT)
    yield Check(f"the slave at port {settings.PORT}", lambda: server.of_server(look(), file))
    yield Check("the clock", lambda: clock.of_synchronisation(is_synchronised=clock.is_synchronised()))
    if settings.MASTER_EVENT_CALLBACK_URL:
        yield Check("the master's clock", partial(clock.of_master, settings.MASTER_EVENT_CALLBACK_URL))
    look_up = partial(names.measure, patient.directory)
    yield Check("the user database", lambda: names.of_duration(look_up()), hanging=names.HANGING)
    for area in settings.STORAGE_AREAS:
        yield Check(f"the storage area {area.name}", partial(_of_area, area))
    if settings.MOCK_QUOTA:
        return
    if settings.USE_ZFS:
        tools = partial(zfs.look_at_zfs, patient.check_seconds)
        yield Check("the tools of ZFS", lambda: zfs.of_zfs(tools(), settings.ZFS_DATASETS))
    if settings.USE_DOCKER_QUOTA:
        its = (settings.DOCKER_HOST, settings.DOCKER_DATA_ROOT, settings.DOCKER_PROXY_SOCKET)
        engine = partial(docker.look_at_docker, *its)
        yield Check("Docker's socket and store", lambda: docker.of_docker(engine()))
        recorded = partial(docker_audit.look_at_audit, settings.DOCKER_HOST, Path(settings.DOCKER_AUDIT_LOG))
        yield Check("the audit log of Docker's socket", lambda: docker_audit.of_audit(recorded()))
    for backend in patient.backends:
        yield Check(f"the list of {backend.name} devices", partial(_of_backend, backend, seen))


def _of_devices(patient: Patient, seen: _Seen) -> Iterator[Check]:
    names_of_backends = [backend.name for backend in patient.backends]
    if names_of_backends and seen.listed.keys() == set(names_of_backends) and not any(seen.listed.values()):
        yield Check("whether any device has quotas", lambda: [devices.of_no_devices(names_of_backends)])
    for backend in patient.backends:
        for device in seen.listed.get(backend.name, ()):
            yield Check(f"quotas of {device.name}", partial(_of_device, backend, device, is_capable=seen.is_capable))
    listed = [device for each in seen.listed.values() for device in each]
    if patient.backends:
        yield Check("filesystems without quotas", partial(_of_filesystems, patient, seen, listed))


def _of_settings(file: Path, settings: SlaveSettings) -> Iterator[Finding]:
    yield from settings_file.of_mode(file, settings_file.look_at_mode(file))
    yield from settings_file.of_keys(file, settings)


def _of_keys_file(file: Path, settings: SlaveSettings) -> Iterable[Finding]:
    seen = keys_file.look_at_keys_file(Path(settings.API_KEYS_FILE or ""))
    return keys_file.of_keys_file(seen, file, has_other_keys=bool(settings.API_KEYS))


def _of_area(area: StorageArea) -> list[Finding]:
    return [finding for root in areas.look_at_roots(area) for finding in areas.of_root(root)]


def _of_process(seen: _Seen, asks_quotactl: bool) -> Iterable[Finding]:
    found = process.look_at_process()
    seen.is_capable, seen.is_killed = found.is_capable, found.answer < 0
    return process.of_process(found, asks_quotactl=asks_quotactl)


def _of_backend(backend: QuotaBackend, seen: _Seen) -> list[Finding]:
    try:
        seen.listed[backend.name] = tuple(backend.list_devices())
    except QmanError as problem:
        return [devices.of_backend(backend.name, problem)]
    return []


def _of_device(backend: QuotaBackend, device: Device, *, is_capable: bool) -> Iterator[Finding]:
    has_file = any(Path(place, name).exists() for place in device.mount_points[:1] for name in _QUOTA_FILES)
    yield from devices.of_states(device, has_quota_file=has_file)
    yield from devices.of_accounting(device)
    on = [its for its in device.capabilities.quota_types if device.quota_states.get(its) is not QuotaState.OFF]
    try:
        for quota_type in on[:1]:
            backend.get_usage(device.name)
            backend.get_quota(device.name, quota_type, 0)
    except QmanError as problem:
        yield from devices.of_problem(device, problem, is_capable=is_capable)
    if device.kind is DeviceKind.BLOCK and device.fstype == "ext4" and device.quota_states.get(QuotaType.USER):
        mounted = filesystems.Mounted(device.name, device.mount_points[0], "ext4", is_writable=True)
        if filesystems.find_quota_feature(device.name) is False:
            yield filesystems.of_missing_feature(mounted)


def _of_filesystems(patient: Patient, seen: _Seen, listed: Sequence[Device]) -> Iterator[Finding]:
    """Of the kinds whose backend is on and could list what it has."""
    fstypes = {fstype for fstype, backend in _BACKEND_OF.items() if backend in seen.listed}
    text = patient.mountinfo.read_text(encoding="utf-8", errors="backslashreplace")
    with_quotas = {place for device in listed for place in device.mount_points}
    for mounted in filesystems.holding_files(filesystems.mounts_in(text, fstypes)):
        if mounted.mount_point not in with_quotas:
            feature = filesystems.find_quota_feature(mounted.device) if mounted.fstype == "ext4" else None
            yield filesystems.of_filesystem(filesystems.WithoutQuotas(mounted, feature))
