"""The ledger of a real dockerd: whose its things are, what they take, and nothing lost when it stops."""

import time
from datetime import timedelta
from pathlib import Path

import pytest

from app.bootstrap.docker import measure_at
from app.db.engine import Database
from app.docker_quota.attributing import Evidences
from app.docker_quota.backend import DockerBackend
from app.docker_quota.engine import SdkEngine
from app.docker_quota.entries import Entry
from app.docker_quota.keeping import LedgerKeeper
from app.docker_quota.ledger import Holder, Ledger
from app.docker_quota.objects import ObjectKind
from app.docker_quota.rounds import LedgerRounds
from app.docker_quota.values import Candidate
from app.docker_quota.words import Saying
from app.quota.clock import utc_now
from app.quota.values import Quota, QuotaType
from tests.fakes.docker_ledger import names_of, uids_of
from tests.fakes.docker_rig import DockerRig
from tests.fakes.slave_app import empty_database

MIB = 2**20
ALICE, BOB = 1000, 1001
PATIENCE_SECONDS = 60


class RealLedger:
    """The ledger of the rig's engine, kept by the test's turns."""

    def __init__(self, database: Database, engine: SdkEngine) -> None:
        self.ledger = Ledger(database)
        evidences = Evidences(database, uids_of, names_of, trust_labels=True)
        holder = Holder("the test", timedelta(seconds=60))
        keeper = LedgerKeeper(engine, measure_at(None, engine), self.ledger, evidences.gather, utc_now, holder)
        self.rounds = LedgerRounds(engine, keeper)
        self.keeper = keeper
        self.backend = DockerBackend(self.ledger)

    def quota(self, uid: int) -> Quota:
        return self.backend.get_quota("docker", QuotaType.USER, uid)

    def entries(self, kind: ObjectKind) -> list[Entry]:
        return [entry for entry in self.ledger.entries().values() if entry.kind is kind]

    def turn_until_looked(self) -> str:
        ends = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < ends:
            if (outcome := self.rounds.turn(0.1)) is not None:
                return outcome
        raise AssertionError("nothing made it look")

    def assert_all_adds_up(self, rig: DockerRig) -> None:
        """To what du says, within 1 %."""
        usage, reference = self.backend.get_usage("docker"), rig.du()
        rows = self.backend.iter_quotas("docker", QuotaType.USER)
        assert usage.used == sum(row.block.used for row in rows) + (usage.unattributed or 0)
        assert abs(usage.used - reference) <= reference / 100


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


def test_a_burst_leaves_the_ledger_as_a_fresh_count(rig: DockerRig, kept: RealLedger, tmp_path: Path) -> None:
    for number in range(60):
        rig.docker("volume", "create", f"v{number}")
    for number in range(0, 60, 2):
        rig.docker("volume", "rm", f"v{number}")
    left = {f"v{number}" for number in range(1, 60, 2)}
    ends = time.monotonic() + PATIENCE_SECONDS
    while {entry.id for entry in kept.entries(ObjectKind.VOLUME)} != left:
        assert time.monotonic() < ends, "the ledger never followed"
        kept.rounds.turn(0.1)
    (tmp_path / "fresh").mkdir()
    fresh = RealLedger(empty_database(tmp_path / "fresh"), SdkEngine(rig.host))
    fresh.turn_until_looked()
    volumes = [sorted((entry.id, entry.bytes) for entry in each.entries(ObjectKind.VOLUME)) for each in (kept, fresh)]
    assert volumes[0] == volumes[1]
    kept.assert_all_adds_up(rig)
