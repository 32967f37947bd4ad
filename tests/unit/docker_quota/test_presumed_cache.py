"""Nothing is done to anybody for a build cache that is theirs by nothing but the time."""

from datetime import timedelta
from pathlib import Path

from app.db.repositories.docker_journal import DockerJournalRepository, JournalEntry
from app.docker_quota.ledger import Ledger
from app.docker_quota.objects import CacheRecord, ObjectKind
from app.docker_quota.proxy.quotas import Excess, LedgerOverQuota
from app.docker_quota.values import Candidate
from app.docker_quota.words import Saying
from app.quota.values import Limits
from tests.fakes.enforcing import ALICE, GRACE, Enforced, events_of
from tests.fakes.slave_app import NOON

RECORD = "record000000000000000000a"


def built_by_alice(it: Enforced, size: int) -> None:
    made_at = NOON + timedelta(seconds=5)
    created_ns = int(made_at.timestamp()) * 10**9
    it.engine.cache[RECORD] = CacheRecord(created_ns, None, in_use=False, shared=False, usage_count=1)
    it.kept.store.cache[RECORD] = size
    entry = JournalEntry("build", "one", ALICE, "alice", ALICE, None, 1, None, NOON, made_at)
    with it.database.write() as connection:
        DockerJournalRepository(connection).append([entry])


def test_it_counts_and_stops_nothing(tmp_path: Path) -> None:
    it = Enforced(tmp_path, DOCKER_QUOTA_ENFORCE_PROBABLE=True)
    it.container("web")
    built_by_alice(it, 5000)
    assert it.after(0) == "ok"
    assert it.kept.owner(ObjectKind.CACHE, RECORD) == (ALICE, "proxy", "probable")
    _, account, _ = it.kept.ledger.account()
    assert (account.shares[ALICE].used, account.shares[ALICE].held) == (6000, 1000)
    it.after(GRACE)
    assert (it.told, it.engine.changes) == ([], [])


def test_an_admins_word_makes_it_count_in_full(tmp_path: Path) -> None:
    it = Enforced(tmp_path)
    it.container("web")
    built_by_alice(it, 5000)
    it.after(0)
    entry = it.kept.entry(ObjectKind.CACHE, RECORD)
    it.kept.ledger.override(entry, Candidate(ALICE, "alice"), Saying("root", "", NOON))
    it.after(0)
    assert it.told == [("warned", None)]


def test_nothing_is_said_of_what_its_removal_would_free(tmp_path: Path) -> None:
    it = Enforced(tmp_path)
    for name in ("web-1", "web-2"):
        it.container(name)
    built_by_alice(it, 5000)
    it.after(0)
    it.after(GRACE)
    assert it.told == [("warned", None), ("container_stopped", "web-2")]
    assert "container web-1" in events_of(it.database)[-1]["explanation"]


def test_nobody_is_refused_for_it(tmp_path: Path) -> None:
    it = Enforced(tmp_path)
    it.container("web")
    built_by_alice(it, 5000)
    it.after(0)
    assert LedgerOverQuota(Ledger(it.database)).find_excess(ALICE) is None
    it.kept.ledger.set_limits(ALICE, Limits(None, 1000))
    assert LedgerOverQuota(Ledger(it.database)).find_excess(ALICE) == Excess(1000, 1000)
