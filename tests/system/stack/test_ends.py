"""SIGTERM and Ctrl-C end a server in time, requests in flight finished."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.fakes.ports import free_port
from tests.fakes.slaves import FleetOfSlaves, HangingSlave
from tests.system.stack.people import CHARLIE, Person
from tests.system.stack.programs import Program, wait_until
from tests.system.stack.settings import entry, master, mock_slave, oauth, write_json


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("role", ["master", "slave"])
def test_a_server_ends_within_ten_seconds(checkout: Path, role: str, signum: int) -> None:
    port = free_port()
    with HangingSlave() as hanging:
        settings = master(port, [entry("h1", hanging.url)]) if role == "master" else mock_slave("host1", port)
        write_json(checkout / "config.json", settings)
        write_json(checkout / "oauth.config.json", oauth(free_port(), port))
        page = "api/health" if role == "master" else "remote-api/ping"
        with Program("python run.py", checkout) as server:
            server.wait_for(f"http://127.0.0.1:{port}/{page}")
            started = time.monotonic()
            assert server.stop(signum) == 0
            assert time.monotonic() - started < 10


def test_a_request_in_flight_is_finished(checkout: Path) -> None:
    port, provider_port = free_port(), free_port()
    with FleetOfSlaves(hosts=1, users=3, devices=1) as fleet, ThreadPoolExecutor(1) as caller:
        write_json(checkout / "config.json", master(port, fleet.entries(), interval_seconds=60))
        write_json(checkout / "oauth.config.json", oauth(provider_port, port))
        provider_command = f"python -m app.auth.mock_provider --port {provider_port} --config oauth.mock.config.json"
        with Program(provider_command, checkout) as provider, Program("python run.py", checkout) as server:
            provider.wait_for(f"http://localhost:{provider_port}/.well-known/openid-configuration")
            server.wait_for(f"http://127.0.0.1:{port}/api/health")
            admin = Person(port, CHARLIE)
            wait_until(lambda: admin.get("/api/rows")["total"] == 3, 20, "the host is read")
            fleet.delay_seconds = 2
            limits = {"block_hard_limit": 20 * 1024 * 1024}
            change = caller.submit(admin.put, "/api/quotas/h1/users/1001", limits, device="/dev/sda1")
            wait_until(lambda: fleet.calls["h1", "PUT", "/quotas/users/1001"], 10, "the change is under way")
            assert server.stop() == 0
            assert change.result(10).status_code == 200
