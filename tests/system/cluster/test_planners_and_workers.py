"""Two servers plan, four workers read: whoever is killed, the rounds go on, and no host is read twice in one."""

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
import requests

from app.db.repositories.schedule import CLAIM_DURATION, Claim
from app.master.collector.elsewhere import NotSentError
from app.master.collector.service import LEASE_DURATION, RENEW_EVERY
from app.tasks.collect import COLLECT_QUEUE, MOST_MESSAGES, TaskQueue
from tests.bench.fleet_process import FleetProcess
from tests.fakes.killable import KillablePostgres, RedisServer
from tests.fakes.ports import free_port
from tests.system.cluster.installation import Installation
from tests.system.stack.programs import Program, wait_until

HOSTS, USERS, INTERVAL = 60, 4, 6
POOLS = ("-P threads -c 4", "-P threads -c 4", "-P prefork -c 2", "-P solo")
BUSY = 30.0
"""What a machine with other work adds to any of these."""

TAKE_OVER = (LEASE_DURATION + 2 * RENEW_EVERY).total_seconds() + BUSY
LOST = CLAIM_DURATION.total_seconds()
"""Hosts that a killed worker was about to read are read by another after so long."""

RECONNECT = 30.0
"""Celery's workers ask for a broker that is away at most so seldom."""

START_SECONDS = 120


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[FleetProcess]:
    with FleetProcess(tmp_path, hosts=HOSTS, users=USERS, delay=0.2) as fleet:
        yield fleet


@pytest.fixture
def installation(
    tmp_path: Path, fleet: FleetProcess, postgres: KillablePostgres, redis: RedisServer
) -> Iterator[Installation]:
    settings = {
        "SLAVES": fleet.entries,
        "COLLECT_INTERVAL_SECONDS": INTERVAL,
        "DATABASE_URL": postgres.new_url(),
        "CELERY_BROKER_URL": redis.url,
    }
    with Installation(tmp_path, settings) as installation:
        yield installation


class Rounds:
    """What the fleet saw, host by host."""

    def __init__(self, fleet: FleetProcess) -> None:
        self._fleet = fleet

    def begin_counting(self) -> dict[str, int]:
        return {host: len(instants) for host, instants in self._fleet.asked_at().items()}

    def wait_for_more(self, before: dict[str, int], more: int, seconds: float) -> None:
        """Returns when each host was read so many times more."""
        enough = lambda: (  # noqa: E731 - used once, below
            len(now := self._fleet.asked_at()) == HOSTS
            and all(len(now[host]) >= before.get(host, 0) + more for host in now)
        )
        wait_until(enough, seconds, f"each host is read {more} times more")

    def check(self) -> None:
        """No host was read twice in a round, nor by two at a time."""
        for host, instants in self._fleet.asked_at().items():
            gaps = [later - earlier for earlier, later in pairwise(instants)]
            assert min(gaps) >= 0.6 * INTERVAL, f"{host}: {gaps}"
        assert self._fleet.counts()["most_at_once"] == 1


def started(installation: Installation) -> tuple[list[Program], list[Program], list[int]]:
    """Servers, workers, and the servers' ports."""
    ports = [free_port(), free_port()]
    servers = list(map(installation.server, ports))
    workers = list(map(installation.worker, POOLS))
    for server, port in zip(servers, ports, strict=True):
        server.wait_for(f"http://127.0.0.1:{port}/readyz", START_SECONDS)
    for worker in workers:
        wait_until(partial(is_ready, worker), START_SECONDS, "the worker is ready")
    return servers, workers, ports


def is_ready(worker: Program) -> bool:
    return " ready." in worker.complained


@pytest.mark.timeout(500)
def test_rounds_go_on_when_the_planner_and_a_worker_are_killed(installation: Installation, fleet: FleetProcess) -> None:
    rounds = Rounds(fleet)
    servers, workers, _ = started(installation)
    rounds.wait_for_more({}, 2, START_SECONDS)
    servers.sort(key=lambda server: installation.planner() in server.group())
    other, planner = servers
    before = rounds.begin_counting()
    planner.kill()
    workers[0].kill()
    wait_until(lambda: installation.planner() in other.group(), TAKE_OVER, "the other server takes over")
    rounds.wait_for_more(before, 2, TAKE_OVER + LOST + 2 * INTERVAL)
    rounds.check()
    assert "reading_failed" not in "".join(worker.complained for worker in workers)


@pytest.mark.timeout(500)
def test_rounds_go_on_when_the_broker_is_back(
    installation: Installation, fleet: FleetProcess, redis: RedisServer
) -> None:
    rounds = Rounds(fleet)
    servers, _, ports = started(installation)
    rounds.wait_for_more({}, 1, START_SECONDS)
    for ends, begins in ((redis.kill, redis.start), (redis.freeze, redis.thaw)):
        complaints = said_not_sent(servers)
        ends()
        wait_until(partial(says_more, servers, complaints), 3 * INTERVAL + BUSY, "the planner says so")
        for port in ports:
            assert requests.get(f"http://127.0.0.1:{port}/readyz", timeout=10).status_code == 200
        before = rounds.begin_counting()
        begins()
        rounds.wait_for_more(before, 2, RECONNECT + LOST + 2 * INTERVAL + BUSY)
    rounds.check()


@pytest.mark.timeout(500)
def test_a_server_that_is_started_before_its_database_waits_for_it(tmp_path: Path, postgres: KillablePostgres) -> None:
    port = free_port()
    with Installation(tmp_path, {"DATABASE_URL": postgres.new_url()}) as installation:
        postgres.kill()
        server = installation.server(port)
        wait_until(lambda: "does not answer. It is tried again." in server.complained, START_SECONDS, "it says so")
        postgres.start()
        server.wait_for(f"http://127.0.0.1:{port}/readyz", START_SECONDS)
        assert "Traceback" not in server.complained


def says_more(servers: list[Program], than: int) -> bool:
    return said_not_sent(servers) > than


def said_not_sent(servers: list[Program]) -> int:
    return sum(server.complained.count("readings_not_sent") for server in servers)


def test_messages_that_nobody_takes_do_not_pile_up(redis: RedisServer) -> None:
    with closing(TaskQueue(redis.url)) as queue:
        for _ in range(MOST_MESSAGES):
            queue.send([Claim("h1", "token")])
        with pytest.raises(NotSentError, match="more workers are needed"):
            queue.send([Claim("h1", "token")])
        assert redis.client.llen(COLLECT_QUEUE) == MOST_MESSAGES
        redis.client.lpop(COLLECT_QUEUE)
        queue.send([Claim("h1", "token")])
