"""The ledger of a real dockerd: whose its things are, what they take, and nothing lost when it stops."""

from pathlib import Path

import pytest

from app.docker_quota.engine import SdkEngine
from app.docker_quota.objects import ObjectKind
from app.docker_quota.values import Candidate
from app.docker_quota.words import Saying
from app.quota.clock import utc_now
from tests.fakes.docker_rig import DockerRig
from tests.fakes.real_docker_ledger import RealLedger
from tests.fakes.slave_app import empty_database

MIB = 2**20
ALICE, BOB = 1000, 1001


@pytest.fixture
def kept(rig: DockerRig, engine: SdkEngine, tmp_path: Path) -> RealLedger:
    made = RealLedger(empty_database(tmp_path), engine)
    assert made.turn_until_looked() == "ok"
    return made


def by(user: str) -> str:
    return f"--label=qman.user={user}"


def written(megabytes: int, file: str = "/data") -> str:
    return f"dd if=/dev/urandom of={file} bs=1M count={megabytes}; sync"


def test_shares_are_what_users_wrote(rig: DockerRig, kept: RealLedger) -> None:
    base = rig.run(written(3))
    rig.docker("commit", "-c", "LABEL qman.user=bob", base, "bobs")
    rig.docker("rm", base)
    rig.run(
        written(5) + "; head -c 2000000 /dev/zero | tr '\\0' x | fold; " + written(4, "/v/file"),
        by("alice"),
        "-v=shared:/v",
    )
    rig.run(written(2, "/v/other"), by("bob"), "-v=shared:/v:ro", "-v=own:/own")
    rig.run(written(6))
    assert kept.turn_until_looked() == "ok"
    alice, bob = kept.quota(ALICE), kept.quota(BOB)
    assert 7 * MIB <= alice.parts["container"] <= 11 * MIB
    assert 4 * MIB <= alice.parts["volume"] <= 4.1 * MIB
    assert 3 * MIB <= bob.parts["image_layer"] <= 3.2 * MIB
    assert bob.parts["volume"] < 0.1 * MIB
    kept.assert_all_adds_up(rig)


def test_what_grows_without_an_event_is_seen_by_the_next_look(rig: DockerRig, kept: RealLedger) -> None:
    its = rig.start("while [ ! -e /go ]; do :; done; " + written(5) + "; touch /done; exec sleep 100", by("alice"))
    assert kept.turn_until_looked() == "ok"
    assert kept.quota(ALICE).block.used < MIB
    rig.docker("exec", its, "sh", "-c", "touch /go; while [ ! -e /done ]; do :; done")
    assert kept.keeper.look() == "ok"
    assert kept.quota(ALICE).block.used > 5 * MIB
    kept.assert_all_adds_up(rig)


def test_a_stopped_dockerd_loses_nothing_and_coming_back_finds_all(rig: DockerRig, kept: RealLedger) -> None:
    its, other = rig.create(by("alice")), rig.create(by("alice"))
    rig.docker("volume", "create", "data")
    assert kept.turn_until_looked() == "ok"
    entry = kept.ledger.entries()[ObjectKind.CONTAINER, its]
    kept.ledger.override(entry, Candidate(BOB, "bob"), Saying("root", "asked", utc_now()))
    rig.docker("volume", "create", "another")
    assert kept.turn_until_looked() == "ok"
    before = kept.ledger.entries()
    assert before[ObjectKind.CONTAINER, its].attribution.uid == BOB
    rig.stop()
    assert kept.turn_until_looked() == "stopped"
    assert kept.ledger.entries() == before
    rig.up()
    rig.docker("rm", other)
    assert kept.turn_until_looked() == "ok"
    after = kept.ledger.entries()
    assert before.keys() - after.keys() == {(ObjectKind.CONTAINER, other)}
    assert {key: entry.attribution for key, entry in before.items() if key in after} == {
        key: entry.attribution for key, entry in after.items()
    }
