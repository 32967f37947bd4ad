"""When the ledger is looked after: at events, after losses, and every five minutes whatever the events say."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.db.repositories.docker_enforcement import DockerEnforcementRepository, StoredStanding
from app.docker_quota.entries import Entry
from app.docker_quota.objects import EngineDown, EngineState, EventFeed, EventNote, ObjectKind
from app.docker_quota.rounds import FULL_SECONDS, LedgerRounds, changes_something
from app.docker_quota.values import Candidate
from app.docker_quota.words import Saying
from tests.fakes.docker_ledger import KeptLedger

DOWN = EngineDown(EngineState.STOPPED, "It was stopped.")


class Rounds:
    """Rounds over a fake engine, in a time that the test moves."""

    def __init__(self, directory: Path) -> None:
        self.kept = KeptLedger(directory)
        self.seconds = 0.0
        self.rounds = LedgerRounds(self.kept.engine, self.kept.keeper(), lambda: self.seconds)

    def turn(self, after: float = 0.0) -> str | None:
        self.seconds += after
        self.kept.clock.advance(after)
        return self.rounds.turn(0)

    def containers(self) -> set[str]:
        return {its for kind, its in self.kept.ledger.entries() if kind is ObjectKind.CONTAINER}


class StartingEngine:
    """One that listens already, and answers so much later."""

    def __init__(self, its: Rounds, seconds: float) -> None:
        self._its, self._seconds = its, seconds

    def __getattr__(self, name: str) -> object:
        return getattr(self._its.kept.engine, name)

    def events(self) -> EventFeed | EngineDown:
        self._its.seconds += self._seconds
        return self._its.kept.engine.events()


@pytest.fixture
def it(tmp_path: Path) -> Rounds:
    return Rounds(tmp_path)


def test_it_subscribes_before_it_lists(it: Rounds) -> None:
    assert it.turn() == "ok"
    calls = it.kept.engine.calls
    assert calls.index("events") < calls.index("list_containers")


def test_an_event_makes_a_look_and_none_makes_none(it: Rounds) -> None:
    it.turn()
    assert it.turn(10) is None
    its = it.kept.engine.add_container("web")
    assert it.turn(1) == "ok"
    assert it.containers() == {its}


def test_a_word_of_an_admin_makes_a_look(it: Rounds) -> None:
    its = it.kept.engine.add_container("web")
    it.turn()
    assert it.turn(10) is None
    entry = it.kept.entry(ObjectKind.CONTAINER, its)
    it.kept.ledger.override(entry, Candidate(1001, "bob"), Saying("root", "", it.kept.clock.now))
    assert [it.turn(1), it.turn(10)] == ["ok", None]


def test_a_removal_by_enforcement_makes_a_look_that_is_newer(it: Rounds) -> None:
    it.turn()
    now = it.kept.clock.now
    standing = StoredStanding(1000, dry_run=False, since=now, removed_at=now, is_exhausted=False)
    with it.kept.database.write() as connection:
        DockerEnforcementRepository(connection).put_standing(standing)
    assert [it.turn(3), it.turn(10)] == ["ok", None]
    store = it.kept.ledger.find_store()
    assert store is not None
    assert store.measured_at is not None
    assert store.measured_at > it.kept.clock.now - timedelta(seconds=11)


def test_a_burst_is_one_look(it: Rounds) -> None:
    it.turn()
    for number in range(10_000):
        it.kept.engine.tell("volume", "create", f"v{number}")
    assert [it.turn(3), it.turn(3), it.turn(3)] == ["ok", None, None]


def test_events_right_after_a_look_wait_for_the_gap(it: Rounds) -> None:
    it.turn()
    it.kept.engine.add_container("web")
    assert it.turn(0.5) is None
    assert it.turn(2) == "ok"


def test_the_wait_for_an_engine_that_starts_makes_no_gap(it: Rounds) -> None:
    starting = StartingEngine(it, seconds=60)
    it.rounds = LedgerRounds(starting, it.kept.keeper(), lambda: it.seconds)  # type: ignore[arg-type]  # passes the rest on
    assert it.turn() == "ok"
    its = it.kept.engine.add_container("web")
    assert it.turn(3) == "ok"
    assert it.containers() == {its}


def test_events_that_are_lost_without_an_error_cost_five_minutes_at_most(it: Rounds) -> None:
    it.turn()
    its = it.kept.engine.add_container("web")
    it.kept.engine.feeds[-1].lose()
    assert it.turn(FULL_SECONDS - 1) is None
    assert it.turn(2) == "ok"
    assert it.containers() == {its}


def test_a_lost_subscription_is_made_again_and_everything_looked_at(it: Rounds) -> None:
    it.turn()
    it.kept.engine.feeds[-1].lose()
    it.kept.engine.feeds[-1].ended = True
    its = it.kept.engine.add_container("web")
    it.kept.engine.feeds[-1].lose()
    assert it.turn(3) == "ok"
    assert it.containers() == {its}
    assert len(it.kept.engine.feeds) == 2
    it.kept.engine.add_container("db")
    assert it.turn(3) == "ok"


def test_an_engine_that_is_down_is_asked_until_it_is_back(it: Rounds) -> None:
    it.turn()
    its = it.kept.engine.add_container("web")
    it.kept.engine.stop(DOWN)
    assert [it.turn(3), it.turn(1), it.turn(5)] == ["stopped", None, "stopped"]
    it.kept.engine.start()
    assert it.turn(5) == "ok"
    assert it.containers() == {its}
    it.kept.engine.remove_container(its)
    assert it.turn(3) == "ok"
    assert it.containers() == set()


def test_after_all_that_may_happen_the_ledger_is_what_a_fresh_one_would_be(it: Rounds, tmp_path: Path) -> None:
    it.turn()
    names = [it.kept.engine.add_container(f"c{number}", labels={"qman.user": "alice"}) for number in range(20)]
    it.turn(3)
    it.kept.engine.stop(DOWN)
    it.turn(3)
    for its in names[:10]:
        it.kept.engine.remove_container(its)
    it.kept.engine.start()
    it.turn(6)
    (tmp_path / "fresh").mkdir()
    fresh = KeptLedger(tmp_path / "fresh")
    fresh.engine = fresh.store.engine = it.kept.engine
    fresh.look()
    assert as_seen(it.kept) == as_seen(fresh)
    assert it.kept.ledger.account()[1] == fresh.ledger.account()[1]


def as_seen(kept: KeptLedger) -> dict[str, Entry]:
    """The objects without when they were first seen."""
    return {its: Entry(*[getattr(entry, name) for name in _SAME]) for (_, its), entry in kept.ledger.entries().items()}


_SAME = ("kind", "id", "name", "created_ns", "gone_at", "bytes", "log_bytes", "facts", "attribution")


@pytest.mark.parametrize(
    ("kind", "action", "counts"),
    [
        ("container", "create", True),
        ("container", "die", True),
        ("container", "exec_start", False),
        ("container", "exec_create", False),
        ("container", "health_status", False),
        ("container", "top", False),
        ("image", "untag", True),
        ("volume", "destroy", True),
        ("builder", "prune", True),
        ("network", "create", False),
    ],
)
def test_which_events_change_something(kind: str, action: str, counts: bool) -> None:
    assert changes_something(EventNote(kind, action, "x", 0)) is counts
