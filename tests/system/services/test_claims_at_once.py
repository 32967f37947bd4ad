"""Planners and readers that come at the same moment: each host is one's, on SQLite and on PostgreSQL."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.db.engine import Database
from app.db.migrate import ensure_schema
from app.db.repositories.hosts import HostRepository
from app.db.repositories.schedule import CLAIM_DURATION, Claim, ScheduleRepository, Success
from tests.fakes.fleet_database import INTERVAL, NOON, sync

pytestmark = pytest.mark.services

AT_ONCE = 6
HOSTS = tuple(f"h{number}" for number in range(60))
LATER = NOON + CLAIM_DURATION


@pytest.fixture
def databases(database: Database, url: str) -> Iterator[list[Database]]:
    ensure_schema(database)
    sync(database, [(host_id, host_id, f"http://{host_id}") for host_id in HOSTS])
    others = [Database(url) for _ in range(AT_ONCE)]
    yield others
    for other in others:
        other.dispose()


def at_once(databases: list[Database], do: Callable[[ScheduleRepository, int], Iterable[str]]) -> Counter[str]:
    """How often each host was given out, when all do it at the same moment."""
    together = threading.Barrier(len(databases))

    def one(number: int) -> list[str]:
        together.wait(30)
        with databases[number].write() as connection:
            return list(do(ScheduleRepository(connection), number))

    with ThreadPoolExecutor(len(databases)) as pool:
        return Counter(host_id for part in pool.map(one, range(len(databases))) for host_id in part)


def claimed(schedule: ScheduleRepository, number: int, now: timedelta = timedelta()) -> list[str]:
    return [claim.host_id for claim in schedule.claim(HOSTS, f"token-{number}", NOON + now, 2 * INTERVAL)]


def test_each_host_is_claimed_by_one(databases: list[Database]) -> None:
    first = at_once(databases, claimed)
    assert set(first.values()) == {1}
    with databases[0].write() as connection:
        missed = claimed(ScheduleRepository(connection), 99)
    assert sorted([*first, *missed]) == sorted(HOSTS)
    assert at_once(databases, claimed) == {}
    again = at_once(databases, lambda schedule, number: claimed(schedule, number, CLAIM_DURATION))
    assert set(again.values()) == {1}


def test_claims_that_were_delivered_many_times_are_begun_by_one(databases: list[Database]) -> None:
    with databases[0].write() as connection:
        claims = ScheduleRepository(connection).claim(HOSTS, "token", NOON)
    begun = at_once(databases, lambda schedule, number: schedule.begin(claims, f"reader-{number}", NOON))
    assert begun == dict.fromkeys(HOSTS, 1)


def test_readings_are_stored_while_others_claim_and_change_limits(databases: list[Database]) -> None:
    """Whoever writes several hosts does so in one order: nobody waits for somebody who waits for them."""
    with databases[0].write() as connection:
        for number in range(AT_ONCE):
            ScheduleRepository(connection).claim(HOSTS[number::AT_ONCE], f"token-{number}", NOON)

    def store(schedule: ScheduleRepository, number: int) -> Iterable[str]:
        claims = [Claim(host_id, f"token-{number}") for host_id in reversed(HOSTS[number::AT_ONCE])]
        claims += [Claim(host_id, "of somebody else") for host_id in HOSTS if host_id not in dict(claims)]
        held = schedule.held(claims)
        schedule.record_successes([Success(host_id, NOON, LATER, None, None) for host_id in held])
        return held

    assert at_once(databases, store) == dict.fromkeys(HOSTS, 1)
    with databases[0].read() as connection:
        assert {host.taken_at for host in HostRepository(connection).list_all()} == {NOON}
        assert ScheduleRepository(connection).due(NOON, 2 * INTERVAL) == []
