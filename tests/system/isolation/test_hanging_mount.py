"""A mount that does not come to its end keeps nobody from listing and reading the other devices."""

import subprocess
from pathlib import Path
from statistics import median

import pytest

from tests.system.isolation.hanging import FrozenDevice
from tests.system.isolation.slave import RunningSlave
from tests.system.isolation.test_frozen_disk import HOLD_SECONDS, WAITED_SECONDS, other_than, wait_for
from tests.system.stack.programs import wait_until

pytestmark = pytest.mark.timeout(1500)


def is_held(process: int) -> bool:
    """Does the kernel hold it (proc(5), state D)?"""
    return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(") ")[2][0] == "D"


def test_while_a_remount_hangs_the_others_are_listed_and_read(slave: RunningSlave, frozen: FrozenDevice) -> None:
    other = other_than(frozen)
    assert slave.devices()[frozen.name]["status"] == "ok"
    usual = slave.usual_seconds("/remote-api/quotas", device=other)
    (frozen.mount_point / "not written yet").write_bytes(b"q" * 100_000)
    frozen.server.hang()
    remount = subprocess.Popen(["mount", "-o", "remount,ro", str(frozen.mount_point)])
    try:
        wait_until(lambda: is_held(remount.pid), HOLD_SECONDS, "the kernel holds the remount")
        wait_for(slave, frozen.name, "failed")
        answers = [slave.ask("/remote-api/quotas", device=other) for _ in range(9)]
        assert {answer.body[0]["status"] for answer in answers} == {"ok"}
        assert median(answer.seconds for answer in answers) < usual + WAITED_SECONDS
        [backend] = slave.ask("/remote-api/host").body["backends"]
        assert backend["status"] == "ok"
        assert len(slave.held()) <= 2, "one lists the device, one reads it"
    finally:
        frozen.release()
        remount.wait(HOLD_SECONDS)
    subprocess.run(["mount", "-o", "remount,rw", str(frozen.mount_point)], check=True)
    wait_for(slave, frozen.name, "ok")
