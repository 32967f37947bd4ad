"""`./scripts/dev.sh`: one last line when everything answers, and no process when it is over."""

import json
import os
import shutil
import signal
import socket
import time
from pathlib import Path

import pytest

from tests.system.stack.dev_stack import DevStack
from tests.system.stack.people import ALICE, CHARLIE, Person
from tests.system.stack.programs import ROOT, Program, status_of, wait_until

pytestmark = pytest.mark.timeout(700)
END_SECONDS = 30
ENFORCED_SECONDS = 120
"""The grace is 30 seconds there."""


@pytest.fixture
def dev(tmp_path: Path) -> DevStack:
    return DevStack(tmp_path)


def test_it_starts_shows_five_hosts_and_stops(dev: DevStack) -> None:
    began = time.monotonic()
    with dev.start() as program:
        dev.wait(program)
        took = time.monotonic() - began
        charlie = Person(dev.master_port, CHARLIE)
        hosts = {item["id"]: item for item in charlie.get("/api/hosts")["items"]}
        assert {host: item["state"] for host, item in hosts.items()} == dict.fromkeys(
            ("host1", "host2", "host3", "host4", "localhost"), "ok"
        )
        alice = Person(dev.master_port, ALICE)
        assert {row["name"] for row in alice.get("/api/me/quotas")["items"]} == {"alice"}
        assert alice.status("/api/hosts") == 403
        assert (dev.state / "master.json").stat().st_mode & 0o077 == 0
        wait_until(lambda: enforced(charlie), ENFORCED_SECONDS, "charlie's container on host4 is stopped")
        assert enforced(charlie)[0] == ("charlie", "docker.warned", None)
        program.stop()
    with dev.start() as program:
        began = time.monotonic()
        dev.wait(program)
        assert time.monotonic() - began < 30 + took, "seconds, on whatever machine"
        assert program.said.splitlines() == [dev.line], "nothing is installed or built"
        assert Person(dev.master_port, CHARLIE).me["is_admin"]
        program.send(signal.SIGINT)
        assert program.wait(END_SECONDS) == 0
        wait_until(lambda: not program.group(), END_SECONDS, "no process is left")


def enforced(admin: Person) -> list[tuple[str, str, str | None]]:
    """Whom enforcement dealt with and how, the first first; nothing before the first stop."""
    items = admin.get("/api/admin/docker/events?host=host4")["items"][::-1]
    found = [(item["user"], item["type"], item["container"] and item["container"]["name"]) for item in items]
    return found if ("charlie", "docker.container_stopped", "postgres") in found else []


def test_killing_it_or_its_group_leaves_no_process(dev: DevStack) -> None:
    with dev.start() as program:
        dev.wait(program)
        assert len(program.group()) > 6
        program.send(signal.SIGKILL)
        wait_until(lambda: not program.group(), END_SECONDS, "no process is left")
    with dev.start() as program:
        dev.wait(program)
        os.killpg(program.process.pid, signal.SIGTERM)
        assert program.wait(END_SECONDS) == 0
        wait_until(lambda: not program.group(), END_SECONDS, "no process is left")


def test_a_slave_that_ends_takes_nothing_along(dev: DevStack) -> None:
    with dev.start() as program:
        dev.wait(program)
        port = 8437 + dev.offset
        dev.kill_slave(program, "host1")
        wait_until(lambda: "slave-host1" in program.complained, END_SECONDS, "it is said")
        wait_until(lambda: status_of(f"http://127.0.0.1:{port}/remote-api/ping") == 0, END_SECONDS, "the slave is gone")
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


def test_stopped_while_it_installs_it_leaves_no_process(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    for name in ("dev.sh", "install.sh"):
        shutil.copy(ROOT / "scripts" / name, tmp_path / "scripts" / name)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    for tool in ("python", "pip"):
        (tmp_path / ".venv/bin" / tool).write_text("#!/bin/sh\nsleep 300 & wait\n", encoding="utf-8")
        (tmp_path / ".venv/bin" / tool).chmod(0o755)
    (tmp_path / "requirements.txt").touch()
    with Program(str(tmp_path / "scripts/dev.sh"), tmp_path) as program:
        wait_until(lambda: len(program.group()) >= 4, END_SECONDS, "the installation is under way")
        program.send(signal.SIGTERM)
        assert program.wait(END_SECONDS) == 143
        wait_until(lambda: not program.group(), END_SECONDS, "no process is left")
