"""The examination as a whole: what hangs or fails is a finding, and holds up nothing."""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest

from app.backends.mock.backend import MockBackend
from app.backends.mock.hosts import MOCK_HOSTS
from app.quota.backend import QuotaBackend
from app.quota.errors import DeviceTimeoutError
from app.quota.values import Device, QuotaType
from app.settings.slave import load_slave_settings
from app.slave.directory import Directory, FixedDirectory, Listing
from app.slave.doctor.apart import run_apart
from app.slave.doctor.checks import Check, Report, run_checks
from app.slave.doctor.examination import Patient, examine
from app.slave.doctor.findings import Finding
from tests.fakes.backends import BackendAround, DownBackend, HangingBackend

BRIEF, LONG = 3.0, 30.0
"""For checks: one that passes while the test waits, with room for the checks that hang not, and one that never does."""
NOBODY = FixedDirectory({}, {})
CLOSED_PORT = 1


class HangingDirectory:
    """A `Directory` that never answers until it is released."""

    def __init__(self) -> None:
        self.released = Event()

    def list_names(self, quota_type: QuotaType) -> Listing:
        self.released.wait()
        return Listing({}, is_complete=False)

    def find_name(self, quota_type: QuotaType, quota_id: int) -> str | None:
        self.released.wait()
        return None

    def find_uid(self, name: str) -> int | None:
        self.released.wait()
        return None


class EmptyBackend(BackendAround):
    """Has no devices."""

    def list_devices(self) -> Sequence[Device]:
        return ()


class BreakingBackend(BackendAround):
    """Raises what no backend promises, with a secret in it."""

    def before(self, call: str) -> None:
        if call == "get_usage":
            raise ZeroDivisionError("password=hunter2")


@pytest.fixture
def directory() -> Iterator[HangingDirectory]:
    hanging = HangingDirectory()
    yield hanging
    hanging.released.set()


def examined(
    tmp_path: Path, *backends: QuotaBackend, names: Directory = NOBODY, seconds: float = LONG, **changes: Any
) -> Report:
    file = tmp_path / "config.json"
    file.touch(mode=0o600)
    keys = [{"id": scope, "secret": scope * 10, "scope": scope} for scope in ("read", "write")]
    values = {
        "SLAVE_HOST_ID": "h",
        "API_KEYS": keys,
        "PORT": CLOSED_PORT,
        "DATABASE_URL": f"sqlite:///{tmp_path}/q.sqlite",
    }
    settings = load_slave_settings(file, values | changes, {})
    mountinfo = tmp_path / "mountinfo"
    mountinfo.write_text("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n23 22 8:2 / /home rw - xfs /dev/sda2 rw,noquota\n")
    return examine(Patient(file, settings, backends, names, mountinfo, seconds))


def codes(report: Report) -> set[tuple[str, str]]:
    return {(each.code, each.subject) for each in report.findings} - {("clock_unsynchronised", "clock")}


NOT_RUNNING = ("slave_not_running", f"127.0.0.1:{CLOSED_PORT}")


def test_a_mock_host_has_nothing_that_could_be_ill(tmp_path: Path) -> None:
    report = examined(tmp_path, MOCK_QUOTA=True, MOCK_HOST_ID="host1")
    assert codes(report) == {NOT_RUNNING}
    assert "the slave's database" in report.checked
    assert not any("devices" in what for what in report.checked)


def test_a_device_that_hangs_is_named_and_the_others_are_looked_at(tmp_path: Path) -> None:
    hanging = HangingBackend(MockBackend(MOCK_HOSTS["host2"]), "zfs")
    began_at = time.monotonic()
    other = MockBackend(MOCK_HOSTS["host4"])
    report = examined(tmp_path, hanging, other, seconds=BRIEF, USE_PYQUOTA=False, USE_BTRFS=True)
    assert time.monotonic() - began_at < 10 * BRIEF
    hanging.release()
    assert codes(report) == {
        NOT_RUNNING,
        ("check_hangs", "quotas of /dev/vdb1"),
        ("check_hangs", "quotas of tank/home"),
    }
    assert "quotas of docker" in report.checked


def test_a_backend_that_fails_or_breaks_its_promise_is_named(tmp_path: Path) -> None:
    down = DownBackend(MockBackend(MOCK_HOSTS["host2"]), "btrfs", list_fails=True)
    broken = BreakingBackend(MockBackend(MOCK_HOSTS["host3"]))
    report = examined(tmp_path, down, broken, USE_PYQUOTA=False, USE_BTRFS=True)
    assert ("backend_failed", "btrfs") in codes(report)
    assert any(code == "check_failed" for code, _ in codes(report))
    assert "hunter2" not in repr(report), "an unexpected error is told without its text"


def test_no_device_anywhere_is_an_error_and_a_filesystem_is_offered(tmp_path: Path) -> None:
    report = examined(
        tmp_path, EmptyBackend(MockBackend(MOCK_HOSTS["host3"]), "kernel"), USE_PYQUOTA=False, USE_BTRFS=True
    )
    assert codes(report) == {
        NOT_RUNNING,
        ("no_devices", "this host"),
        ("filesystem_without_quotas", "/dev/sda2"),
    }
    [offered] = [each for each in report.findings if each.code == "filesystem_without_quotas"]
    assert offered.mend.startswith("umount /home && mount -o uquota /dev/sda2 /home")


def test_a_user_database_that_hangs_is_named_with_what_it_costs(tmp_path: Path, directory: HangingDirectory) -> None:
    report = examined(tmp_path, names=directory, seconds=BRIEF, MOCK_QUOTA=True, MOCK_HOST_ID="host1")
    assert ("names_hang", "user database") in codes(report)


def test_checks_run_side_by_side_and_one_that_breaks_takes_none_along() -> None:
    def breaks() -> list[Finding]:
        raise ZeroDivisionError("hunter2")

    all_of_them = Barrier(8)

    def waits_for_the_others() -> list[Finding]:
        all_of_them.wait(LONG)
        return []

    waits = [Check(f"slow {number}", waits_for_the_others) for number in range(8)]
    report = run_checks([*waits, Check("broken", breaks)], LONG)
    assert [(each.code, each.subject) for each in report.findings] == [("check_failed", "broken")]
    assert "hunter2" not in report.findings[0].found


def test_work_done_apart_gives_its_result_and_may_be_left_behind() -> None:
    assert run_apart(lambda: b"x" * 200_000, LONG) == b"x" * 200_000
    began_at = time.monotonic()
    with pytest.raises(DeviceTimeoutError):
        run_apart(_never, 0.3)
    assert time.monotonic() - began_at < LONG


def test_work_that_dies_apart_gives_nothing() -> None:
    assert run_apart(_die, LONG) == b""


def _die() -> bytes:
    os.kill(os.getpid(), signal.SIGKILL)
    return b"alive"


def _never() -> bytes:
    Event().wait()
    return b""
