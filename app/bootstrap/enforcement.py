"""Builds enforcement of the Docker quota and the delivery of its events, for the worker of a slave."""

import os
import socket
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

from app.backends.mock.hosts import MOCK_HOSTS
from app.bootstrap.slave import SlaveParts, real_parts
from app.db.engine import Database
from app.db.migrate import ensure_schema
from app.docker_quota.audited import NamesOf
from app.docker_quota.enforcement.book import EnforcementBook
from app.docker_quota.enforcement.cases import Cases
from app.docker_quota.enforcement.events import DEVICE
from app.docker_quota.enforcement.round import ANSWER_TIME, ContainerEngine, EnforcementRound
from app.docker_quota.enforcement.values import Order, Rules
from app.docker_quota.engine import SdkEngine
from app.docker_quota.ledger import Holder, Ledger
from app.docker_quota.mock import MockEngine
from app.quota.clock import Clock, utc_now
from app.quota.values import DeviceKind, QuotaType
from app.settings.docker import DockerSettings
from app.settings.keys import SigningKey, event_key_id
from app.settings.keys_file import read_keys
from app.settings.slave import SlaveSettings
from app.slave.event_delivery import EventDelivery, Receiver
from app.slave.names import NameBook


def enforces_docker(settings: SlaveSettings) -> bool:
    """Whether the host has Docker, real or made up."""
    if not settings.MOCK_QUOTA:
        return settings.USE_DOCKER_QUOTA
    return settings.MOCK_HOST_ID is not None and any(
        each.device.kind is DeviceKind.DOCKER for each in MOCK_HOSTS[settings.MOCK_HOST_ID].devices
    )


def docker_enforcement(settings: SlaveSettings) -> Callable[[], str]:
    """The use case "a round of enforcement". Its connections are this process's own: build it after a fork."""
    parts = real_parts(settings, is_server=False)
    ensure_schema(parts.database)
    ledger, names = Ledger(parts.database), NameBook(parts.directory, parts.clock)
    engine: ContainerEngine = SdkEngine(settings.DOCKER_HOST)
    if settings.MOCK_QUOTA:
        engine = MockEngine(ledger, parts.clock)

    def names_of(uids: Collection[int]) -> Mapping[int, str | None]:
        return names.names_of(QuotaType.USER, uids).by_id

    def run() -> str:
        if settings.MOCK_QUOTA:
            take_mock_limits(parts, ledger)
        return enforcement_round(settings, parts.database, engine, names_of, parts.clock).run()

    return run


def take_mock_limits(parts: SlaveParts, ledger: Ledger) -> None:
    """Has the limits of a mock host in the ledger too, where enforcement looks for them."""
    [mock] = parts.backends
    known = ledger.account()[2]
    for quota in mock.iter_quotas(DEVICE, QuotaType.USER):
        if known.get(quota.quota_id) != quota.block.limits:
            ledger.set_limits(quota.quota_id, quota.block.limits)


def event_delivery(settings: SlaveSettings) -> EventDelivery:
    """The use case "tell the master what happened here". Build it after a fork."""
    database = Database(settings.database_url)
    ensure_schema(database)
    return EventDelivery(database, partial(find_receiver, settings, utc_now), utc_now)


def find_receiver(settings: SlaveSettings, clock: Clock) -> Receiver | None:
    """Where events go: what the settings name, else the master that this host is enrolled at; None: nowhere.

    SettingsError: the keys file cannot be read.
    """
    url, secret = settings.MASTER_EVENT_CALLBACK_URL, settings.MASTER_EVENT_CALLBACK_SECRET
    ca_file = settings.MASTER_EVENT_CALLBACK_CA_FILE
    if url is not None and secret is not None:
        key_id = settings.MASTER_EVENT_CALLBACK_KEY_ID or event_key_id(settings.SLAVE_HOST_ID)
        return Receiver(url, SigningKey(id=key_id, secret=secret), ca_file)
    if settings.API_KEYS_FILE is None:
        return None
    held, now = read_keys(Path(settings.API_KEYS_FILE)), clock()
    valid = [pair for pair in held.pairs if pair.is_valid(now)]
    in_use = [pair for pair in valid if pair.in_use] or valid
    return Receiver(held.events_url, in_use[-1].event, ca_file) if held.events_url and in_use else None


def enforcement_round(
    settings: SlaveSettings, database: Database, engine: ContainerEngine, names_of: NamesOf, clock: Clock
) -> EnforcementRound:
    """A round on these parts; each round holds the lease under a name of its own."""
    rules = rules_of(settings)
    duration = ANSWER_TIME + timedelta(seconds=rules.stop_timeout_seconds)
    holder = Holder(f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}", duration)
    ledger = Ledger(database)
    book = EnforcementBook(database, settings.SLAVE_HOST_ID, holder, dry_run=rules.dry_run)
    return EnforcementRound(engine, ledger, Cases(database, ledger, names_of, rules), book, rules, clock)


def rules_of(settings: DockerSettings) -> Rules:
    """The rules that the settings name."""
    return Rules(
        order=Order(settings.DOCKER_QUOTA_ENFORCEMENT_ORDER),
        removes=settings.DOCKER_QUOTA_ENFORCEMENT_ACTION == "remove",
        grace=timedelta(seconds=settings.DOCKER_QUOTA_GRACE_SECONDS),
        remove_grace=timedelta(seconds=settings.DOCKER_QUOTA_REMOVE_GRACE_SECONDS),
        stop_timeout_seconds=settings.DOCKER_QUOTA_STOP_TIMEOUT_SECONDS,
        enforce_probable=settings.DOCKER_QUOTA_ENFORCE_PROBABLE,
        exempt_label=settings.DOCKER_QUOTA_EXEMPT_LABEL,
        exempt_users=frozenset(settings.DOCKER_QUOTA_EXEMPT_USERS),
        dry_run=settings.DOCKER_QUOTA_DRY_RUN,
    )
