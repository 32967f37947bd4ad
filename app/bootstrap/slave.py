"""Builds a slave: the only place where its concrete classes meet."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from flask import Flask

from app.auth.signatures import AcceptedKey, DatabaseNonces, SignatureVerifier
from app.backends.btrfs.backend import BtrfsBackend
from app.backends.kernel.backend import KernelBackend
from app.backends.mock.backend import MockBackend
from app.backends.mock.hosts import MOCK_HOSTS
from app.backends.zfs.backend import ZfsBackend
from app.bootstrap.docker import docker_backend, start_docker_ledger, start_mock_docker
from app.bootstrap.mock_store import DatabaseMockStore
from app.bootstrap.server_run import server_run_id
from app.db.engine import Database
from app.db.migrate import ensure_schema
from app.docker_quota.engine import SdkEngine
from app.docker_quota.ledger import Ledger
from app.docker_quota.mock import MockInspector
from app.quota.backend import QuotaBackend
from app.quota.clock import Clock, utc_now
from app.quota.values import DeviceKind
from app.settings.keys import ApiKey
from app.settings.slave import SlaveSettings
from app.slave.access import DeviceAccess
from app.slave.app import build_slave_app
from app.slave.batch import BatchChanger
from app.slave.book import DeviceBook
from app.slave.changes import LimitChanger
from app.slave.default_book import DefaultsBook
from app.slave.defaults import DefaultLimits
from app.slave.directory import Directory, FixedDirectory, NssDirectory
from app.slave.docker_events import DockerEvents
from app.slave.docker_objects import INSPECT_SECONDS, DockerObjects, Inspector
from app.slave.grace import GraceChanger
from app.slave.guard import InFlight
from app.slave.inventory import Inventory
from app.slave.keys.changes import KeyChanger
from app.slave.keys.ring import KeyRing
from app.slave.lanes import Lanes
from app.slave.locks import DeviceLocks
from app.slave.metrics.page import MetricsPage
from app.slave.metrics.tallies import Tallies
from app.slave.names import NameBook
from app.slave.reading import Reader
from app.slave.routes.api import build_api, document_of
from app.slave.services import SlaveServices
from app.slave.uids import UidBook

TOOL_PART = 0.8
"""The part of a device's time that a backend's tool has: it is killed before its lane counts as stuck."""


@dataclass(frozen=True, slots=True)
class SlaveParts:
    """What a slave stands on; tests put their own here.

    `run_id` is None in a process beside the server, its worker; `inspector` where Docker is off.
    """

    database: Database
    backends: Sequence[QuotaBackend]
    directory: Directory
    clock: Clock
    run_id: str | None
    tallies: Tallies = field(default_factory=Tallies)
    inspector: Inspector | None = None


def create_slave_app(settings: SlaveSettings) -> Flask:
    """The WSGI app of a slave, its database brought to the newest schema."""
    parts = real_parts(settings)
    ensure_schema(parts.database)
    if isinstance(parts.inspector, MockInspector):
        start_mock_docker(parts.database, parts.clock)
    elif parts.inspector is not None:
        start_docker_ledger(settings, parts.database, parts.directory, parts.clock)
    return slave_app(settings, parts)


def slave_app(settings: SlaveSettings, parts: SlaveParts) -> Flask:
    """The WSGI app on these parts; the database has its tables already."""
    verifier = SignatureVerifier(key_ring(settings, parts.clock), DatabaseNonces(parts.database), parts.clock)
    return build_slave_app(slave_services(settings, parts), verifier, settings.BASE_PATH)


def slave_services(settings: SlaveSettings, parts: SlaveParts) -> SlaveServices:
    """The use cases on these parts."""
    clock = parts.clock
    access = device_access(settings, parts)
    book, inventory, lanes = access.book, access.inventory, access.lanes
    names = NameBook(parts.directory, clock)
    interval = timedelta(seconds=settings.READ_INTERVAL_SECONDS)
    docker = None
    if parts.inspector is not None:
        reserved = settings.DOCKER_QUOTA_RESERVED_BYTES
        docker = DockerObjects(Ledger(parts.database), parts.inspector, names, clock, reserved)
    reader = Reader(
        inventory=inventory,
        book=book,
        names=names,
        defaults=access.defaults,
        lanes=lanes,
        clock=clock,
        interval=interval,
        observer=parts.tallies,
    )
    return SlaveServices(
        host_id=settings.SLAVE_HOST_ID,
        inventory=inventory,
        reader=reader,
        changer=LimitChanger(access, reader, names, clock),
        batch=BatchChanger(access, names, clock),
        defaults=DefaultLimits(access),
        grace=GraceChanger(access),
        names=names,
        clock=clock,
        check_database=parts.database.check,
        metrics=MetricsPage(reader, inventory, parts.tallies, clock),
        metrics_allow=tuple(ip_network(network) for network in settings.METRICS_ALLOW),
        in_flight=InFlight(on_refused=parts.tallies.request_refused),
        keys=KeyChanger(
            settings.SLAVE_HOST_ID, Path(settings.API_KEYS_FILE) if settings.API_KEYS_FILE else None, clock
        ),
        docker=docker,
        docker_events=None if docker is None else DockerEvents(parts.database),
    )


def device_access(settings: SlaveSettings, parts: SlaveParts) -> DeviceAccess:
    """The way to the devices on these parts."""
    lanes = Lanes(settings.DEVICE_TIMEOUT_SECONDS)
    book = DeviceBook(parts.database, parts.run_id)
    return DeviceAccess(
        inventory=Inventory(parts.backends, lanes, book, parts.clock),
        book=book,
        defaults=DefaultsBook(parts.database, settings.DEFAULT_LIMITS_FROM_ID),
        locks=DeviceLocks(_directory_beside(settings, parts.database, "locks"), settings.DEVICE_TIMEOUT_SECONDS),
        lanes=lanes,
    )


def real_parts(settings: SlaveSettings, clock: Clock = utc_now, *, is_server: bool = True) -> SlaveParts:
    """The parts that the settings name, for a process of the server or for one beside it."""
    database, run_id = Database(settings.database_url), server_run_id() if is_server else None
    backends: list[QuotaBackend] = []
    directory: Directory = NssDirectory()
    inspector: Inspector | None = None
    if settings.MOCK_QUOTA and settings.MOCK_HOST_ID:
        host = MOCK_HOSTS[settings.MOCK_HOST_ID]
        store = DatabaseMockStore(database, host.host_id)
        backends.append(MockBackend(host, store=store, clock=clock, run_id=run_id))
        if any(each.device.kind is DeviceKind.DOCKER for each in host.devices):
            inspector = MockInspector(Ledger(database))
        directory = FixedDirectory(host.users, host.groups, host.projects)
    else:
        backends.extend(_real_backends(settings, directory, clock))
        if settings.USE_DOCKER_QUOTA:
            backends.append(docker_backend(settings, database))
            inspector = SdkEngine(settings.DOCKER_HOST, timeout_seconds=INSPECT_SECONDS)
    tallies = Tallies(_directory_beside(settings, database, "metrics"), run_id) if run_id else Tallies()
    return SlaveParts(database, backends, directory, clock, run_id, tallies, inspector)


def _real_backends(settings: SlaveSettings, directory: Directory, clock: Clock) -> Iterator[QuotaBackend]:
    if settings.USE_PYQUOTA:
        yield KernelBackend()
    if settings.USE_ZFS:
        tool_seconds = TOOL_PART * settings.DEVICE_TIMEOUT_SECONDS
        yield ZfsBackend(settings.ZFS_DATASETS, timeout_seconds=tool_seconds)
    if settings.USE_BTRFS:
        uids = UidBook(directory, clock)
        yield BtrfsBackend(settings.BTRFS_SUBVOLUMES, uids.uids_of, settings.BTRFS_LIMIT)


def slave_document() -> dict[str, Any]:
    """The OpenAPI document of a slave, with nothing behind it."""
    key = ApiKey.model_validate({"id": "none", "secret": "0" * 32, "scope": "read"})
    settings = SlaveSettings(SLAVE_HOST_ID="none", API_KEYS=(key,))
    parts = SlaveParts(Database("sqlite://"), (), FixedDirectory({}, {}), utc_now, "none")
    return document_of(build_api(slave_services(settings, parts)))


def key_ring(settings: SlaveSettings, clock: Clock) -> KeyRing:
    """The keys that this slave accepts: those of the settings, and those of its keys file as it is now."""
    return KeyRing([AcceptedKey.of(key, key.scope) for key in settings.API_KEYS], _keys_file(settings), clock)


def _keys_file(settings: SlaveSettings) -> Path | None:
    return Path(settings.API_KEYS_FILE) if settings.API_KEYS_FILE else None


def _directory_beside(settings: SlaveSettings, database: Database, what: str) -> Path:
    """Beside the SQLite file; for another database below the directory for temporary files."""
    if database.is_sqlite and database.url.database:
        return Path(f"{database.url.database}.{what}").absolute()
    return Path(tempfile.gettempdir()) / f"qman-slave-{settings.SLAVE_HOST_ID}-{os.getuid()}.{what}"
