"""A slave that is killed, frozen or out of reach takes nothing along: not a page, not another host."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from app.master.collector.slave_client import CHANGE_SECONDS
from tests.fakes.ports import free_port
from tests.fakes.slaves import BlackHoleSlave
from tests.system.stack.people import CHARLIE, Person
from tests.system.stack.programs import Program, wait_until
from tests.system.stack.settings import entry, master, mock_slave, oauth, write_json

PAGES = ("/api/me/quotas", "/api/quotas", "/api/rows", "/api/hosts", "/api/overview", "/api/attention", "/api/health")
INTERVAL = 2
ROUND_WITH_SLACK = 20.0
"""Two rounds, the longest wait between tries of a host that fails, and a busy machine."""
UNTIL_STALE = 60 + INTERVAL + 30.0
BEARABLE_SECONDS = 8.0
"""Below the 10 s after which a reading is given up: whoever waits for a slave that hangs exceeds it."""


class Stack(NamedTuple):
    """A master and its slaves, with an admin logged in."""

    admin: Person
    slaves: dict[str, Program]
    checkout: Path


def start_slave(host: str, checkout: Path) -> Program:
    return Program(f"CONFIG_PATH={host}.json python run.py", checkout)


@pytest.fixture
def stack(checkout: Path) -> Iterator[Stack]:
    port, provider_port = free_port(), free_port()
    ports = {host: free_port() for host in ("good", "killed", "frozen")}
    for host, slave_port in ports.items():
        write_json(checkout / f"{host}.json", mock_slave(host, slave_port))
    with BlackHoleSlave() as hole, ExitStack() as programs:
        entries = [entry(host, f"http://127.0.0.1:{slave_port}") for host, slave_port in ports.items()]
        write_json(checkout / "config.json", master(port, [*entries, entry("hole", hole.url)], INTERVAL))
        write_json(checkout / "oauth.config.json", oauth(provider_port, port))
        slaves = {host: programs.enter_context(start_slave(host, checkout)) for host in ports}
        provider_command = f"python -m app.auth.mock_provider --port {provider_port} --config oauth.mock.config.json"
        provider = programs.enter_context(Program(provider_command, checkout))
        server = programs.enter_context(Program("python run.py", checkout))
        provider.wait_for(f"http://localhost:{provider_port}/.well-known/openid-configuration")
        server.wait_for(f"http://127.0.0.1:{port}/api/health")
        yield Stack(Person(port, CHARLIE), slaves, checkout)


def assert_pages_answer(admin: Person) -> None:
    for page in PAGES:
        started = time.monotonic()
        admin.get(page)
        assert time.monotonic() - started < BEARABLE_SECONDS, page


def problem_of(admin: Person, host: str) -> Any:
    """The code of what its newest reading failed with; None where it did not."""
    return (admin.host(host)["problem"] or {}).get("code")


def fresh(admin: Person, host: str) -> bool:
    found: Any = admin.host(host)
    return found["state"] == "ok" and found["problem"] is None


@pytest.mark.timeout(300)
def test_pages_answer_and_hosts_come_back(stack: Stack) -> None:
    admin = stack.admin
    for host in stack.slaves:
        wait_until(lambda host=host: fresh(admin, host), ROUND_WITH_SLACK, f"{host} is read")  # type: ignore[misc]  # a lambda bound to the loop's host
    wait_until(lambda: problem_of(admin, "hole") == "timeout", 60, "the black hole is noticed")
    assert admin.host("hole")["state"] == "never"

    stack.slaves["killed"].kill()
    stack.slaves["frozen"].freeze()
    expected = {"killed": "refused", "frozen": "timeout"}
    for host, code in expected.items():
        # a reading that was under way when the slave was killed ended as a connection that was cut; the next one tells
        wait_until(lambda: problem_of(admin, host) == code, 60, f"{host} fails as {code}")  # noqa: B023 - called here alone
    assert_pages_answer(admin)
    for host in expected:
        wait_until(lambda host=host: admin.host(host)["state"] == "stale", UNTIL_STALE, f"{host} is stale")  # type: ignore[misc]  # as above
    assert_pages_answer(admin)
    stale = {row["host"]: row["stale"] for row in admin.get("/api/rows", page_size="500")["items"]}
    assert stale == {"good": False, "killed": True, "frozen": True}
    quotas = admin.get("/api/quotas")
    assert {host: quotas[host]["snapshot"]["status"] for host in quotas} == {
        "good": "ok",
        "killed": "stale",
        "frozen": "stale",
        "hole": "never",
    }

    stack.slaves["frozen"].thaw()
    with start_slave("killed", stack.checkout):
        for host in expected:
            wait_until(lambda host=host: fresh(admin, host), ROUND_WITH_SLACK, f"{host} is fresh again")  # type: ignore[misc]  # as above
    assert fresh(admin, "good")


def test_a_change_on_a_frozen_host_ends_in_time_and_says_so(stack: Stack) -> None:
    admin = stack.admin
    wait_until(lambda: fresh(admin, "frozen"), ROUND_WITH_SLACK, "the host is read")
    row = next(item for item in admin.get("/api/rows", host="frozen")["items"])
    stack.slaves["frozen"].freeze()
    started = time.monotonic()
    path = f"/api/quotas/frozen/users/{row['id']}"
    answer = admin.put(path, {"block_hard_limit": 4096, "block_soft_limit": 0, "reason": "test"}, device=row["device"])
    assert answer.status_code in {502, 504}
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert time.monotonic() - started < 2 * CHANGE_SECONDS
    newest = admin.get("/api/admin/audit", host="frozen")["items"][0]
    assert newest["outcome"] in {"failed", "unknown"}
    assert newest["reason"] == "test"
