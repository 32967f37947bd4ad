"""`./scripts/dev.sh` with ports and state of its own."""

import json
import os
import secrets
import signal
from pathlib import Path
from typing import Any

import requests

from app.auth.signatures import SlaveAuth
from app.settings.keys import SigningKey
from scripts.dev.ports import Ports
from tests.fakes.ports import take
from tests.system.stack.programs import ROOT, Program, wait_until

OFFSETS = range(2_000, 11_000, 10)
"""They keep the stack's ports below those of `free_port`."""
START_SECONDS = 300
"""Eight processes begin at the same moment; it is the bound of one that never gets there."""


def free_offset() -> int:
    """An offset by which all ports of the stack are free."""
    while True:
        ports = Ports(secrets.choice(OFFSETS))
        if all(map(take, ports.all(vite=True).values())):
            return ports.offset


class DevStack:
    """A stack with ports and state of its own."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        self.folder = folder
        self.offset = free_offset()
        self.master_port = 8436 + self.offset
        self.line = f"qman is ready: http://localhost:{self.master_port} (log in as alice or charlie)"

    def start(self) -> Program:
        variables = {"QMAN_DEV_PORT_OFFSET": str(self.offset), "QMAN_DEV_DIR": str(self.state)}
        return Program(str(ROOT / "scripts/dev.sh"), self.folder, variables)

    def wait(self, program: Program) -> None:
        """Returns when it says that everything answers."""

        def ready() -> bool:
            assert program.process.poll() is None, program.complained
            return program.said.splitlines()[-1:] == [self.line]

        wait_until(ready, START_SECONDS, "the last line")

    def slave_url(self, host: str) -> str:
        """Where the slave of a host answers."""
        return f"http://127.0.0.1:{self._settings(host)['PORT']}"

    def ask_slave(self, host: str, path: str) -> Any:
        """What the slave itself says, asked as the master asks it: signed."""
        key = next(key for key in self._settings(host)["API_KEYS"] if key["scope"] == "read")
        auth = SlaveAuth(SigningKey.model_validate({"id": key["id"], "secret": key["secret"]}))
        answer = requests.get(self.slave_url(host) + path, auth=auth, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def kill_slave(self, program: Program, host: str) -> None:
        """Kills every process of the slave of that host, as a crash would."""
        marker = f"/{host}.json".encode()
        for pid in program.group():
            if marker in (Path("/proc") / str(pid) / "environ").read_bytes():
                os.kill(pid, signal.SIGKILL)

    def _settings(self, host: str) -> Any:
        return json.loads((self.state / f"{host}.json").read_text(encoding="utf-8"))
