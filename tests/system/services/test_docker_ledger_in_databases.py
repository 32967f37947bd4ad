"""The ledger of the Docker device is kept alike in SQLite and in PostgreSQL."""

from pathlib import Path

from app.db.engine import Database
from app.db.migrate import ensure_schema
from app.docker_quota.ledger import REMEMBERED
from app.docker_quota.objects import ObjectKind
from app.docker_quota.values import Candidate
from app.docker_quota.words import Saying
from app.quota.values import Limits
from tests.fakes.docker_ledger import KeptLedger

LARGEST = 2**53
LARGEST_ID = 2**32 - 2
MANY = 300
ALICE = {"qman.user": "alice"}


def test_objects_come_go_and_are_forgotten(database: Database, tmp_path: Path) -> None:
    ensure_schema(database)
    kept = KeptLedger(tmp_path, database=database)
    assert kept.look() == "ok"
    ids = [kept.engine.add_container(f"c{number}", labels=ALICE) for number in range(MANY)]
    kept.store.sizes[ids[0]] = LARGEST
    assert kept.look() == "ok"
    store, account, _ = kept.ledger.account()
    assert store is not None
    assert account.shares[1000].container > LARGEST
    assert account.attributed + account.unattributed == store.figures.used
    kept.ledger.override(
        kept.entry(ObjectKind.CONTAINER, ids[0]), Candidate(LARGEST_ID, None), Saying("root", "", kept.clock.now)
    )
    kept.ledger.override(kept.entry(ObjectKind.CONTAINER, ids[1]), None, Saying("root", "", kept.clock.now))
    for its in ids[2:]:
        kept.engine.remove_container(its)
    kept.look()
    owners = [kept.owner(ObjectKind.CONTAINER, its) for its in ids[:2]]
    assert owners == [(LARGEST_ID, "override", "certain"), (None, "override", "certain")]
    assert len(kept.ledger.entries()) == 2
    assert len(kept.ledger.entries(gone_too=True)) == MANY
    kept.clock.advance(REMEMBERED.total_seconds())
    kept.look()
    assert len(kept.ledger.entries(gone_too=True)) == 2


def test_limits_are_kept(database: Database) -> None:
    ensure_schema(database)
    ledger = KeptLedger(Path(), database=database).ledger
    for limits in (Limits(1, LARGEST), Limits(None, 5)):
        ledger.set_limits(LARGEST_ID, limits)
        assert ledger.account()[2] == {LARGEST_ID: limits}
