"""The build cache of a real dockerd: how old it is, whether it is in use, and who was building when it was made."""

import grp
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.db.engine import Database
from app.docker_quota.building import moment_of
from app.docker_quota.engine import SdkEngine
from app.docker_quota.entries import Entry
from app.docker_quota.objects import ObjectKind
from app.docker_quota.values import Certainty, Method
from app.quota.clock import utc_now
from tests.fakes.docker_rig import IMAGE, DockerRig
from tests.fakes.proxy_process import DEBIANS, SECONDS, ProxyProcess, as_user, docker
from tests.fakes.real_docker_ledger import RealLedger

ALICE, BOB = 21_100, 21_101
MIB = 2**20
STAGES = f"""FROM {IMAGE} AS first
RUN dd if=/dev/urandom of=/%s bs=1M count=3; sync
FROM {IMAGE}
COPY --from=first /bin/sh /%s-sh
RUN --mount=type=cache,target=/kept dd if=/dev/urandom of=/kept/%s bs=1M count=1; sync; %s
"""


@dataclass
class Site:
    """A proxy before the rig's dockerd, and the ledger that is kept beside."""

    rig: DockerRig
    proxy: ProxyProcess
    kept: RealLedger

    def context(self, name: str, command: str = ":") -> Path:
        """Of a build in two stages, of which the first stays in the cache alone."""
        folder = self.proxy.folder / f"context-{name}"
        folder.mkdir(mode=0o755)
        (folder / "Dockerfile").write_text(STAGES % (name, name, name, command))
        return folder

    def build(self, socket: Path, name: str) -> None:
        told = docker(socket, "build", "-q", "--network", "none", str(self.context(name)), DOCKER_BUILDKIT="1")
        assert told[0] == 0, told

    def build_as(self, uid: int, name: str, command: str = ":") -> None:
        group = grp.getgrnam("docker").gr_gid
        arguments = ("build", "-q", "--network", "none", str(self.context(name, command)))

        def ask() -> tuple[int, bytes, bytes]:
            return self.proxy.docker(*arguments, DOCKER_BUILDKIT="1", DOCKER_CONFIG=os.devnull)

        told = as_user(uid, group, ask)()
        assert told[0] == 0, told

    def look(self) -> dict[str, Entry]:
        """The records that the engine told of, by id."""
        assert self.kept.keeper.look() == "ok"
        return {entry.id: entry for entry in self.kept.entries(ObjectKind.CACHE) if "created_ns" in entry.facts}

    def look_until(self, is_so: Callable[[list[str]], bool]) -> None:
        """Until the records that are in use are as they should be."""
        deadline = time.monotonic() + SECONDS
        while not is_so([its for its, entry in self.look().items() if entry.facts["in_use"]]):
            assert time.monotonic() < deadline


@pytest.fixture
def site(rig: DockerRig, engine: SdkEngine) -> Iterator[Site]:
    folder = rig.folder / "builders"
    with ProxyProcess(folder, rig.socket) as proxy:
        database = Database(f"sqlite:///{folder}/qman-slave-h.sqlite")
        proxy.docker("ps")
        yield Site(rig, proxy, RealLedger(database, engine))
    shutil.rmtree(folder)


def test_records_are_whose_who_built_alone_and_eithers_of_two(site: Site) -> None:
    began_at = utc_now()
    site.build(site.rig.socket, "past-the-proxy")
    nobodys = site.look()
    assert {each.attribution.method for each in nobodys.values()} == {Method.NONE}
    site.build_as(ALICE, "alices")
    alices = {its: each for its, each in site.look().items() if its not in nobodys}
    assert {(each.attribution.uid, each.attribution.certainty) for each in alices.values()} == {
        (ALICE, Certainty.PROBABLE)
    }
    assert sum(each.bytes for each in alices.values()) >= 3 * MIB  # the first stage
    assert all(began_at <= moment_of(each.facts["created_ns"]) <= utc_now() for each in alices.values())
    assert {each.facts["in_use"] for each in alices.values()} == {False}
    both = [
        threading.Thread(target=site.build_as, args=(uid, name, "sleep 3")) for uid, name in ((ALICE, "a"), (BOB, "b"))
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    found = site.look()
    new = [each.attribution for its, each in found.items() if its not in {**nobodys, **alices}]
    assert new
    assert Certainty.CERTAIN not in {each.certainty for each in new}
    eithers = [each for each in new if each.certainty is Certainty.AMBIGUOUS]
    assert {each.uid for its in eithers for each in its.candidates} == {ALICE, BOB}
    assert {its: found[its].attribution for its in alices} == {its: each.attribution for its, each in alices.items()}
    site.kept.assert_all_adds_up(site.rig)


def test_one_that_a_build_has_now_is_in_use(site: Site) -> None:
    site.build(site.rig.socket, "first")
    assert {entry.facts["in_use"] for entry in site.look().values()} == {False}
    folder = site.context("second", "sleep 1000")
    command = [DEBIANS, "-H", f"unix://{site.rig.socket}", "build", "-q", "--network", "none", str(folder)]
    building = subprocess.Popen(command, env={**os.environ, "DOCKER_BUILDKIT": "1"}, stdout=subprocess.DEVNULL)
    try:
        site.look_until(lambda in_use: len(in_use) > 0)
    finally:
        building.kill()
        building.wait(SECONDS)
    site.look_until(lambda in_use: not in_use)
