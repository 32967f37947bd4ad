"""A slave as people start it, beside a real dockerd: its Docker device on the wire, kept by itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from app.auth.signatures import SlaveAuth
from app.settings.keys import SigningKey
from tests.fakes.docker_rig import DockerRig
from tests.fakes.ports import free_port
from tests.system.stack.programs import Program, copy_checkout, wait_until
from tests.system.stack.settings import key, write_json

SEEN_SECONDS = 90
MIB = 2**20


class Slave:
    """A running slave, and its Docker device."""

    def __init__(self, rig: DockerRig, folder: Path) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        settings = {
            "ROLE": "slave",
            "SLAVE_HOST_ID": "docker1",
            "PORT": port,
            "API_KEYS": [key("docker1", scope) | {"scope": scope} for scope in ("read", "write")],
            "DATABASE_URL": "sqlite:///docker1.sqlite",
            "READ_INTERVAL_SECONDS": 0,
            "USE_PYQUOTA": False,
            "USE_DOCKER_QUOTA": True,
            "DOCKER_HOST": rig.host,
            "DOCKER_QUOTA_RESERVED_BYTES": MIB,
        }
        config = write_json(folder / "slave.json", settings)
        self.program = Program(f"CONFIG_PATH={config} python run.py", folder)

    def call(self, method: str, path: str, **how: Any) -> Any:
        scope = "read" if method == "GET" else "write"
        auth = SlaveAuth(SigningKey.model_validate(key("docker1", scope)))
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, self.url + path, auth=auth, timeout=60, **how)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def device(self) -> dict[str, Any]:
        [found] = self.call("GET", "/remote-api/quotas")
        return dict(found)

    def row(self, uid: int) -> dict[str, Any]:
        return next((row for row in self.device().get("user_quotas", []) if row["uid"] == uid), {})


@pytest.fixture
def slave(rig: DockerRig, tmp_path: Path) -> Iterator[Slave]:
    made = Slave(rig, copy_checkout(tmp_path))
    with made.program as program:
        program.wait_for(f"{made.url}/readyz", SEEN_SECONDS)
        yield made


@pytest.mark.timeout(400)
def test_a_slave_serves_docker_by_itself(rig: DockerRig, slave: Slave) -> None:
    wait_until(lambda: slave.device()["status"] == "ok", SEEN_SECONDS, "the first look")
    rig.run("dd if=/dev/urandom of=/data bs=1M count=5; sync", "--label=qman.user=daemon")
    row = wait_until(lambda: slave.row(1), SEEN_SECONDS, "the row of uid 1")
    assert row["name"] == "daemon"
    wait_until(lambda: slave.row(1)["docker_container_bytes"] > 5 * MIB, SEEN_SECONDS, "the container's bytes")
    device = slave.device()
    usage, attributed = device["usage"], sum(row["block_current"] for row in device["user_quotas"])
    assert attributed + device["unattributed_usage"] == usage["used"]
    assert usage["used"] + usage["free"] == usage["total"]
    assert abs(usage["used"] - rig.du()) <= rig.du() / 100
    changed = slave.call("PUT", "/remote-api/quotas/users/1?device=docker", json={"block_hard_limit": 1024})
    assert changed["status"] == "hard_reached"
    assert slave.program.stop() == 0
