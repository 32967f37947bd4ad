"""Real processes on the kernel of the rig: a slave, a login provider, a master that reads the slave, an admin."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from app.auth.signatures import SlaveAuth
from app.settings.keys import SigningKey
from tests.fakes.ports import free_port
from tests.system.stack.people import CHARLIE, Person
from tests.system.stack.programs import ROOT, Program, wait_until
from tests.system.stack.settings import Settings, master, oauth, write_json

HOST = "rig"
INTERVAL_SECONDS = 1
START_SECONDS = 240.0
UNTIL_SEEN_SECONDS = 60.0
"""Some rounds; the rig's CPU is a third of the machine's, which others use too."""


@dataclass(frozen=True)
class KernelStack:
    """What the tests talk to: the master as charlie, and the slave as the master does."""

    admin: Person
    slave_url: str
    read_key: Settings

    def set_limits(self, device: str, uid: int, **limits: int) -> requests.Response:
        """The master's answer to a change of a user's limits."""
        return self.admin.put(f"/api/quotas/{HOST}/users/{uid}", limits | {"reason": "by a test"}, device=device)

    def ask_slave(self, path: str, **query: str) -> Any:
        """The slave's own answer to a signed GET; anything but 200 fails the test."""
        auth = SlaveAuth(SigningKey.model_validate(self.read_key))
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(f"{self.slave_url}{path}", params=query, auth=auth, timeout=30)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
        return answer.json()

    def slave_row(self, device: str, uid: int) -> dict[str, Any]:
        """The user's row in the slave's list of everything; empty where it has none."""
        [answered] = self.ask_slave("/remote-api/quotas", device=device, quota_type="user")
        return next((row for row in answered["user_quotas"] if row["uid"] == uid), {})

    def row(self, device: str, uid: int) -> dict[str, Any]:
        """The user's row as the master lists it; empty where it has none."""
        query = {"host": HOST, "device": device, "quota_type": "user", "page_size": "500"}
        items = self.admin.get("/api/rows", **query)["items"]
        return next((row for row in items if row["id"] == uid), {})

    def host(self) -> dict[str, Any]:
        """The host as the master shows it, its devices by name."""
        found: dict[str, Any] = self.admin.get(f"/api/hosts/{HOST}")
        return found | {"devices": {device["name"]: device for device in found["device_list"]}}

    def newest_audit(self, uid: int) -> dict[str, Any]:
        """The newest entry about this user."""
        found: dict[str, Any] = self.admin.get("/api/admin/audit", host=HOST, target=str(uid))["items"][0]
        return found


@contextmanager
def running_stack(folder: Path, *devices: str) -> Iterator[KernelStack]:
    """Starts everything below the folder, waits until the master shows these devices, ends everything."""
    port, slave_port, provider_port = free_port(), free_port(), free_port()
    keys = {scope: {"id": f"{HOST}-{scope}", "secret": secrets.token_urlsafe(40)} for scope in ("read", "write")}
    slave_url = f"http://127.0.0.1:{slave_port}"
    entry = {"id": HOST, "url": slave_url, "read_key": keys["read"], "write_key": keys["write"]}
    write_json(folder / "slave.json", _slave_settings(slave_port, keys))
    write_json(folder / "master.json", master(port, [entry], INTERVAL_SECONDS))
    write_json(folder / "oauth.config.json", oauth(provider_port, port))
    provider_at = f"--port {provider_port} --config {ROOT}/oauth.mock.config.json"
    with ExitStack() as programs:
        slave = programs.enter_context(_run_py(folder, "slave.json"))
        of_app = {"PYTHONPATH": str(ROOT)}
        provider = programs.enter_context(Program(f"python -m app.auth.mock_provider {provider_at}", folder, of_app))
        server = programs.enter_context(_run_py(folder, "master.json"))
        provider.wait_for(f"http://localhost:{provider_port}/.well-known/openid-configuration", START_SECONDS)
        slave.wait_for(f"{slave_url}/remote-api/ping", START_SECONDS)
        server.wait_for(f"http://127.0.0.1:{port}/api/health", START_SECONDS)
        stack = KernelStack(Person(port, CHARLIE), slave_url, keys["read"])
        wait_until(lambda: set(devices) <= stack.host()["devices"].keys(), UNTIL_SEEN_SECONDS, "the master reads them")
        yield stack


def _run_py(folder: Path, settings_file: str) -> Program:
    return Program(f"CONFIG_PATH={settings_file} python {ROOT / 'run.py'}", folder)


def _slave_settings(port: int, keys: dict[str, Settings]) -> Settings:
    return {
        "ROLE": "slave",
        "SLAVE_HOST_ID": HOST,
        "PORT": port,
        "API_KEYS": [key | {"scope": scope} for scope, key in keys.items()],
        "READ_INTERVAL_SECONDS": INTERVAL_SECONDS,
        "DEVICE_TIMEOUT_SECONDS": 20,
    }
