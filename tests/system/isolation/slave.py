"""A slave in a process of its own, asked over HTTP as a master asks it."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import requests

from app.auth.signatures import SlaveAuth
from app.settings.keys import SigningKey
from tests.fakes.ports import free_port
from tests.system.stack.programs import ROOT, Program
from tests.system.stack.settings import write_json

TIMEOUT_SECONDS = 2.0
START_SECONDS = 240.0
CALLS_OF_A_CONTROL = 7


@dataclass(frozen=True)
class Answer:
    """What the slave said, and after how long."""

    status: int
    body: Any
    seconds: float


@dataclass(frozen=True)
class RunningSlave:
    """The slave and who asks it."""

    program: Program
    url: str
    key: SigningKey

    def ask(self, path: str, *, method: str = "GET", json: Any = None, **query: str) -> Answer:
        """A signed call. Fails the test when no answer comes within half a minute."""
        started = time.monotonic()
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(
                method, f"{self.url}{path}", params=query, json=json, auth=SlaveAuth(self.key), timeout=30
            )
        return Answer(answer.status_code, answer.json(), time.monotonic() - started)

    def usual_seconds(self, path: str, **query: str) -> float:
        """What a call takes on this machine now, with whatever else it has to do: to be asked while all is well."""
        return median(self.ask(path, **query).seconds for _ in range(CALLS_OF_A_CONTROL))

    def devices(self, **query: str) -> dict[str, Any]:
        """Every device with its quotas, by name."""
        return {device["name"]: device for device in self.ask("/remote-api/quotas", **query).body}

    def tasks(self) -> dict[int, str]:
        """The state of each of its threads: `D` where the kernel holds it (proc(5))."""
        states = {}
        for process in self.program.group():
            for stat in Path(f"/proc/{process}/task").glob("*/stat"):
                with suppress(OSError):
                    states[int(stat.parent.name)] = stat.read_text(encoding="utf-8").rpartition(") ")[2][0]
        return states

    def held(self) -> list[int]:
        """Its threads that the kernel holds."""
        return [task for task, state in self.tasks().items() if state == "D"]


@contextmanager
def running_slave(folder: Path) -> Iterator[RunningSlave]:
    """Starts it below the folder; each request reads the kernel anew."""
    port, key = free_port(), {"id": "rig", "secret": secrets.token_urlsafe(40)}
    settings = {
        "ROLE": "slave",
        "SLAVE_HOST_ID": "rig",
        "PORT": port,
        "API_KEYS": [key | {"scope": "write"}],
        "READ_INTERVAL_SECONDS": 0,
        "DEVICE_TIMEOUT_SECONDS": TIMEOUT_SECONDS,
    }
    write_json(folder / "slave.json", settings)
    with Program(f"CONFIG_PATH=slave.json python {ROOT / 'run.py'}", folder) as program:
        program.wait_for(f"http://127.0.0.1:{port}/remote-api/ping", START_SECONDS)
        yield RunningSlave(program, f"http://127.0.0.1:{port}", SigningKey.model_validate(key))
