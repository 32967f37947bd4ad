"""A filter of system calls between the slave and quotactl(2), as systemd's SystemCallFilter= puts it there."""

import errno
import json
import os
import platform
import subprocess
from pathlib import Path

import pytest

from tests.fakes.ports import free_port
from tests.system.stack.programs import ROOT, environment
from tests.system.stack.settings import write_json

FILTERED = """
import ctypes, struct, sys
from app.cli.__main__ import main

QUOTACTL, ALLOW, action = int(sys.argv[1]), 0x7FFF0000, int(sys.argv[2])
# seccomp(2), linux/filter.h: load the number of the call, compare it, return
steps = [(0x20, 0, 0, 0), (0x15, 0, 1, QUOTACTL), (0x06, 0, 0, action), (0x06, 0, 0, ALLOW)]
program = b"".join(struct.pack("=HBBI", *step) for step in steps)
buffer = ctypes.create_string_buffer(program, len(program))
libc = ctypes.CDLL(None, use_errno=True)
header = struct.pack("@HP", len(steps), ctypes.addressof(buffer))
assert libc.prctl(38, 1, 0, 0, 0) == 0  # PR_SET_NO_NEW_PRIVS
assert libc.prctl(22, 2, header, 0, 0) == 0, ctypes.get_errno()  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
raise SystemExit(main(["doctor", "--json", "--config", sys.argv[3]]))
"""
NUMBERS = {"x86_64": 179, "aarch64": 60}
ERRNO, KILL_PROCESS = 0x00050000, 0x80000000


@pytest.mark.parametrize(
    ("action", "code"),
    [
        (ERRNO | errno.EPERM, "quotactl_filtered"),
        (ERRNO | errno.ENOSYS, "quotactl_missing"),
        (KILL_PROCESS, "quotactl_filtered"),
    ],
)
def test_a_filter_is_named_and_told_from_a_missing_capability(tmp_path: Path, action: int, code: str) -> None:
    keys = [{"id": scope, "secret": scope * 10, "scope": scope} for scope in ("read", "write")]
    url = f"sqlite:///{tmp_path}/slave.sqlite"
    values = {"SLAVE_HOST_ID": "h", "PORT": free_port(), "API_KEYS": keys, "DATABASE_URL": url}
    file = write_json(tmp_path / "config.json", values)
    command = ["python", "-c", FILTERED, str(NUMBERS[platform.machine()]), str(action), str(file)]
    changes = {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, env=environment(changes), stdout=subprocess.PIPE, timeout=60, check=False)
    found = {each["code"]: each for each in json.loads(ended.stdout)}
    assert code in found
    assert "SystemCallFilter=quotactl quotactl_fd" in found[code]["mend"]
    assert found.keys() & {"examination_failed", "check_failed"} == set()
    assert ("no_capability" in found) == (os.geteuid() != 0)
