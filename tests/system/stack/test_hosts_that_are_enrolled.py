"""A host from nothing to suspended, by the commands that people type, with a master that is killed half way."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.fakes.ports import free_port
from tests.system.stack.people import CHARLIE, Person
from tests.system.stack.programs import Program, environment, wait_until
from tests.system.stack.settings import master, mock_slave, oauth, write_json

ESTABLISHED = "01"
"""A state in /proc/net/tcp."""


class Installation:
    """A login provider, a master in two processes, and a slave in two that has no keys yet."""

    def __init__(self, checkout: Path, stack: ExitStack) -> None:
        self.checkout, self.stack = checkout, stack
        self.port, provider_port, self.slave_port = free_port(), free_port(), free_port()
        self.slave_url = f"http://127.0.0.1:{self.slave_port}"
        slave = mock_slave("lab7", self.slave_port) | {"API_KEYS_FILE": "keys.json"}
        del slave["API_KEYS"]
        write_json(checkout / "config.slave.json", slave)
        write_json(checkout / "config.json", master(self.port, []))
        write_json(checkout / "oauth.config.json", oauth(provider_port, self.port))
        provider = f"python -m app.auth.mock_provider --port {provider_port} --config oauth.mock.config.json"
        stack.enter_context(Program(provider, checkout))
        served = f'gunicorn -w 2 --threads 4 -b 127.0.0.1:{self.slave_port} "run:app"'
        self.slave = stack.enter_context(Program(f"CONFIG_PATH=config.slave.json {served}", checkout))
        self.master = self.start_master()
        self.slave.wait_for(f"{self.slave_url}/remote-api/ping")

    def start_master(self) -> Program:
        command = f'gunicorn -w 2 --threads 4 -b 127.0.0.1:{self.port} "run:app"'
        program = self.stack.enter_context(Program(command, self.checkout))
        return program.wait_for(f"http://127.0.0.1:{self.port}/api/health")

    def qman(self, arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["bash", "-c", f"python -m app.cli {arguments}"]
        return subprocess.run(
            command, cwd=self.checkout, env=environment(), capture_output=True, text=True, timeout=90, check=False
        )

    def keys(self) -> Any:
        """What `qman keys list` says of the host."""
        return json.loads(self.qman("keys list --json").stdout)[0]


@pytest.fixture
def installation(checkout: Path) -> Iterator[Installation]:
    with ExitStack() as stack:
        yield Installation(checkout, stack)


def is_read_anew(person: Person) -> None:
    """Two readings from now on, and fresh."""
    for _ in range(2):
        taken_at = person.host("lab7")["taken_at"]
        wait_until(lambda before=taken_at: person.host("lab7")["taken_at"] != before, 30, "another reading")  # type: ignore[misc]  # bound in the loop
    assert person.host("lab7")["state"] == "ok"
    assert person.host("lab7")["problem"] is None


def test_a_host_is_enrolled_rotated_by_a_master_that_dies_and_suspended(installation: Installation) -> None:
    charlie = Person(installation.port, CHARLIE)
    enrol(installation, charlie)
    row = charlie.get("/api/rows", host="lab7", q="alice")["items"][0]
    key = installation.keys()["read_key"]
    kill_the_master_that_rotates(installation, charlie)
    installation.start_master()
    is_read_anew(charlie)
    assert installation.keys()["read_key"] == key

    done = installation.qman("keys rotate")
    assert (done.returncode, done.stdout) == (0, "1 of 1 hosts have new keys.\n"), done.stderr
    listed = installation.keys()
    assert (listed["read_key"] != key, listed["rotation"]) == (True, None)
    is_read_anew(charlie)

    device = {"device": row["device"]}
    assert charlie.put("/api/quotas/lab7/users/1000", {"block_hard_limit": 200_000_000}, **device).status_code == 200
    assert charlie.session.post(f"{charlie.url}/api/hosts/lab7/suspend", timeout=10).status_code == 200
    refused = charlie.put("/api/quotas/lab7/users/1000", {"block_hard_limit": 300_000_000}, **device)
    assert (refused.status_code, refused.json()["code"]) == (409, "host_suspended")
    assert charlie.host("lab7")["state"] == "suspended"
    said = "".join(program.complained + program.said for program in (installation.master, installation.slave))
    assert not any(pair[name]["secret"] in said for pair in _pairs(installation) for name in ("read", "write", "event"))


def enrol(installation: Installation, charlie: Person) -> None:
    """By the command, once at the wrong URL, once as it should be, and once more."""
    host = {"id": "lab7", "url": installation.slave_url}
    added = charlie.session.post(f"{charlie.url}/api/hosts", json=host, timeout=10)
    assert added.status_code == 201, added.text
    assert charlie.host("lab7")["enrolment"]["state"] == "waiting"
    code = f"--config config.slave.json {added.json()['code']}"
    wrong = installation.qman(f"enrol --master {installation.slave_url} {code}")
    assert (wrong.returncode, "There is no qman master" in wrong.stderr) == (4, True)
    first = installation.qman(f"enrol --master {charlie.url} {code}")
    assert first.returncode == 0, first.stdout + first.stderr
    assert first.stdout.splitlines()[-1] == "lab7 is enrolled: the master reads it."
    second = installation.qman(f"enrol --master {charlie.url} {code}")
    assert (second.returncode, second.stderr.count("\n")) == (1, 1)
    assert "was exchanged for keys before" in second.stderr
    assert charlie.host("lab7")["enrolment"]["state"] == "enrolled"


def kill_the_master_that_rotates(installation: Installation, charlie: Person) -> None:
    """While its order is on the way to a slave that stands still; the slave then makes keys for nobody."""
    installation.slave.freeze()
    rotate = threading.Thread(target=_rotate_and_lose, args=(charlie,))
    rotate.start()
    wait_until(lambda: unread_requests(installation.slave_port) >= 2, 60, "a reading and the order wait for the slave")
    installation.master.kill()
    rotate.join(60)
    installation.slave.thaw()
    wait_until(lambda: len(_pairs(installation)) == 2, 60, "the slave's offer")


def unread_requests(port: int) -> int:
    """Open connections to this port over which something came that nobody has read (proc_net_tcp in Linux's docs).

    The master reads a host over one connection at a time.
    """
    table = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="utf-8").splitlines()[1:]]
    return sum(
        local.endswith(f":{port:04X}") and state == ESTABLISHED and int(queued.partition(":")[2], 16) > 0
        for _, local, _, state, queued, *_ in table
    )


def _rotate_and_lose(person: Person) -> None:
    with suppress(requests.RequestException):
        person.session.post(f"{person.url}/api/hosts/lab7/rotate", timeout=20)


def _pairs(installation: Installation) -> list[Any]:
    found: list[Any] = json.loads((installation.checkout / "keys.json").read_text())["pairs"]
    return found
