"""The whole slave as a service runs it: an ordinary user with CAP_SYS_ADMIN, or without."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

from app.auth.signatures import SlaveAuth
from app.settings.keys import SigningKey
from tests.fakes.ports import free_port
from tests.system.kernel.rig import NOBODY, RigFilesystem
from tests.system.stack.programs import ROOT, Program
from tests.system.stack.settings import write_json

START_SECONDS = 240.0
Ask = Callable[..., requests.Response]


@pytest.fixture(scope="module", autouse=True)
def _python_may_be_run_by_all() -> None:
    """In the rig's own layer over this machine's files: the interpreter may stand below /root, which is closed."""
    for folder in Path(os.path.realpath(shutil.which("python3") or "python3")).parents:
        folder.chmod(folder.stat().st_mode | 0o111)


@pytest.fixture
def start() -> Iterator[Callable[[str], Ask]]:
    """Starts a slave as nobody with these capabilities; what it gives asks that slave."""
    with ExitStack() as ends:

        def started(capabilities: str) -> Ask:
            folder = Path(tempfile.mkdtemp(dir="/tmp"))
            ends.callback(shutil.rmtree, folder)
            port, key = free_port(), {"id": "rig", "secret": secrets.token_urlsafe(40)}
            keys = [key | {"scope": "write"}]
            write_json(folder / "slave.json", {"SLAVE_HOST_ID": "rig", "PORT": port, "API_KEYS": keys})
            for path in (folder, folder / "slave.json"):
                os.chown(path, NOBODY, NOBODY)
            only = f"--inh-caps={capabilities} --ambient-caps={capabilities} --bounding-set={capabilities}"
            somebody = f"setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups {only}"
            program = ends.enter_context(Program(f"CONFIG_PATH=slave.json {somebody} python {ROOT / 'run.py'}", folder))
            program.wait_for(f"http://127.0.0.1:{port}/remote-api/ping", START_SECONDS)
            check_who(program)
            session = ends.enter_context(requests.Session())
            session.trust_env = False

            def ask(method: str, path: str, **how: Any) -> requests.Response:
                url, auth = f"http://127.0.0.1:{port}/remote-api{path}", SlaveAuth(SigningKey.model_validate(key))
                return session.request(method, url, auth=auth, timeout=30, **how)

            return ask

        yield started


def check_who(program: Program) -> None:
    for process in program.group():
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
        assert f"Uid:\t{NOBODY}\t{NOBODY}\t{NOBODY}\t{NOBODY}\n" in status


@pytest.mark.timeout(600)
def test_a_slave_that_is_not_root_reads_and_sets(
    filesystem: RigFilesystem, fresh_id: int, start: Callable[[str], Ask]
) -> None:
    ask = start("-all,+sys_admin")
    device = {"device": filesystem.device}
    for kind, members in (("users", "user"), ("groups", "group"), ("projects", "project")):
        answer = ask("PUT", f"/quotas/{kind}/{fresh_id}", params=device, json={"block_hard_limit": 4096})
        assert (answer.status_code, answer.json()["block_hard_limit"]) == (200, 4096)
        (shown,) = ask("GET", "/quotas", params=device).json()
        assert fresh_id in {row[next(iter(row))] for row in shown[f"{members}_quotas"]}
    answer = ask("PUT", "/quotas/grace", params=device, json={"block_grace": 3600})
    assert (answer.status_code, answer.json()["block_grace"]) == (200, 3600)


@pytest.mark.timeout(600)
def test_without_the_capability_the_device_fails_and_says_which(
    ext4: RigFilesystem, start: Callable[[str], Ask]
) -> None:
    (shown,) = start("-all")("GET", "/quotas", params={"device": ext4.device}).json()
    assert shown["status"] == "failed"
    assert shown["problem"]["code"] == "backend_forbidden"
    assert "CAP_SYS_ADMIN" in shown["problem"]["detail"]
