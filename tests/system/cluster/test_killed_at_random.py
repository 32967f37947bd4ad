"""Everything is killed at random while limits are changed: nothing acknowledged is lost, and all agree in the end."""

import os
import random
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, select

from app.db.repositories.audit import AuditRecord, AuditRepository
from app.db.repositories.hosts import HostRepository
from app.db.repositories.snapshots import SnapshotRepository
from app.db.tables.audit import AuditRow
from app.master.changes.settling import NOT_DONE_AFTER
from tests.bench.fleet_process import FleetProcess
from tests.fakes.killable import KillablePostgres, RedisServer
from tests.fakes.ports import free_port
from tests.system.cluster.changers import LIMIT_FIELDS, Changer, Heard, Quota
from tests.system.cluster.installation import Installation
from tests.system.cluster.killing import Killer, Restarted, Victim
from tests.system.stack.programs import Program, status_of, wait_until

CHANGES = int(os.environ.get("QMAN_R2_CHANGES", "1000"))
SEED = int(os.environ.get("QMAN_R2_SEED", "1"))
HOSTS, USERS, DEVICES, INTERVAL, CHANGERS = 20, 5, 2, 3, 10
KILLS_OF_EACH = 2
START_SECONDS, CHANGING_SECONDS = 120, 400
ALL_BACK_SECONDS = 60 + NOT_DONE_AFTER.total_seconds()

Limits = Mapping[str, int]
T = TypeVar("T")


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[FleetProcess]:
    with FleetProcess(tmp_path, hosts=HOSTS, users=USERS, devices=DEVICES, delay=0.03) as fleet:
        yield fleet


@pytest.mark.timeout(900)
def test_servers_workers_redis_and_postgresql_are_killed(
    tmp_path: Path, fleet: FleetProcess, postgres: KillablePostgres, redis: RedisServer
) -> None:
    settings = {"DATABASE_URL": postgres.new_url(), "CELERY_BROKER_URL": redis.url}
    with Installation(tmp_path, settings | of_fleet(fleet)) as installation:
        ports = [free_port(), free_port()]
        servers = {port: Restarted(partial(installation.server, port)) for port in ports}
        workers = [Restarted(lambda: installation.worker("-P threads -c 4")) for _ in range(2)]
        chance = random.Random(SEED)  # noqa: S311 - no secret

        def planner() -> int:
            return next((port for port in ports if plans(installation, servers[port])), ports[0])

        wait_for_a_round(installation, fleet, ports)
        killer = Killer(
            {
                "server": lambda: server_victim(servers[port := chance.choice(ports)], port),
                "planner": lambda: server_victim(servers[port := planner()], port),
                "worker": lambda: worker_victim(chance.choice(workers)),
                "redis": lambda: Victim(redis.kill, redis.start),
                "postgresql": lambda: Victim(postgres.kill, postgres.start),
            },
            SEED,
            between=(1.0, 4.0),
        )
        heard = change_while(killer, ports, fleet, CHANGES)
        check(installation, fleet, heard)
        assert not [life.complained for server in servers.values() for life in server.lives if is_surprised(life)]
        assert not [life.complained for worker in workers for life in worker.lives if "unexpected" in life.complained]


@pytest.mark.timeout(900)
def test_a_server_on_sqlite_is_killed(tmp_path: Path, fleet: FleetProcess) -> None:
    settings = {"DATABASE_URL": f"sqlite:///{tmp_path}/qman.sqlite"}
    with Installation(tmp_path, settings | of_fleet(fleet)) as installation:
        port = free_port()
        server = Restarted(lambda: installation.server(port))
        wait_for_a_round(installation, fleet, [port])
        killer = Killer({"server": lambda: server_victim(server, port)}, SEED, between=(2.0, 6.0))
        heard = change_while(killer, [port], fleet, CHANGES // 10)
        check(installation, fleet, heard)
        assert not [life.complained for life in server.lives if is_surprised(life)]


def of_fleet(fleet: FleetProcess) -> dict[str, Any]:
    return {"SLAVES": fleet.entries, "COLLECT_INTERVAL_SECONDS": INTERVAL, "LOGINS_PER_MINUTE": 6000}


def server_victim(server: Restarted, port: int) -> Victim:
    return Victim(server.kill, server.start, partial(answers, f"http://127.0.0.1:{port}/readyz"))


def worker_victim(worker: Restarted) -> Victim:
    return Victim(worker.kill, worker.start, lambda: " ready." in worker.program.complained)


def plans(installation: Installation, server: Restarted) -> bool:
    return installation.planner() in server.program.group()


def change_while(killer: Killer, ports: list[int], fleet: FleetProcess, changes: int) -> Heard:
    """So many changes at least, until each kind was killed some times.

    Each quota is changed by one person, so that it is known which change was the last.
    """
    heard, quotas = Heard(), sorted(limits_in_fleet(fleet))

    def goes_on(made: int) -> bool:
        return made < changes // CHANGERS or killer.least() < KILLS_OF_EACH

    changers = [
        Changer(ports, quotas[number::CHANGERS], 100 * SEED + number, heard, goes_on) for number in range(CHANGERS)
    ]
    for changer in changers:
        changer.start()
    killer.start()
    try:
        for changer in changers:
            changer.join(CHANGING_SECONDS)
            assert not changer.is_alive()
    finally:
        killer.stop()
    print(f"{len(heard.acknowledged)} changes, {heard.tried_again} tried again, killed: {dict(killer.killed)}")
    assert (heard.unexpected, killer.failures) == ([], [])
    assert len(heard.acknowledged) >= changes
    return heard


def check(installation: Installation, fleet: FleetProcess, heard: Heard) -> None:
    """What holds when everything is up again and each host was read once more."""
    since = datetime.now(UTC)
    wait_until(lambda: all_read(installation, fleet, since), ALL_BACK_SECONDS, "each host is read again")
    wait_until(lambda: not unsettled(installation), ALL_BACK_SECONDS, "nothing of unknown outcome is left open")
    wait_until(lambda: all_read(installation, fleet, datetime.now(UTC) - timedelta(seconds=INTERVAL)), 60, "a round")
    stands, trail = limits_in_fleet(fleet), trail_of(installation)
    assert limits_in_snapshot(installation, fleet) == stands
    made = {
        (applied["host"], applied["device"], applied["id"], limits(applied["after"])) for applied in fleet.applied()
    }
    by_id = {record.id: record for record in trail}
    for change in heard.acknowledged:
        record = by_id[change.audit_id]
        assert (record.outcome, record.after) == ("applied", change.limits)
        assert (*change.quota, limits(change.limits)) in made
    last_acknowledged = {change.quota: dict(change.limits) for change in heard.acknowledged}
    assert {quota: stands[quota] for quota in last_acknowledged} == last_acknowledged
    last_in_trail = {
        (record.host_id, record.device, int(record.target_id or -1)): record.after
        for record in trail
        if record.outcome == "applied"
    }
    assert {quota: stands[quota] for quota in last_acknowledged} == last_in_trail


def wait_for_a_round(installation: Installation, fleet: FleetProcess, ports: list[int]) -> None:
    for port in ports:
        url = f"http://127.0.0.1:{port}/readyz"
        wait_until(partial(answers, url), START_SECONDS, "it answers")
    began = datetime.min.replace(tzinfo=UTC)
    wait_until(lambda: all_read(installation, fleet, began), START_SECONDS, "a round")


def answers(url: str) -> bool:
    return status_of(url) == 200


def all_read(installation: Installation, fleet: FleetProcess, since: datetime) -> bool:
    return with_database(
        installation,
        lambda connection: [
            host.id
            for host in HostRepository(connection).list_all()
            if host.taken_at and host.taken_at > since and host.problem_code is None
        ],
    ) == sorted(entry["id"] for entry in fleet.entries)


def unsettled(installation: Installation) -> list[AuditRecord]:
    return with_database(installation, lambda connection: AuditRepository(connection).open_entries())


def trail_of(installation: Installation) -> list[AuditRecord]:
    """In the order in which they were begun."""
    query = select(*AuditRow.__table__.columns).order_by(AuditRow.at)
    return with_database(installation, lambda connection: [AuditRecord(*row) for row in connection.execute(query)])


def limits_in_snapshot(installation: Installation, fleet: FleetProcess) -> dict[Quota, Limits]:
    def read(connection: Connection) -> dict[Quota, Limits]:
        snapshots = SnapshotRepository(connection)
        return {
            (entry["id"], quota.device, quota.quota_id): {name: getattr(quota, name) for name in LIMIT_FIELDS}
            for entry in fleet.entries
            for quota in snapshots.quotas(entry["id"])
        }

    return with_database(installation, read)


def limits_in_fleet(fleet: FleetProcess) -> dict[Quota, Limits]:
    return {
        (host, device["name"], row["uid"]): {name: row[name] for name in LIMIT_FIELDS}
        for host, devices in fleet.rows().items()
        for device in devices
        for row in device["user_quotas"]
    }


def limits(of: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(of[name] for name in LIMIT_FIELDS)


def is_surprised(server: Program) -> bool:
    """Did something happen there that nobody has thought of?"""
    return "Traceback" in server.complained


def with_database(installation: Installation, read: Callable[[Connection], T]) -> T:
    with installation.database.read() as connection:
        return read(connection)
