"""A machine prepared wrongly in many ways: the doctor names each, and the command that it prints mends it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from app.quota.errors import DeviceTimeoutError
from app.slave.doctor.apart import run_apart
from tests.fakes.ports import free_port
from tests.system.kernel import scratch
from tests.system.kernel.rig import RigFilesystem
from tests.system.stack.programs import ROOT

pytestmark = pytest.mark.timeout(400)

Findings = dict[tuple[str, str], dict[str, Any]]
EXAMPLE = "example-read-secret-of-server1-0123456789abcdef"
NO_TOOLS = "/usr/bin:/bin"
"""A PATH without those of ZFS, which stand in /usr/sbin where they are installed."""


def settings_file(folder: Path, mode: int = 0o600, **changes: Any) -> Path:
    """Settings that are right, but for the changes."""
    keys = [{"id": scope, "secret": scope * 10, "scope": scope} for scope in ("read", "write")]
    file = folder / "config.slave.json"
    values = {"SLAVE_HOST_ID": "rig", "PORT": free_port(), "API_KEYS": keys}
    file.write_text(json.dumps(values | {"DATABASE_URL": f"sqlite:///{folder}/slave.sqlite"} | changes))
    file.chmod(mode)
    return file


def doctor(file: Path, *wrapper: str) -> Findings:
    """What it finds, by code and subject, but for names that come slowly: that is the load of this machine."""
    command = [*wrapper, sys.executable, "-m", "app.cli", "doctor", "--json", "--config", str(file)]
    environment = {"PATH": NO_TOOLS, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(command, env=environment, stdout=subprocess.PIPE, timeout=120, check=False, cwd=ROOT)
    found = json.loads(ended.stdout)
    assert ended.returncode == (1 if found else 0)
    return {(each["code"], each["subject"]): each for each in found if each["code"] != "names_slow"}


def mended_by(finding: dict[str, Any]) -> None:
    """Run the printed command, as root in a shell."""
    subprocess.run(["bash", "-ec", finding["mend"]], check=True, timeout=60)


@pytest.fixture
def disks(tmp_path: Path) -> Iterator[list[str]]:
    """Two loop devices."""
    with ExitStack() as stack:
        folders = [tmp_path / name for name in ("one", "two")]
        for folder in folders:
            folder.mkdir()
        yield [stack.enter_context(scratch.loop_device(folder)) for folder in folders]


@pytest.fixture
def stranger() -> Iterator[int]:
    """A web server that is no slave; gives its port."""
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as serving:
        thread = Thread(target=serving.serve_forever)
        thread.start()
        yield serving.server_port
        serving.shutdown()
        thread.join()


def test_a_machine_that_is_right_has_no_errors(tmp_path: Path, ext4: RigFilesystem, xfs: RigFilesystem) -> None:
    (tmp_path / "area").mkdir()
    area = {"name": "images", "roots": {"images": str(tmp_path / "area")}}
    found = doctor(settings_file(tmp_path, STORAGE_AREAS=[area]))
    assert {each["severity"] for each in found.values()} <= {"warning"}
    assert {code for code, _ in found} == {"slave_not_running", "clock_unsynchronised"}, "nothing sets the rig's clock"


def test_quotas_that_are_off_are_named_and_switched_on_by_what_is_printed(
    tmp_path: Path, disks: list[str], ext4: RigFilesystem, xfs: RigFilesystem
) -> None:
    files, bare = disks
    for disk in disks:
        scratch.make_ext4(disk, "-O", "^quota")
    with (
        xfs.mounted_with("uqnoenforce,gquota,pquota"),
        scratch.mounted(files, tmp_path / "my files", "usrjquota=aquota.user,jqfmt=vfsv1"),
        scratch.mounted(bare, tmp_path / "bare", "rw"),
    ):
        ext4.run("quotaoff", "-u", ext4.mount_point)
        file = settings_file(tmp_path)
        found = doctor(file)
        expected = {
            ("quota_not_enforced", ext4.device): f"quotaon -u {ext4.mount_point}",
            ("quota_not_enforced", xfs.device): f"xfs_quota -x -c 'enable -u' {xfs.mount_point}",
            ("quota_off", files): f"quotacheck -ucm '{tmp_path}/my files' && quotaon -u '{tmp_path}/my files'",
            ("filesystem_without_quotas", bare): f"umount {tmp_path}/bare && tune2fs -O quota {bare}"
            f" && mount -o usrquota {bare} {tmp_path}/bare",
        }
        named = {key: each["mend"].partition("   #")[0] for key, each in found.items()}
        assert expected.items() <= named.items(), named
        for key in expected:
            mended_by(found[key])
        after = doctor(file)
        assert after.keys() & expected.keys() == set()
        assert {each["severity"] for each in after.values()} == {"warning"}
        assert ("ext4_without_quota_feature", files) in after, "mended, and better with the feature"


def full_of_mistakes(folder: Path, port: int) -> Path:
    """Settings of a host where hardly anything is as it should be."""
    return settings_file(
        folder,
        0o644,
        API_KEYS=[{"id": "r", "secret": EXAMPLE, "scope": "read"}],
        PORT=port,
        DATABASE_URL=f"sqlite:///{folder}/full/slave.sqlite",
        USE_ZFS=True,
        USE_DOCKER_QUOTA=True,
        DOCKER_HOST=f"unix://{folder}/docker.sock",
        DOCKER_DATA_ROOT=f"{folder}/no-docker",
        STORAGE_AREAS=[{"name": "images", "roots": {"images": f"{folder}/area"}}],
        MASTER_EVENT_CALLBACK_URL=f"http://127.0.0.1:{free_port()}/api/internal/slave-events",
    )


def test_the_other_mistakes_are_named_all_at_once(tmp_path: Path, stranger: int, ext4: RigFilesystem) -> None:
    database, file = tmp_path / "full", full_of_mistakes(tmp_path, stranger)
    database.mkdir()
    ext4.run("mount", "-t", "tmpfs", "-o", "size=256k,ro", "tmpfs", str(database))
    try:
        found = doctor(file, "setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin")
    finally:
        ext4.run("umount", str(database))
    expected = {
        ("no_capability", "this process"): "AmbientCapabilities=CAP_SYS_ADMIN",
        ("settings_open", str(file)): f"chmod o-rwx,g-w {file}",
        ("example_key", str(file)): "secrets.token_urlsafe",
        ("no_write_key", str(file)): "secrets.token_urlsafe",
        ("no_event_key", str(file)): "secrets.token_urlsafe",
        ("port_taken", f"127.0.0.1:{stranger}"): f"ss -ltnp 'sport = :{stranger}'",
        ("database_not_writable", f"{database}/slave.sqlite"): "mount -o remount,rw",
        ("database_disk_full", f"{database}/slave.sqlite"): f"du -xh --max-depth 1 {database}",
        ("zfs_missing", "zfs"): "apt-get install zfsutils-linux",
        ("docker_unreachable", f"{tmp_path}/docker.sock"): "systemctl enable --now docker",
        ("docker_root_missing", f"{tmp_path}/no-docker"): "DOCKER_DATA_ROOT",
        ("area_root_missing", f"{tmp_path}/area"): f"mkdir -p {tmp_path}/area",
        ("clock_unsynchronised", "clock"): "timedatectl set-ntp true",
        ("master_unreachable", "master"): "curl -v http://127.0.0.1:",
    }
    assert found.keys() == expected.keys()
    assert all(mend in found[key]["mend"] for key, mend in expected.items())
    mendable = {("settings_open", str(file)), ("area_root_missing", f"{tmp_path}/area")}
    for key in mendable:
        mended_by(found[key])
    assert doctor(file).keys() & (mendable | {("no_capability", "this process")}) == set()


def test_what_the_kernel_holds_holds_up_nobody(tmp_path: Path, ext4: RigFilesystem) -> None:
    """A thread that writes on a frozen filesystem cannot be killed, and its process neither."""
    ext4.run("fsfreeze", "--freeze", ext4.mount_point)
    try:
        began_at = time.monotonic()
        with pytest.raises(DeviceTimeoutError):
            run_apart(lambda: bytes(Path(ext4.mount_point, "frozen").write_bytes(b"x")), 2)
        assert time.monotonic() - began_at < 20
    finally:
        ext4.run("fsfreeze", "--unfreeze", ext4.mount_point)
    os.waitpid(-1, 0)


def test_a_read_only_ext4_is_made_writable_again(tmp_path: Path, ext4: RigFilesystem) -> None:
    ext4.run("mount", "-o", "remount,ro", ext4.mount_point)
    file = settings_file(tmp_path)
    finding = doctor(file)["quota_off", ext4.device]
    assert finding["mend"] == f"mount -o remount,rw {ext4.mount_point}"
    mended_by(finding)
    assert ("quota_off", ext4.device) not in doctor(file)
