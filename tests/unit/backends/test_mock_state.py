"""A mock host remembers: across processes of one run, atomically, and no longer than the run."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.backends.mock.backend import MockBackend
from app.backends.mock.hosts import HOST1, HOST4, MOCK_HOSTS, MockHost
from app.backends.mock.state import seed_state, state_from_json, state_to_json
from app.backends.mock.store import InMemoryStateStore, MockStateStore
from app.bootstrap.mock_store import DatabaseMockStore
from app.db.base import Base
from app.db.engine import Database
from app.quota.units import GIB
from app.quota.values import UNLIMITED, Limits, QuotaType

USER = QuotaType.USER
NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
NewStore = Callable[[], MockStateStore]


@pytest.fixture(params=["memory", "sql"])
def same_store(request: pytest.FixtureRequest, tmp_path: Path) -> NewStore:
    """Gives stores of one and the same state, as processes of one slave have them."""
    if request.param == "memory":
        store = InMemoryStateStore()
        return lambda: store
    url = f"sqlite:///{tmp_path}/mock.sqlite"
    Base.metadata.create_all(Database(url).engine, tables=[Base.metadata.tables["mock_states"]])
    return lambda: DatabaseMockStore(Database(url), "host1")


def limit_of(backend: MockBackend, quota_id: int) -> int | None:
    return backend.get_quota("/dev/sda1", USER, quota_id).block.limits.hard


def set_limit(backend: MockBackend, quota_id: int, limit: int) -> None:
    backend.set_limits("/dev/sda1", USER, quota_id, block=Limits(None, limit), inode=UNLIMITED)


def test_two_processes_of_a_run_are_one_host(same_store: NewStore) -> None:
    first, second = (MockBackend(HOST1, store=same_store(), run_id="run") for _ in range(2))
    set_limit(first, 4711, GIB)
    assert limit_of(second, 4711) == GIB
    set_limit(second, 4711, 2 * GIB)
    assert limit_of(first, 4711) == 2 * GIB
    assert limit_of(MockBackend(HOST1, store=same_store(), run_id="run"), 4711) == 2 * GIB


def test_a_new_run_starts_from_the_seed(same_store: NewStore) -> None:
    old = MockBackend(HOST1, store=same_store(), run_id="old", clock=lambda: NOW)
    set_limit(old, 4711, GIB)
    later = NOW + timedelta(days=30)
    new = MockBackend(HOST1, store=same_store(), run_id="new", clock=lambda: later)
    assert limit_of(new, 4711) is None
    assert new.get_quota("/dev/sda1", USER, 1001).block.grace_expires_at == later + timedelta(days=3)
    set_limit(new, 4711, 3 * GIB)
    assert limit_of(old, 4711) == 3 * GIB


def test_changes_at_the_same_time_are_all_kept(same_store: NewStore) -> None:
    backends = [MockBackend(HOST1, store=same_store(), run_id="run") for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda n: set_limit(backends[n % 4], 5000 + n, GIB), range(40)))
    assert {limit_of(backends[0], 5000 + n) for n in range(40)} == {GIB}


def test_a_store_refuses_who_knows_another_version(same_store: NewStore) -> None:
    one, other = same_store(), same_store()
    assert one.load() is None
    assert one.replace(0, "a") == 1
    assert other.replace(0, "b") is None
    assert other.replace(1, "b") == 2
    assert one.replace(1, "c") is None
    assert one.load() == (2, "b")


@pytest.mark.parametrize("host", MOCK_HOSTS.values(), ids=lambda host: host.host_id)
def test_the_state_survives_json(host: MockHost) -> None:
    state = seed_state(host, "run", NOW)
    assert state_from_json(state_to_json(state)) == state


def test_the_hosts_differ_in_the_store(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/mock.sqlite"
    Base.metadata.create_all(Database(url).engine, tables=[Base.metadata.tables["mock_states"]])
    one, four = (DatabaseMockStore(Database(url), name) for name in ("host1", "host4"))
    set_limit(MockBackend(HOST1, store=one), 1000, GIB)
    set_limit(MockBackend(HOST4, store=four), 1000, 2 * GIB)
    assert limit_of(MockBackend(HOST1, store=one), 1000) == GIB
