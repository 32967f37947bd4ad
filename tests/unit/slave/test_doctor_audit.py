"""The audit log of Docker's socket: is it there, may it be read, and does a connection leave a record?"""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from app.docker_quota.audit.log import LogProblem
from app.slave.doctor import docker
from app.slave.doctor.docker_audit import Audit, look_at_audit, of_audit
from tests.unit.docker_quota.recorded_audit import connected

LOG = Path("/var/log/audit/audit.log")


def codes(audit: Audit) -> list[str]:
    return [finding.code for finding in of_audit(audit)]


def test_what_is_found() -> None:
    well = Audit(LOG, is_needed=True, is_recorded=True, problem=None)
    unrecorded = Audit(LOG, is_needed=True, is_recorded=False, problem=None)
    forbidden = Audit(LOG, is_needed=True, is_recorded=False, problem=LogProblem("forbidden", "no"))
    missing = Audit(LOG, is_needed=True, is_recorded=False, problem=LogProblem("missing", "no"))
    needless = Audit(LOG, is_needed=False, is_recorded=False, problem=LogProblem("missing", "no"))
    assert [codes(each) for each in (well, unrecorded, needless)] == [[], ["audit_rule_missing"], []]
    assert codes(forbidden) == codes(missing) == ["audit_log_unreadable"]
    assert "log_group" in next(of_audit(forbidden)).mend
    assert "apt-get install auditd" in next(of_audit(missing)).mend


def test_a_socket_that_is_open_to_all_is_an_error() -> None:
    looked = docker.Docker("/run/d.sock", 0, "qman", "/data", has_root=True, mode=0o666)
    assert [(each.code, each.severity) for each in docker.of_docker(looked)] == [("docker_open", "error")]


@pytest.mark.parametrize(
    ("mode", "proxy", "expected"),
    [
        (0o660, "p.sock", [("docker_beside_proxy", "warning")]),
        (0o600, "p.sock", []),
        (0o660, "d.sock", []),
        (0o660, "none.sock", []),
        (0o666, "p.sock", [("docker_open", "error")]),
    ],
)
def test_with_a_proxy_the_engines_own_socket_is_roots_alone(
    tmp_path: Path, mode: int, proxy: str, expected: list[tuple[str, str]]
) -> None:
    for name in ("d.sock", "p.sock"):
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(tmp_path / name))
    (tmp_path / "d.sock").chmod(mode)
    looked = docker.look_at_docker(f"unix://{tmp_path}/d.sock", str(tmp_path), str(tmp_path / proxy))
    found = [(each.code, each.severity) for each in docker.of_docker(looked) if each.code != "docker_unreachable"]
    assert found == expected


class Engine:
    """Answers a ping at a socket, and has the kernel's part: a record of each connection, where it is `recording`."""

    def __init__(self, folder: Path, *, recording: bool) -> None:
        self.path, self.log = str(folder / "docker.sock"), folder / "audit.log"
        self.log.touch()
        self.recording = recording
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        connection, _ = self.listener.accept()
        with connection:
            connection.recv(1000)
            if self.recording:
                self.log.write_bytes(connected(1795282619208, 1, os.getpid(), 0) + b"\n")
            connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nOK")


@pytest.fixture(params=[True, False])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    made = Engine(tmp_path, recording=request.param)
    yield made
    made.listener.close()


def test_a_connection_is_tried(engine: Engine) -> None:
    Path(engine.path).chmod(0o660)
    found = look_at_audit(f"unix://{engine.path}", engine.log, 30.0 if engine.recording else 0.2)
    assert found == Audit(engine.log, is_needed=True, is_recorded=engine.recording, problem=None)
    Path(engine.path).chmod(0o600)
    assert not look_at_audit(engine.path, engine.log).is_needed
