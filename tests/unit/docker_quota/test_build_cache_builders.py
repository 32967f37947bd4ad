"""Whose a record of the build cache is: by who was building when it was made, and never certainly."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.db.repositories.docker_journal import DockerJournalRepository, JournalEntry
from app.docker_quota.building import Build, builders_at
from app.docker_quota.objects import CacheRecord, ObjectKind
from app.docker_quota.values import Candidate
from app.docker_quota.words import Saying
from tests.fakes.docker_ledger import KeptLedger, names_of
from tests.fakes.slave_app import NOON

ALICE, BOB = Candidate(1000, "alice"), Candidate(1001, "bob")
ALICES, BOBS, NOBODYS = (1000, "proxy", "probable"), (1001, "proxy", "probable"), (None, "none", "unknown")
EITHERS = (None, "proxy", "ambiguous")
RECORD = "record000000000000000000a"


class Built(KeptLedger):
    """A ledger with builds, in seconds from noon."""

    def build(self, uid: int | None, begins: float, ends: float | None) -> None:
        its_id, began_at = f"{uid} {begins}", NOON + timedelta(seconds=begins)
        name = None if uid is None else names_of([uid])[uid]
        begun = JournalEntry("build", its_id, uid, name, uid or 0, None, 1, None, began_at, began_at)
        entries = [begun]
        if ends is not None:
            at = NOON + timedelta(seconds=ends)
            entries.append(JournalEntry("build", its_id, uid, name, uid or 0, None, 1, None, began_at, at))
        with self.database.write() as connection:
            DockerJournalRepository(connection).append(entries)

    def make(self, at: float, its_id: str = RECORD) -> None:
        created_ns = int((NOON + timedelta(seconds=at)).timestamp() * 10**9)
        self.engine.cache[its_id] = CacheRecord(created_ns, None, in_use=False, shared=False, usage_count=1)
        self.store.cache[its_id] = 700

    def whose(self) -> tuple[int | None, str, str]:
        return self.owner(ObjectKind.CACHE, RECORD)

    def candidates(self) -> list[int]:
        return [each.uid for each in self.entry(ObjectKind.CACHE, RECORD).attribution.candidates]


@pytest.fixture
def kept(tmp_path: Path) -> Built:
    return Built(tmp_path)


def test_of_whom_was_building_alone_it_is_probably(kept: Built) -> None:
    kept.build(1000, 0, 10)
    kept.build(1001, 60, 70)
    kept.make(5)
    kept.look()
    assert kept.whose() == ALICES


def test_of_two_at_the_same_time_it_may_be_eithers(kept: Built) -> None:
    kept.build(1000, 0, 10)
    kept.build(1001, 4, 30)
    kept.make(5)
    kept.look()
    assert (kept.whose(), kept.candidates()) == (EITHERS, [1000, 1001])


def test_of_one_who_is_still_building_too(kept: Built) -> None:
    """The end of a build that goes on is in no journal: of a long one everything would be its neighbours'."""
    kept.build(1000, 0, None)
    kept.build(1001, 4, 6)
    kept.make(5)
    kept.look()
    assert (kept.whose(), kept.candidates()) == (EITHERS, [1000, 1001])


def test_when_nobody_was_building_it_is_nobodys(kept: Built) -> None:
    kept.build(1000, 0, 10)
    kept.make(60)
    kept.look()
    assert kept.whose() == NOBODYS


def test_while_nobody_knows_when_it_was_made_it_is_nobodys(kept: Built) -> None:
    kept.build(1000, 0, 10)
    kept.make(5)
    told = kept.engine.cache.pop(RECORD)
    kept.look()
    assert kept.whose() == NOBODYS
    kept.clock.advance(7200)
    kept.engine.cache[RECORD] = told
    kept.look()
    assert kept.whose() == ALICES


def test_one_who_cannot_be_named_is_a_doubt(kept: Built) -> None:
    kept.build(None, 0, 10)
    kept.make(5)
    kept.look()
    assert kept.whose() == NOBODYS
    kept.build(1000, 3, 10)
    kept.look()
    assert (kept.whose(), kept.candidates()) == (EITHERS, [1000])
    kept.clock.advance(7200)
    kept.look()
    assert (kept.whose(), kept.candidates()) == (EITHERS, [1000])


def test_an_entry_that_comes_late_is_judged_too(kept: Built) -> None:
    kept.build(1000, 0, 10)
    kept.make(5)
    kept.look()
    assert kept.whose() == ALICES
    kept.clock.advance(60)
    kept.build(1001, 4, 8)
    kept.look()
    assert kept.whose() == EITHERS


def test_what_was_found_stays_when_the_journal_has_forgotten(kept: Built) -> None:
    kept.build(1000, 0, 10)
    kept.make(5)
    kept.look()
    kept.clock.advance(40 * 86_400)
    kept.keeper().tidy()
    with kept.database.read() as connection:
        assert DockerJournalRepository(connection).builds_since(NOON - timedelta(days=1)) == []
    kept.look()
    assert kept.whose() == ALICES


def test_an_admins_word_counts_and_when_it_is_taken_back_what_was_found_does(kept: Built) -> None:
    kept.build(1000, 0, 10)
    kept.make(5)
    kept.look()
    entry, saying = kept.entry(ObjectKind.CACHE, RECORD), Saying("root", "", NOON)
    kept.ledger.override(entry, BOB, saying)
    kept.clock.advance(7200)
    kept.look()
    assert kept.whose() == (1001, "override", "certain")
    kept.ledger.withdraw(kept.entry(ObjectKind.CACHE, RECORD), saying)
    kept.look()
    assert kept.whose() == ALICES


def test_a_word_that_was_said_before_its_age_was_known_holds(kept: Built) -> None:
    kept.make(5)
    told = kept.engine.cache.pop(RECORD)
    kept.look()
    kept.ledger.override(kept.entry(ObjectKind.CACHE, RECORD), BOB, Saying("root", "", NOON))
    kept.engine.cache[RECORD] = told
    kept.look()
    assert kept.whose() == (1001, "override", "certain")


def test_all_that_is_used_is_somebodys_or_nobodys(kept: Built) -> None:
    kept.build(1000, 0, 10)
    kept.build(1001, 60, 80)
    kept.build(1000, 65, 80)
    for its_id, at in ((RECORD, 5), ("b" * 25, 70), ("c" * 25, 1000)):
        kept.make(at, its_id)
    kept.look()
    store, account, _ = kept.ledger.account()
    assert store is not None
    assert {uid: share.build_cache for uid, share in account.shares.items()} == {1000: 700}
    assert account.attributed + account.unattributed == store.figures.used


@pytest.mark.parametrize(
    ("moment", "builders"),
    [(-1, []), (-0.05, [ALICE]), (0, [ALICE]), (14, [ALICE]), (16, []), (100, [BOB]), (86_500, [BOB]), (87_000, [])],
)
def test_who_was_at_it(moment: float, builders: list[Candidate]) -> None:
    """For 5 seconds after its end dockerd may be at it; one without an end was killed at the latest after a day."""
    builds = [
        Build(ALICE, NOON, NOON + timedelta(seconds=10)),
        Build(BOB, NOON + timedelta(seconds=100), None),
    ]
    found = builders_at(NOON + timedelta(seconds=moment), builds)
    assert (list(found.candidates) if found else []) == builders
