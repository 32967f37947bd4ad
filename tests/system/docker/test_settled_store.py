"""A store that is measured again and again says what a first look would, whatever dockerd did to what was settled."""

import subprocess
import time
from pathlib import Path

import pytest

from app.docker_quota.settled import Settled
from app.docker_quota.store import LayerStore
from tests.fakes.docker_rig import IMAGE, DockerRig

SECONDS = 30
WRITES = "dd if=/dev/urandom of=/%s bs=1M count=2 2>/dev/null; sync"


class Looks:
    """One store that remembers, beside new ones that do not."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.settled = Settled()
        self.store = LayerStore(root, settled=self.settled)

    def settle(self, mount_id: str) -> None:
        """Looks until this one is settled: a second after it was last changed."""
        deadline = time.monotonic() + SECONDS
        while ("overlay2", mount_id) not in self.settled.remembered():
            assert time.monotonic() < deadline
            self.store.measure()

    def of(self, container: str) -> int:
        """What it takes now, in MiB, as of both."""
        remembering, fresh = self.store.measure(), LayerStore(self.root).measure()
        assert remembering == fresh
        return round(remembering.containers[container].bytes / 2**20)


@pytest.fixture
def looks(rig: DockerRig) -> Looks:
    return Looks(rig.root)


def test_each_way_to_write_into_a_container_is_seen(rig: DockerRig, looks: Looks, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 3 * 2**20)
    its = rig.docker("create", "--name", "web", "--network", "none", IMAGE, "sleep", "1000")
    mount_id = (rig.root / "image/overlay2/layerdb/mounts" / its / "mount-id").read_text()
    looks.settle(mount_id)
    assert looks.of(its) == 0
    rig.docker("cp", str(tmp_path / "file"), "web:/copied")
    subprocess.run(["sync", "-f", rig.root], check=True)
    assert looks.of(its) == 3
    looks.settle(mount_id)
    rig.docker("start", "web")
    for name, size in (("one", 5), ("two", 7)):
        rig.docker("exec", "web", "sh", "-c", WRITES % name)
        assert looks.of(its) == size
    rig.docker("stop", "-t", "0", "web")
    looks.settle(mount_id)
    assert looks.of(its) == 7
    rig.docker("start", "web")
    rig.docker("exec", "web", "rm", "/copied")
    rig.docker("kill", "web")
    assert looks.of(its) == 4
    rig.docker("commit", "web", "web:1")
    assert looks.of(its) == 4
    again = rig.create(image="web:1")
    rig.docker("rm", "web")
    assert looks.of(again) == 0
