"""A look that began before another was kept is never kept after it, whoever has the lease by then."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from app.db.repositories.leases import LeaseRepository
from app.docker_quota.ledger import LEASE
from app.docker_quota.objects import EngineDown, EngineState, ObjectKind
from tests.fakes.docker_ledger import KeptLedger

DOWN = EngineDown(EngineState.STOPPED, "It was stopped.")


@pytest.fixture
def kept(tmp_path: Path) -> KeptLedger:
    made = KeptLedger(tmp_path)
    assert made.look() == "ok"
    return made


def names(kept: KeptLedger) -> set[str]:
    return {entry.name for (kind, _), entry in kept.ledger.entries().items() if kind is ObjectKind.CONTAINER}


def once(kept: KeptLedger, work: Callable[[], object]) -> None:
    """Has this done in the midst of the next look, after it has seen what there is."""

    def meanwhile() -> None:
        kept.meanwhile = lambda: None
        work()

    kept.meanwhile = meanwhile


def another_looks_and_ends(kept: KeptLedger) -> None:
    """It has the lease for a while, finds more than there was, and gives the lease up."""
    kept.clock.advance(60)
    kept.engine.add_container("newer")
    another = kept.keeper("another")
    assert another.look() == "ok"
    kept.ledger.release(another.holder)


def test_who_was_overtaken_keeps_nothing_where_the_lease_is_free_again(kept: KeptLedger) -> None:
    once(kept, lambda: another_looks_and_ends(kept))
    assert kept.keeper("this one").look() == "lease_lost"
    assert names(kept) == {"newer"}
    assert kept.keeper("this one").look() == "ok"


def test_nor_where_it_took_the_lease_back(kept: KeptLedger) -> None:
    """The thread that renews the lease is not the one that looks, and may have lost it and got it again."""

    def overtake() -> None:
        another_looks_and_ends(kept)
        assert kept.ledger.acquire(kept.keeper("this one").holder, kept.clock())

    once(kept, overtake)
    assert kept.keeper("this one").look() == "lease_lost"
    assert names(kept) == {"newer"}


def test_nor_does_it_say_that_the_engine_is_down(kept: KeptLedger) -> None:
    def before_images() -> None:
        kept.engine.before_images = lambda: None
        another_looks_and_ends(kept)
        kept.engine.down = DOWN

    kept.engine.before_images = before_images
    assert kept.keeper("this one").look() == "lease_lost"
    store = kept.ledger.find_store()
    assert store is not None
    assert store.state == "ok"


def test_a_clock_that_is_set_back_stops_nothing(kept: KeptLedger) -> None:
    kept.clock.advance(-86_400)
    for name in ("one", "two"):
        kept.engine.add_container(name)
        assert kept.look() == "ok"
        assert name in names(kept)
    store = kept.ledger.find_store()
    assert store is not None
    assert store.measured_at == kept.clock()


def test_a_clock_that_is_set_back_in_the_midst_of_a_look_stops_nothing(kept: KeptLedger) -> None:
    once(kept, lambda: kept.clock.advance(-3600))
    kept.engine.add_container("one")
    assert kept.look() == "ok"
    assert kept.look() == "ok"
    assert names(kept) == {"one"}


def test_a_look_that_takes_longer_than_the_lease_does_not_shorten_it(kept: KeptLedger) -> None:
    """What is renewed in the end lasts from then, not from when the look began."""
    once(kept, lambda: kept.clock.advance(19))
    keeper = kept.keeper("this one")
    assert keeper.look() == "ok"
    kept.clock.advance(15)
    with kept.database.write() as connection:
        leases = LeaseRepository(connection)
        assert not leases.acquire(LEASE, "another", kept.clock(), timedelta(seconds=20))
