"""A slave in this process: its app on a database of its own, and callers who sign."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from requests import PreparedRequest, Request
from werkzeug.test import TestResponse

from app.auth.signatures import sign_request
from app.backends.mock.backend import MockBackend
from app.backends.mock.hosts import MOCK_HOSTS
from app.bootstrap.mock_store import DatabaseMockStore
from app.bootstrap.slave import SlaveParts, device_access, slave_app
from app.db import tables
from app.db.base import Base
from app.db.engine import Database
from app.docker_quota.ledger import Holder, Ledger
from app.docker_quota.mock import MockDocker, MockInspector
from app.quota.backend import QuotaBackend
from app.quota.values import DeviceKind
from app.settings.keys import ApiKey, SigningKey
from app.settings.slave import SlaveSettings
from app.slave.defaults import DefaultsApplier
from app.slave.directory import Directory, FixedDirectory
from app.slave.docker_objects import Inspector
from app.slave.metrics.tallies import Tallies

READ = SigningKey.model_validate({"id": "r1", "secret": "read-secret-of-the-test-host-0123456789"})
WRITE = SigningKey.model_validate({"id": "w1", "secret": "write-secret-of-the-test-host-0123456789"})
ORIGIN = "http://slave.test:8437"
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class SettableClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def empty_database(directory: Path) -> Database:
    """A database of its own in this directory, with all tables."""
    database = Database(f"sqlite:///{directory}/slave.sqlite")
    assert tables.all_tables
    Base.metadata.create_all(database.engine)
    return database


def slave_settings(**changes: Any) -> SlaveSettings:
    """Settings of a mock host with the keys READ and WRITE. What is given as None is not set."""
    scopes = {READ.id: "read", WRITE.id: "write"}
    keys = tuple(ApiKey.model_validate({**dict(key), "scope": scopes[key.id]}) for key in (READ, WRITE))
    values = {"SLAVE_HOST_ID": "host1", "MOCK_QUOTA": True, "MOCK_HOST_ID": "host1", "API_KEYS": keys, **changes}
    return SlaveSettings(**{name: value for name, value in values.items() if value is not None})


@dataclass
class SlaveUnderTest:
    """An app and its parts. Calls are signed with the clock's time."""

    app: Flask
    clock: SettableClock
    database: Database

    @property
    def lock_directory(self) -> Path:
        """Where this slave's processes lock their devices."""
        return Path(f"{self.database.url.database}.locks")

    def get(self, path: str, **how: Any) -> TestResponse:
        return self.call("GET", path, **how)

    def put(self, path: str, **how: Any) -> TestResponse:
        return self.call("PUT", path, **{"key": WRITE, **how})

    def post(self, path: str, **how: Any) -> TestResponse:
        return self.call("POST", path, **{"key": WRITE, **how})

    def delete(self, path: str, **how: Any) -> TestResponse:
        return self.call("DELETE", path, **{"key": WRITE, **how})

    def call(
        self,
        method: str,
        path: str,
        *,
        key: SigningKey = READ,
        body: bytes | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> TestResponse:
        """A signed call; `path` with its query."""
        prepared = Request(method, ORIGIN + path, data=body, json=json, headers=dict(headers or {})).prepare()
        sign_request(prepared, key, self.clock.now)
        return self.send(prepared)

    def send(self, prepared: PreparedRequest) -> TestResponse:
        """The request as it is."""
        assert prepared.url is not None
        target = prepared.url.removeprefix(ORIGIN)
        path, _, query = target.partition("?")
        return self.app.test_client().open(
            path,
            method=prepared.method or "GET",
            base_url=ORIGIN,
            query_string=query,
            headers=list(prepared.headers.items()),
            data=prepared.body,
            environ_overrides={"RAW_URI": target, "REQUEST_URI": target},
        )


def start_slave(
    database: Database,
    *,
    host: str = "host1",
    backends: Sequence[QuotaBackend] | None = None,
    directory: Directory | None = None,
    clock: SettableClock | None = None,
    run_id: str = "run-1",
    tallies: Tallies | None = None,
    inspector: Inspector | None = None,
    **settings: Any,
) -> SlaveUnderTest:
    """A slave of a mock host, or of these backends. Two on one database with one run id are two workers of one run."""
    clock, mock = clock or SettableClock(), MOCK_HOSTS[host]
    if backends is None and any(each.device.kind is DeviceKind.DOCKER for each in mock.devices):
        ledger = Ledger(database)
        MockDocker(ledger, clock, Holder("mock", timedelta(seconds=20))).put()
        inspector = MockInspector(ledger)
    if backends is None:
        backends = [mock_backend(database, host, clock=clock, run_id=run_id)]
    directory = directory or FixedDirectory(mock.users, mock.groups, mock.projects)
    parts = SlaveParts(database, backends, directory, clock, run_id, tallies or Tallies(), inspector)
    values = {"DATABASE_URL": database.url.render_as_string(hide_password=False), **settings}
    return SlaveUnderTest(slave_app(slave_settings(**values), parts), clock, database)


def start_worker(database: Database, *, backends: Sequence[QuotaBackend], **settings: Any) -> DefaultsApplier:
    """What the worker beside the slaves of this database does every few minutes."""
    parts = SlaveParts(database, backends, FixedDirectory({}, {}), SettableClock(), None)
    values = {"DATABASE_URL": database.url.render_as_string(hide_password=False), **settings}
    return DefaultsApplier(device_access(slave_settings(**values), parts))


def mock_backend(database: Database, host: str, *, clock: SettableClock, run_id: str | None = "run-1") -> MockBackend:
    """The backend of a mock host with its state in the database."""
    return MockBackend(MOCK_HOSTS[host], store=DatabaseMockStore(database, host), clock=clock, run_id=run_id)
