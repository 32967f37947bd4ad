"""PostgreSQL crashes under a master of several workers: 503 meanwhile, and nothing to restart afterwards."""

from pathlib import Path

import pytest

from tests.fakes.ports import free_port
from tests.fakes.postgres import PostgresServer
from tests.fakes.slaves import FleetOfSlaves
from tests.system.stack.people import CHARLIE, Person
from tests.system.stack.programs import Program, status_of, wait_until
from tests.system.stack.settings import master, oauth, write_json

PATH = "/api/quotas/h1/users/1001"


@pytest.mark.timeout(180)
def test_a_master_outlives_its_database(checkout: Path) -> None:
    port, provider_port = free_port(), free_port()
    provider_command = f"python -m app.auth.mock_provider --port {provider_port} --config oauth.mock.config.json"
    with PostgresServer() as postgres, FleetOfSlaves(hosts=1, users=3, devices=1) as fleet:
        write_json(checkout / "config.json", master(port, fleet.entries()) | {"DATABASE_URL": postgres.new_url()})
        write_json(checkout / "oauth.config.json", oauth(provider_port, port))
        with (
            Program(provider_command, checkout) as provider,
            Program(f'gunicorn -w 2 --threads 4 -b 127.0.0.1:{port} "run:app"', checkout) as server,
        ):
            provider.wait_for(f"http://localhost:{provider_port}/.well-known/openid-configuration")
            server.wait_for(f"http://localhost:{port}/readyz", 60)
            admin = Person(port, CHARLIE)
            wait_until(lambda: admin.get("/api/rows")["total"] == 3, 30, "the host is read")
            limits = {"block_hard_limit": 20 * 1024 * 1024, "reason": "before"}
            assert admin.put(PATH, limits, device="/dev/sda1").status_code == 200
            postgres.stop()
            for path, status in (("/api/rows", 503), ("/readyz", 503), ("/api/health", 200)):
                assert admin.status(path) == status
            assert admin.put(PATH, limits, device="/dev/sda1").status_code == 503
            read = fleet.count("h1")
            postgres.start()
            wait_until(lambda: status_of(f"http://localhost:{port}/readyz") == 200, 30, "the master is ready")
            wait_until(lambda: fleet.count("h1") > read, 60, "the host is read again")
            assert admin.put(PATH, limits | {"reason": "after"}, device="/dev/sda1").status_code == 200
            trail = [entry["reason"] for entry in admin.get("/api/admin/audit", action="set_limits")["items"]]
            assert trail == ["after", "before"]
            assert server.stop() == 0
