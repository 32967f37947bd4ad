"""Worker and schedule as people start them, beside a slave and a real dockerd, without any other server."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from app.auth.signatures import SlaveAuth
from app.quota.clock import utc_now
from app.settings.keys import SigningKey
from tests.fakes.docker_rig import DockerRig
from tests.fakes.fleet_database import HandClock
from tests.fakes.people import MasterWithPeople
from tests.fakes.ports import free_port
from tests.fakes.served_master import ServedApp
from tests.system.stack.programs import Program, copy_checkout, wait_until
from tests.system.stack.settings import key, write_json

HOST, DAEMON = "docker1", 1
GRACE, REMOVE_GRACE, INTERVAL = 3, 3, 1
PATIENCE_SECONDS = 120
CELERY = "CONFIG_PATH=config.slave.json celery -A app.celery_app:celery_app"


class SystemClock(HandClock):
    """Goes on by itself."""

    def __call__(self) -> datetime:
        return utc_now()


class Stage:
    """A master of the test's own, and the settings of a slave that tells it what happens."""

    def __init__(self, rig: DockerRig, folder: Path) -> None:
        events = key(HOST, "events")
        self.rig, self.folder, self.port = rig, folder, free_port()
        (folder / "master").mkdir()
        keys = [{"host": HOST, **events}]
        self.master = MasterWithPeople(folder / "master", [], clock=SystemClock(), SLAVE_EVENT_KEYS=keys)
        self.served = ServedApp(self.master.master.app)
        settings = {
            "ROLE": "slave",
            "SLAVE_HOST_ID": HOST,
            "PORT": self.port,
            "API_KEYS": [key(HOST, scope) | {"scope": scope} for scope in ("read", "write")],
            "DATABASE_URL": "sqlite:///docker1.sqlite",
            "USE_PYQUOTA": False,
            "USE_DOCKER_QUOTA": True,
            "DOCKER_HOST": rig.host,
            "DOCKER_QUOTA_ENFORCE_INTERVAL_SECONDS": INTERVAL,
            "DOCKER_QUOTA_GRACE_SECONDS": GRACE,
            "DOCKER_QUOTA_REMOVE_GRACE_SECONDS": REMOVE_GRACE,
            "DOCKER_QUOTA_STOP_TIMEOUT_SECONDS": 1,
            "MASTER_EVENT_CALLBACK_URL": f"{self.served.url}/api/internal/slave-events",
            "MASTER_EVENT_CALLBACK_KEY_ID": events["id"],
            "MASTER_EVENT_CALLBACK_SECRET": events["secret"],
        }
        write_json(folder / "config.slave.json", settings)

    def start(self, name: str, user: str) -> None:
        script = "dd if=/dev/urandom of=/data bs=1M count=3 2>/dev/null; sync; touch /written; exec sleep 1000"
        its = self.rig.start(script, "--name", name, f"--label=qman.user={user}")
        self.rig.docker("exec", its, "sh", "-c", "while [ ! -e /written ]; do :; done")

    def limit(self) -> None:
        """4 MiB for daemon."""
        auth = SlaveAuth(SigningKey.model_validate(key(HOST, "write")))
        url = f"http://127.0.0.1:{self.port}/remote-api/quotas/users/{DAEMON}?device=docker"
        limits = {"block_hard_limit": 4096}
        wait_until(
            lambda: requests.put(url, json=limits, auth=auth, timeout=10).status_code == 200, PATIENCE_SECONDS, "a look"
        )

    def events(self) -> list[dict[str, Any]]:
        """As an admin sees them, the oldest first."""
        admin = self.master.log_in("charlie", is_admin=True)
        found: list[dict[str, Any]] = admin.json(f"/api/admin/docker/events?host={HOST}")["items"]
        return found[::-1]

    def states(self) -> dict[str, str]:
        return dict(
            line.split() for line in self.rig.docker("ps", "-a", "--format", "{{.Names}} {{.State}}").splitlines()
        )


@pytest.mark.timeout(400)
def test_the_newest_is_stopped_and_removed_and_the_master_is_told_once(rig: DockerRig, tmp_path: Path) -> None:
    stage = Stage(rig, copy_checkout(tmp_path))
    for name, user in (("web-1", "daemon"), ("others", "bin"), ("web-2", "daemon")):
        stage.start(name, user)
    with stage.served, Program("CONFIG_PATH=config.slave.json python run.py", tmp_path) as server:
        server.wait_for(f"http://127.0.0.1:{stage.port}/readyz")
        stage.limit()
        with Program(f"{CELERY} beat", tmp_path) as beat:
            with Program(f"{CELERY} worker -Q qman.docker", tmp_path) as first:
                wait_until(stage.events, PATIENCE_SECONDS, "the warning at the master")
                first.kill()
            with Program(f"{CELERY} worker -Q qman.docker", tmp_path) as worker:
                wait_until(
                    lambda: "docker.back_below" in {event["type"] for event in stage.events()},
                    PATIENCE_SECONDS,
                    "it is over",
                )
                assert (beat.stop(), worker.stop()) == (0, 0)
    told = [(event["type"], (event["container"] or {}).get("name")) for event in stage.events()]
    assert [each for each in told if each[1] in {None, "web-2"}] == [
        ("docker.warned", None),
        ("docker.container_stopped", "web-2"),
        ("docker.container_removed", "web-2"),
        ("docker.back_below", None),
    ]
    states = stage.states()
    assert states["others"] == "running"
    assert set(states) == {"web-1", "others"}
    stage.master.close()
