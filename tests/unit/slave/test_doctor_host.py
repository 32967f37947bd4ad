"""What the doctor says of everything around the devices."""

import errno
from pathlib import Path
from typing import Any

import pytest

from app.db.inspection import Inspected
from app.settings.slave import load_slave_settings
from app.slave.doctor import areas, clock, database, docker, names, process, server, settings_file, zfs
from app.slave.doctor.findings import Finding, Severity
from app.slave.doctor.process import Process
from app.slave.doctor.server import Answer, Server
from app.slave.doctor.zfs import Zfs

FILE = Path("/etc/qman/my config.json")
WELL = Process(uid=990, is_capable=True, may_become_capable=True, in_user_namespace=False, answer=errno.ENOENT)
MIB = 2**20


def told(findings: Any) -> list[tuple[str, str]]:
    """Codes and severities; each finding must be complete."""
    found: list[Finding] = list(findings)
    assert all(each.subject and each.found and each.why and each.mend for each in found)
    return [(each.code, each.severity.value) for each in found]


@pytest.mark.parametrize(
    ("changes", "code", "mend"),
    [
        ({"is_capable": False}, "no_capability", "AmbientCapabilities=CAP_SYS_ADMIN"),
        ({"is_capable": False, "may_become_capable": False}, "no_capability", "CapabilityBoundingSet=CAP_SYS_ADMIN"),
        ({"in_user_namespace": True}, "user_namespace", "PrivateUsers=no"),
        ({"answer": errno.EPERM}, "quotactl_filtered", "SystemCallFilter=quotactl"),
        ({"answer": -31}, "quotactl_filtered", "SystemCallFilter=quotactl"),
        ({"answer": errno.ENOSYS}, "quotactl_missing", "SystemCallFilter=quotactl"),
    ],
)
def test_what_a_process_lacks(changes: dict[str, Any], code: str, mend: str) -> None:
    lacking = Process(**{name: getattr(WELL, name) for name in WELL.__slots__} | changes)
    [finding] = process.of_process(lacking)
    assert (finding.code, finding.severity) == (code, Severity.ERROR)
    assert mend in finding.mend
    assert list(process.of_process(WELL)) == []
    without_quotactl = [each.code for each in process.of_process(lacking, asks_quotactl=False)]
    assert without_quotactl == [code] * (not code.startswith("quotactl")), (
        "Btrfs needs the capability and no quotactl(2)"
    )


def test_this_process_is_seen() -> None:
    found = process.look_at_process()
    assert found.answer == errno.ENOENT, "quotactl(2) is not filtered here"
    status = Path("/proc/self/status").read_text()
    effective = next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapEff"))
    assert found.is_capable == bool(effective & 1 << 21)


@pytest.mark.parametrize(
    ("seconds", "codes"), [(0, []), (30, []), (-30, []), (31, ["clock_off"]), (-31, ["clock_off"])]
)
def test_a_clock_may_differ_by_half_a_minute(seconds: float, codes: list[str]) -> None:
    found = list(clock.of_difference("http://master", seconds))
    assert [each.code for each in found] == codes
    if found:
        assert ("31 seconds ahead of" if seconds > 0 else "31 seconds behind") in found[0].found
        assert found[0].mend.startswith("timedatectl set-ntp true")


def test_a_clock_that_nobody_keeps_right() -> None:
    assert told(clock.of_synchronisation(is_synchronised=True)) == []
    assert told(clock.of_synchronisation(is_synchronised=False)) == [("clock_unsynchronised", "warning")]


@pytest.mark.parametrize(
    ("mode", "is_open"),
    [(0o600, False), (0o640, False), (0o400, False), (0o644, True), (0o604, True), (0o660, True), (0o602, True)],
)
def test_who_may_read_and_write_the_settings(mode: int, is_open: bool) -> None:
    found = list(settings_file.of_mode(FILE, 0o100000 | mode))
    assert [(each.code, each.severity) for each in found] == [("settings_open", Severity.ERROR)] * is_open
    assert all(each.mend == "chmod o-rwx,g-w '/etc/qman/my config.json'" for each in found)


def keys_told(**changes: Any) -> list[tuple[str, str]]:
    good = [{"id": scope, "secret": scope * 10, "scope": scope} for scope in ("read", "write")]
    values = {"SLAVE_HOST_ID": "h", "API_KEYS": good, **changes}
    return told(settings_file.of_keys(FILE, load_slave_settings(FILE, values, {})))


def test_keys_that_everybody_knows_and_keys_that_are_missing() -> None:
    read = {"id": "r", "secret": "example-read-secret-of-server1-0123456789abcdef", "scope": "read"}
    url = "http://127.0.0.1:8436/api/internal/slave-events"
    assert keys_told() == []
    assert keys_told(API_KEYS=[read]) == [("example_key", "warning"), ("no_write_key", "warning")]
    assert keys_told(MASTER_EVENT_CALLBACK_URL=url) == [("no_event_key", "error")]
    assert keys_told(MASTER_EVENT_CALLBACK_URL=url, MASTER_EVENT_CALLBACK_SECRET="x" * 40) == []
    assert keys_told(MASTER_EVENT_CALLBACK_SECRET="example" * 10) == [("example_key", "warning")]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer.SLAVE, []),
        (Answer.NOBODY, [("slave_not_running", "warning")]),
        (Answer.SOMETHING_ELSE, [("port_taken", "error")]),
        (Answer.SILENCE, [("slave_silent", "error")]),
    ],
)
def test_what_has_the_port(answer: Answer, expected: list[tuple[str, str]]) -> None:
    assert told(server.of_server(Server("0.0.0.0", 8437, answer), FILE)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"revision": None}, []),
        ({"has_folder": False}, [("database_folder_missing", "error")]),
        ({"unwritable": Path("/srv/q")}, [("database_not_writable", "error")]),
        ({"problem": "not a database"}, [("database_unreadable", "error")]),
        ({"free_bytes": 64 * MIB - 1}, [("database_disk_full", "warning")]),
        ({"free_bytes": 0}, [("database_disk_full", "error")]),
        ({"revision": "0001"}, [("database_of_older_version", "warning")]),
        ({"revision": "0010"}, [("database_of_newer_version", "error")]),
    ],
)
def test_what_ails_the_database(changes: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    well: dict[str, Any] = {"free_bytes": 64 * MIB, "total_bytes": 10**12, "revision": "0009", "newest": "0009"}
    assert told(database.of_database(Inspected("q.sqlite", Path("/srv"), **well | changes))) == expected


@pytest.mark.parametrize(
    ("answer", "code", "mend"),
    [
        (errno.EACCES, "docker_forbidden", "usermod -aG docker qman"),
        (errno.ENOENT, "docker_unreachable", "systemctl enable --now docker"),
        (errno.ECONNREFUSED, "docker_unreachable", "systemctl enable --now docker"),
        (errno.ETIMEDOUT, "docker_unreachable", "systemctl enable --now docker"),
    ],
)
def test_dockers_socket(answer: int, code: str, mend: str) -> None:
    [finding] = docker.of_docker(docker.Docker("/run/d.sock", answer, "qman", "/var/lib/docker", has_root=True))
    assert (finding.code, finding.mend.partition("   #")[0]) == (code, mend)


def test_dockers_store() -> None:
    missing = docker.Docker("/run/d.sock", 0, "qman", "/data", has_root=False)
    assert told(docker.of_docker(missing)) == [("docker_root_missing", "error")]
    assert told(docker.of_docker(docker.Docker("/run/d.sock", 0, "qman", "/data", has_root=True))) == []


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (Zfs((("tank", "ONLINE"),), frozenset({"tank", "tank/home"})), []),
        (Zfs((("tank", "DEGRADED"),), frozenset({"tank", "tank/home"})), []),
        (Zfs(is_missing=True, problem="zpool is not installed"), ["zfs_missing"]),
        (Zfs(problem="zfs failed with status 1: Permission denied"), ["zfs_fails"]),
        (Zfs((("tank", "SUSPENDED"),)), ["zfs_pool_bad"]),
        (Zfs((("tank", "ONLINE"),), frozenset({"tank"})), ["zfs_dataset_missing"]),
        (Zfs((("rpool", "SUSPENDED"), ("tank", "ONLINE"))), ["zfs_pool_bad", "zfs_dataset_missing"]),
    ],
)
def test_zfs(found: Zfs, expected: list[str]) -> None:
    assert [code for code, _ in told(zfs.of_zfs(found, ["tank/home"]))] == expected


def test_pools_are_read_as_columns() -> None:
    assert zfs.parsed(b"tank\tONLINE\nrpool\tSUSPENDED\n\n") == (("tank", "ONLINE"), ("rpool", "SUSPENDED"))


def test_roots_of_areas() -> None:
    assert told(areas.of_root(areas.Root("a", "/srv/a", is_directory=True, is_writable=True))) == []
    missing = areas.Root("a", "/srv/a", is_directory=False, is_writable=False)
    assert told(areas.of_root(missing)) == [("area_root_missing", "error")]
    closed = areas.Root("a", "/srv/a", is_directory=True, is_writable=False)
    assert told(areas.of_root(closed)) == [("area_root_not_writable", "error")]


def test_a_slow_user_database() -> None:
    assert told(names.of_duration(0.1)) == []
    assert told(names.of_duration(0.6)) == [("names_slow", "warning")]
