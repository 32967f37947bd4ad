"""One change of a device at a time, in all processes."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.quota.errors import BackendError, DeviceTimeoutError
from app.slave.locks import DeviceLocks

HOLD_AND_WAIT = """
import sys
from pathlib import Path
from app.slave.locks import DeviceLocks
with DeviceLocks(Path(sys.argv[1]), 5).hold("/dev/sda1"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_lock_is_free_again_afterwards(tmp_path: Path) -> None:
    locks = DeviceLocks(tmp_path / "locks", 0.05)
    for _ in range(2):
        with locks.hold("/dev/sda1"), locks.hold("tank/home"):
            pass


def test_the_second_holder_is_refused_after_its_time(tmp_path: Path) -> None:
    locks = DeviceLocks(tmp_path, 0.05)
    with locks.hold("/dev/sda1"), pytest.raises(DeviceTimeoutError), locks.hold("/dev/sda1"):
        pass


def test_another_process_holds_it_until_it_dies(tmp_path: Path) -> None:
    locks = DeviceLocks(tmp_path, 0.05)
    command = [sys.executable, "-c", HOLD_AND_WAIT, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(DeviceTimeoutError), locks.hold("/dev/sda1"):
            pass
        holder.kill()
        holder.wait()
        with locks.hold("/dev/sda1"):
            pass


def test_a_directory_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BackendError), DeviceLocks(tmp_path / "file" / "locks", 1).hold("/dev/sda1"):
        pass
