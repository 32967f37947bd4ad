"""`./scripts/dev.sh`: one last line when everything answers, and no process when it is over."""

import json
import os
import signal
import socket
import time
from pathlib import Path

import pytest

from tests.system.stack.people import ALICE, CHARLIE, Person
from tests.system.stack.programs import ROOT, Program, free_port, status_of, wait_until

FIRST, LAST = 5173, 8441


def free_offset() -> int:
    """An offset by which all ports of the stack are free."""
    offset = free_port() - LAST
    while any(listens(port + offset) for port in (FIRST, 8077, *range(8436, LAST + 1))):
        offset -= 37
    return offset


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


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

    def wait(self, program: Program, seconds: float = 60) -> None:
        def ready() -> bool:
            assert program.process.poll() is None, program.complained
            return program.said.splitlines()[-1:] == [self.line]

        wait_until(ready, seconds, "the last line")


@pytest.fixture
def dev(tmp_path: Path) -> DevStack:
    return DevStack(tmp_path)


@pytest.mark.timeout(240)
def test_it_starts_shows_five_hosts_and_stops(dev: DevStack) -> None:
    with dev.start() as program:
        dev.wait(program)
        charlie = Person(dev.master_port, CHARLIE)
        hosts = {item["id"]: item for item in charlie.get("/api/hosts")["items"]}
        assert {host: item["state"] for host, item in hosts.items()} == dict.fromkeys(
            ("host1", "host2", "host3", "host4", "localhost"), "ok"
        )
        alice = Person(dev.master_port, ALICE)
        assert {row["name"] for row in alice.get("/api/me/quotas")["items"]} == {"alice"}
        assert alice.status("/api/hosts") == 403
        assert (dev.state / "master.json").stat().st_mode & 0o077 == 0
        program.stop()
    with dev.start() as program:
        started = time.monotonic()
        dev.wait(program)
        assert time.monotonic() - started < 30
        assert Person(dev.master_port, CHARLIE).me["is_admin"]
        program.send(signal.SIGINT)
        assert program.wait(10) == 0
        wait_until(lambda: not program.group(), 2, "no process is left")


def test_killing_it_or_its_group_leaves_no_process(dev: DevStack) -> None:
    with dev.start() as program:
        dev.wait(program)
        assert len(program.group()) > 6
        program.send(signal.SIGKILL)
        wait_until(lambda: not program.group(), 10, "no process is left")
    with dev.start() as program:
        dev.wait(program)
        os.killpg(program.process.pid, signal.SIGTERM)
        assert program.wait(10) == 0
        wait_until(lambda: not program.group(), 2, "no process is left")


def test_a_slave_that_ends_takes_nothing_along(dev: DevStack) -> None:
    with dev.start() as program:
        dev.wait(program)
        port = 8437 + dev.offset
        victim = next(
            pid
            for pid in program.group()
            if b"run.py" in (Path("/proc") / str(pid) / "cmdline").read_bytes()
            and b"/host1.json" in (Path("/proc") / str(pid) / "environ").read_bytes()
        )
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: "slave-host1" in program.complained, 10, "it is said")
        wait_until(lambda: status_of(f"http://127.0.0.1:{port}/remote-api/ping") == 0, 10, "the slave is gone")
        assert status_of(f"http://localhost:{dev.master_port}/api/health") == 200
        assert program.stop() == 0


def test_a_port_in_use_is_one_line(dev: DevStack) -> None:
    with socket.create_server(("127.0.0.1", 8439 + dev.offset)), dev.start() as program:
        assert program.wait(30) == 1
        assert program.complained.count("\n") == 1
        assert str(8439 + dev.offset) in program.complained
        assert not program.group()


def test_a_wrong_offset_is_one_line(tmp_path: Path) -> None:
    with Program(str(ROOT / "scripts/dev.sh"), tmp_path, {"QMAN_DEV_PORT_OFFSET": "many"}) as program:
        assert program.wait(30) == 1
        assert program.complained.count("\n") == 1
        assert "QMAN_DEV_PORT_OFFSET" in program.complained


def test_secrets_are_kept_between_starts_and_differ_per_host(dev: DevStack) -> None:
    with dev.start() as program:
        dev.wait(program)
        first = (dev.state / "secrets.json").read_text(encoding="utf-8")
        program.stop()
    secrets = json.loads(first)
    assert len(set(secrets.values())) == len(secrets) >= 15
    with dev.start() as program:
        dev.wait(program)
        assert (dev.state / "secrets.json").read_text(encoding="utf-8") == first
