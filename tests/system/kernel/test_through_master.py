"""The whole way: a limit set by the master on real ext4 and XFS is what repquota prints and what stops a writer."""

import errno
from collections.abc import Iterator
from typing import Any

import pytest

from app.quota.units import MIB
from tests.system.kernel.conftest import rig_filesystem
from tests.system.kernel.rig import RigFilesystem
from tests.system.stack.people import CHARLIE, Person
from tests.system.stack.programs import Program, copy_checkout, free_port, wait_until
from tests.system.stack.settings import entry, key, master, oauth, write_json

ROUND_SECONDS = 30


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """An admin of a master that reads a slave of this machine."""
    checkout = copy_checkout(tmp_path_factory.mktemp("checkout"))
    port, slave_port, provider_port = free_port(), free_port(), free_port()
    keys = [key("rig", scope) | {"scope": scope} for scope in ("read", "write")]
    slave = {"ROLE": "slave", "SLAVE_HOST_ID": "rig", "PORT": slave_port, "API_KEYS": keys, "READ_INTERVAL_SECONDS": 1}
    write_json(checkout / "config.slave.json", slave)
    write_json(checkout / "config.json", master(port, [entry("rig", f"http://127.0.0.1:{slave_port}")]))
    write_json(checkout / "oauth.config.json", oauth(provider_port, port))
    provider_command = f"python -m app.auth.mock_provider --port {provider_port} --config oauth.mock.config.json"
    with (
        Program("CONFIG_PATH=config.slave.json python run.py", checkout) as server,
        Program(provider_command, checkout) as provider,
        Program("python run.py", checkout) as master_server,
    ):
        server.wait_for(f"http://127.0.0.1:{slave_port}/remote-api/ping", 60)
        provider.wait_for(f"http://localhost:{provider_port}/.well-known/openid-configuration", 60)
        master_server.wait_for(f"http://127.0.0.1:{port}/api/health", 60)
        admin = Person(port, CHARLIE)
        wait_until(lambda: admin.get("/api/rows")["total"], 60, "the host is read")
        yield admin


def row_of(admin: Person, filesystem: RigFilesystem, uid: int) -> dict[str, Any]:
    """The row as the master has it, by now."""
    items = admin.get("/api/rows", host="rig", device=filesystem.device, page_size="500")["items"]
    return next((row for row in items if row["id"] == uid), {})


@pytest.mark.parametrize("fstype", ["ext4", "xfs"])
def test_a_limit_set_by_the_master_is_the_kernels(admin: Person, fstype: str, fresh_id: int) -> None:
    filesystem, uid = rig_filesystem(fstype), fresh_id
    limits = {"block_soft_limit": 1024, "block_hard_limit": 4096, "inode_soft_limit": 10, "inode_hard_limit": 20}
    answer = admin.put(f"/api/quotas/rig/users/{uid}", limits | {"reason": "by a test"}, device=filesystem.device)
    assert answer.status_code == 200, answer.text
    assert {name: answer.json()["row"][name] for name in limits} == limits

    reported = filesystem.report()[uid]
    said = [int(reported[column]) for column in ("BlockSoftLimit", "BlockHardLimit", "FileSoftLimit", "FileHardLimit")]
    assert said == list(limits.values())

    assert filesystem.write_as(uid, 8 * MIB) == errno.EDQUOT
    filesystem.run("sync")
    wait_until(
        lambda: row_of(admin, filesystem, uid).get("block_time_limit"),
        ROUND_SECONDS,
        "the master has heard of the usage",
    )
    row = row_of(admin, filesystem, uid)
    assert row["block_time_limit"] == int(filesystem.report()[uid]["BlockGrace"])
    assert row["block_current"] <= 4 * MIB
    assert row["status"] in {"soft_exceeded", "hard_reached"}

    newest = admin.get("/api/admin/audit", host="rig", target=str(uid))["items"][0]
    assert (newest["id"], newest["outcome"]) == (answer.json()["audit_id"], "applied")
    assert newest["after"]["block_hard_limit"] == 4096
