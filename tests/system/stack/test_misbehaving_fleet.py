"""Hosts misbehave in every way there is, all at once: nobody waits for them, each is told by its code, all recover."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.bench.fleet_process import FleetProcess
from tests.bench.simulator.misbehaving import Kind
from tests.fakes.ports import free_port
from tests.system.stack.people import CHARLIE, Person
from tests.system.stack.programs import Program, wait_until
from tests.system.stack.settings import master, oauth, write_json

INTERVAL = 2
GOOD_HOSTS = 2
USERS = 3
ROWS_OF_A_HOST = 2 * USERS
PAGES = ("/api/me/quotas", "/api/quotas", "/api/rows", "/api/hosts", "/api/overview", "/api/attention", "/api/health")
BEARABLE_SECONDS = 8.0
"""Below the 10 s after which a reading is given up: whoever waits for a slave that hangs exceeds it."""
UNTIL_NOTICED = 60.0
TWO_ROUNDS_WITH_SLACK = 2 * (INTERVAL + 10) + 16.0
"""A reading that hangs ends after 10 s, and the machine may be busy."""

CODES = {
    Kind.HANG: "timeout",
    Kind.REFUSED: "refused",
    Kind.BLACK_HOLE: "timeout",
    Kind.GARBAGE: "garbage",
    Kind.NOISE: "garbage",
    Kind.HALF: "garbage",
    Kind.HUGE: "too_large",
    Kind.REDIRECT: "redirected",
    Kind.TRICKLE: "timeout",
    Kind.ERROR: "http_error",
    Kind.UNAUTHORIZED: "unauthorized",
    Kind.SILENT: "garbage",
    Kind.WRONG_CERTIFICATE: "tls",
}
"""The last host, which speaks TLS, gets the last kind."""


class Stack(NamedTuple):
    """A master that has read its fleet once, with an admin logged in."""

    admin: Person
    fleet: FleetProcess
    database: Path

    @property
    def good(self) -> list[str]:
        return [entry["id"] for entry in self.fleet.entries[:GOOD_HOSTS]]

    @property
    def kinds(self) -> dict[str, Kind]:
        """How each of the others will misbehave."""
        bad = [entry["id"] for entry in self.fleet.entries[GOOD_HOSTS:]]
        return dict(zip(bad, CODES, strict=True))

    def hosts(self) -> dict[str, Any]:
        return {host["id"]: host for host in self.admin.get("/api/hosts", page_size="500")["items"]}

    def all_are_fresh(self) -> bool:
        return all(host["state"] == "ok" and host["problem"] is None for host in self.hosts().values())

    def let_a_minute_pass_for(self, hosts: list[str]) -> None:
        """As if their last good reading had been longer ago."""
        with closing(sqlite3.connect(self.database, timeout=30)) as connection, connection:
            connection.executemany(
                "UPDATE host SET taken_at = strftime('%Y-%m-%d %H:%M:%f000', taken_at, '-90 seconds') WHERE id = ?",
                [(host,) for host in hosts],
            )


@pytest.fixture
def stack(checkout: Path) -> Iterator[Stack]:
    port, provider_port = free_port(), free_port()
    with ExitStack() as programs:
        fleet = programs.enter_context(FleetProcess(checkout, hosts=GOOD_HOSTS + len(CODES), users=USERS, tls=1))
        settings = master(port, fleet.entries, INTERVAL) | {"COLLECT_FAST_INTERVAL_SECONDS": INTERVAL}
        write_json(checkout / "config.json", settings)
        write_json(checkout / "oauth.config.json", oauth(provider_port, port))
        provider_command = f"python -m app.auth.mock_provider --port {provider_port} --config oauth.mock.config.json"
        provider = programs.enter_context(Program(provider_command, checkout))
        server = programs.enter_context(Program("python run.py", checkout))
        provider.wait_for(f"http://localhost:{provider_port}/.well-known/openid-configuration")
        server.wait_for(f"http://127.0.0.1:{port}/api/health")
        stack = Stack(Person(port, CHARLIE), fleet, checkout / "qman.sqlite")
        wait_until(stack.all_are_fresh, UNTIL_NOTICED, "all hosts are read")
        yield stack


def slowest_page(admin: Person) -> float:
    """Seconds of the page that took longest."""
    slowest = 0.0
    for page in PAGES:
        started = time.monotonic()
        admin.get(page)
        slowest = max(slowest, time.monotonic() - started)
    return slowest


@pytest.mark.timeout(240)
def test_nobody_waits_for_hosts_that_misbehave_in_every_way(stack: Stack) -> None:
    admin, kinds = stack.admin, stack.kinds
    asked = {host: len(instants) for host, instants in stack.fleet.asked_at().items()}
    for host, kind in kinds.items():
        stack.fleet.behave(kind, hosts=[host])
    slowest: list[float] = []

    def all_are_noticed() -> bool:
        slowest.append(slowest_page(admin))
        found = stack.hosts()
        return all(found[host]["problem"] is not None for host in kinds)

    wait_until(all_are_noticed, UNTIL_NOTICED, "every host that misbehaves is noticed")
    assert max(slowest) < BEARABLE_SECONDS
    told = {host: found["problem"]["code"] for host, found in stack.hosts().items() if found["problem"]}
    assert told == {host: CODES[kind] for host, kind in kinds.items()}

    stack.let_a_minute_pass_for(list(kinds))
    rows = admin.get("/api/rows", page_size="500")["items"]
    expected = {host: (True, CODES[kind]) for host, kind in kinds.items()} | dict.fromkeys(stack.good, (False, None))
    assert len(rows) == ROWS_OF_A_HOST * len(expected)
    assert {(row["host"], (row["stale"], row["problem"])) for row in rows} == set(expected.items())
    assert {host["id"] for host in admin.get("/api/attention")["hosts"]} == set(kinds)
    assert {host: found["state"] for host, found in stack.hosts().items()} == dict.fromkeys(kinds, "stale") | (
        dict.fromkeys(stack.good, "ok")
    )
    again = {host: len(instants) for host, instants in stack.fleet.asked_at().items()}
    assert all(again[host] > asked[host] for host in stack.good), "the others are read all the time"

    stack.fleet.behave(None)
    wait_until(stack.all_are_fresh, TWO_ROUNDS_WITH_SLACK, "all are fresh within two rounds")
    assert not any(row["stale"] for row in admin.get("/api/rows", page_size="500")["items"])
    assert stack.fleet.counts()["most_at_once"] == 1
