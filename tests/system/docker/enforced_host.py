"""A slave beside the rig's dockerd, with worker and schedule as people start them, and the master that is told."""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import requests

from app.auth.signatures import SlaveAuth
from app.db.engine import Database
from app.db.repositories.docker_enforcement import DockerOutboxRepository, StoredEvent
from app.settings.keys import SigningKey
from tests.fakes.docker_rig import DockerRig
from tests.fakes.ports import free_port
from tests.fakes.proxy_process import ProxyProcess, as_user
from tests.system.stack.programs import ROOT, Program, wait_until
from tests.system.stack.settings import Settings, key, master, write_json

HOST, DAEMON = "docker1", 1
INTERVAL, GRACE, REMOVE_GRACE, STOP_TIMEOUT = 1, 3, 3, 2
START_SECONDS = 120
STATE_SECONDS = 120
"""Until a state is there. A worker that is killed while it stops something holds the lease for 52 s of it."""
IMPORTED = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": ""}
CELERY = "CONFIG_PATH=config.slave.json celery -A app.celery_app:celery_app"


class Logged(NamedTuple):
    """A line of a worker's log."""

    at: datetime
    event: str
    fields: dict[str, Any]


class EnforcedHost:
    """Whatever is started here ends with the block."""

    def __init__(self, folder: Path, rig: DockerRig, **settings: Any) -> None:
        self.rig, self.folder, self.port, self.master_port = rig, folder, free_port(), free_port()
        self.workers: list[Program] = []
        self._programs = ExitStack()
        (folder / "master").mkdir()
        self._write_master()
        events = key(HOST, "events")
        callback = {
            "MASTER_EVENT_CALLBACK_URL": f"http://127.0.0.1:{self.master_port}/api/internal/slave-events",
            "MASTER_EVENT_CALLBACK_KEY_ID": events["id"],
            "MASTER_EVENT_CALLBACK_SECRET": events["secret"],
        }
        write_json(folder / "config.slave.json", slave(self.port, rig, folder) | callback | settings)
        self.database_url = f"sqlite:///{folder}/docker1.sqlite"
        self.database = Database(self.database_url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._programs.__exit__(kind, error, tb)
        self.database.dispose()

    def slave(self) -> Program:
        """Returns when it answers."""
        program = self._start(f"CONFIG_PATH=config.slave.json python {ROOT}/run.py", self.folder)
        return program.wait_for(f"http://127.0.0.1:{self.port}/readyz", START_SECONDS)

    def master(self) -> Program:
        """Returns when it answers."""
        program = self._start(f"gunicorn --threads 4 -b 127.0.0.1:{self.master_port} run:app", self.folder / "master")
        return program.wait_for(f"http://127.0.0.1:{self.master_port}/readyz", START_SECONDS)

    def beat(self) -> Program:
        return self._start(f"{CELERY} beat", self.folder)

    def worker(self, options: str = "") -> Program:
        """It need not listen yet."""
        self.workers.append(self._start(f"{CELERY} worker -Q qman.docker {options}", self.folder))
        return self.workers[-1]

    def start_by_sudo(self, name: str, *options: str) -> None:
        """Starts a container of 3 MiB through the socket proxy, as daemon with sudo does."""
        with ProxyProcess(self.folder / "proxy", self.rig.socket, DATABASE_URL=self.database_url) as proxy:
            through = self.rig.through(proxy.socket)
            as_user(0, 0, lambda: through.start_with_data(name, "daemon", *options), login_uid=DAEMON)()

    def set_limit(self, kib: int) -> None:
        """For daemon, as soon as the slave has looked at the engine."""
        auth = SlaveAuth(SigningKey.model_validate(key(HOST, "write")))
        url = f"http://127.0.0.1:{self.port}/remote-api/quotas/users/{DAEMON}?device=docker"
        limits = {"block_hard_limit": kib}

        def is_set() -> bool:
            return requests.put(url, json=limits, auth=auth, timeout=30).status_code == 200

        wait_until(is_set, STATE_SECONDS, "the limit is set")

    def told(self) -> list[StoredEvent]:
        """What is in the slave's outbox, the oldest first."""
        with self.database.read() as connection:
            return list(DockerOutboxRepository(connection).events(None, most=1000))

    def named(self) -> list[tuple[str, str | None]]:
        """Type and container of each of these."""
        return [named(json.loads(event.body)) for event in self.told()]

    def wait_for(self, kind: str, container: str | None) -> StoredEvent:
        """The event, as soon as it is in the slave's outbox."""

        def find() -> list[StoredEvent]:
            return [event for event in self.told() if named(json.loads(event.body)) == (kind, container)]

        return wait_until(find, STATE_SECONDS, f"{kind} of {container}")[0]

    def at_master(self) -> list[str]:
        """The ids of what an admin sees there."""
        url = f"http://127.0.0.1:{self.master_port}"
        with requests.Session() as session:
            session.get(f"{url}/auth/login", timeout=30)
            answer = session.get(f"{url}/api/admin/docker/events", params={"host": HOST}, timeout=30)
        assert answer.status_code == 200, answer.text
        return sorted(event["id"] for event in answer.json()["items"])

    def wait_until_master_has_all(self) -> None:
        """And each of it once; it goes on to hold."""
        ids = sorted(event.id for event in self.told())
        wait_until(lambda: len(self.at_master()) >= len(ids), STATE_SECONDS, "the master was told of everything")
        wait_until(lambda: all(event.state == "delivered" for event in self.told()), STATE_SECONDS, "all is delivered")
        assert self.at_master() == ids

    def logged(self, *names: str) -> list[Logged]:
        """What the workers logged under these names, in order."""
        lines = [line for worker in self.workers for line in worker.complained.splitlines() if line.startswith("{")]
        parsed = [json.loads(line) for line in lines if line.endswith("}")]
        found = [Logged(datetime.fromisoformat(its["timestamp"]), its["event"], its) for its in parsed]
        return sorted((each for each in found if each.event in names), key=lambda each: each.at)

    def rounds_after(self, event: StoredEvent, grace: int, step: str) -> int:
        """How many rounds ended since the event's grace was over and before the first such step since was done."""
        done_at = next(
            each.at
            for each in self.logged("docker_enforcement")
            if each.fields["step"] == step and each.at > event.occurred_at
        )
        over = event.occurred_at + timedelta(seconds=grace)
        rounds = [each.at for each in self.logged("docker_round") if each.fields["outcome"] == "ok"]
        return sum(over < at < done_at for at in rounds)

    def _start(self, command: str, folder: Path) -> Program:
        return self._programs.enter_context(Program(command, folder, IMPORTED))

    def _write_master(self) -> None:
        folder = self.folder / "master"
        keys = [{"host": HOST, **key(HOST, "events")}]
        write_json(folder / "config.json", master(self.master_port, [], 60) | {"SLAVE_EVENT_KEYS": keys})
        url = {"url": f"http://localhost:{free_port()}"}
        write_json(folder / "oauth.config.json", {"enabled": False, "server": url, "client": url})


def slave(port: int, rig: DockerRig, folder: Path) -> Settings:
    """The settings of the slave, with times that are short."""
    return {
        "ROLE": "slave",
        "SLAVE_HOST_ID": HOST,
        "PORT": port,
        "API_KEYS": [key(HOST, scope) | {"scope": scope} for scope in ("read", "write")],
        "DATABASE_URL": f"sqlite:///{folder}/docker1.sqlite",
        "USE_PYQUOTA": False,
        "USE_DOCKER_QUOTA": True,
        "DOCKER_HOST": rig.host,
        "DOCKER_QUOTA_ENFORCE_INTERVAL_SECONDS": INTERVAL,
        "DOCKER_QUOTA_GRACE_SECONDS": GRACE,
        "DOCKER_QUOTA_REMOVE_GRACE_SECONDS": REMOVE_GRACE,
        "DOCKER_QUOTA_STOP_TIMEOUT_SECONDS": STOP_TIMEOUT,
    }


def named(event: dict[str, Any]) -> tuple[str, str | None]:
    """Its type and its container."""
    return event["type"].removeprefix("docker."), event["container"] and event["container"]["name"]


class Deed(NamedTuple):
    """What was done to a container, from the engine's own word: from the first signal to its end."""

    began_ns: int
    ended_ns: int
    container: str
    what: str


def deeds(rig: DockerRig, since: datetime) -> Sequence[Deed]:
    """Stops and removals by the API, in the order in which they began."""
    window = ("--since", f"{since.timestamp():.6f}", "--until", f"{datetime.now(since.tzinfo).timestamp() + 1:.0f}")
    printed = rig.docker("events", *window, "--filter", "type=container", "--format", "{{json .}}")
    found: list[Deed] = []
    begun: dict[str, int] = {}
    for line in printed.splitlines():
        event = json.loads(line)
        name, at = event["Actor"]["Attributes"]["name"], event["timeNano"]
        if event["Action"] == "kill":
            begun.setdefault(name, at)
        elif event["Action"] in {"stop", "destroy"}:
            found.append(Deed(begun.pop(name, at), at, name, event["Action"]))
    return sorted(found)
