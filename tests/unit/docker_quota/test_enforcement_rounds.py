"""Rounds: who is warned, what is stopped and removed, and what is left alone."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.db.repositories.docker_journal import DockerJournalRepository, JournalEntry
from app.docker_quota.objects import EngineDown, EngineState, ObjectKind
from app.docker_quota.values import Candidate
from app.docker_quota.words import Saying
from app.quota.values import Limits
from tests.fakes.enforcing import ALICE, GRACE, REMOVE_GRACE, Enforced, events_of
from tests.fakes.slave_app import NOON

DOWN = EngineDown(EngineState.STOPPED, "It was stopped.")


@pytest.fixture
def it(tmp_path: Path) -> Enforced:
    return Enforced(tmp_path)


def test_warned_then_stopped_then_removed_then_back_below(it: Enforced) -> None:
    for name in ("web-1", "web-2"):
        it.container(name)
    it.container("bobs", "bob")
    it.warned()
    it.after(GRACE - 10)
    assert it.told == [("warned", None)]
    it.after(10)
    assert it.engine.changes == [("stop", "web-2")]
    it.after(1)
    assert it.engine.changes == [("stop", "web-2"), ("stop", "web-1")]
    it.after(REMOVE_GRACE)
    it.after(0)
    assert it.engine.changes[2:] == [("remove", "web-2")]
    assert it.told[3:] == [("container_removed", "web-2"), ("back_below", None)]
    assert {each.name for each in it.engine.containers.values()} == {"web-1", "bobs"}
    assert it.after(0) == "ok"
    assert len(it.told) == 5


def test_an_event_has_all_that_the_master_is_told(it: Enforced) -> None:
    its = [it.container(name) for name in ("web-1", "web-2")][1]
    it.warned()
    it.after(GRACE)
    event = events_of(it.database, "queued")[1]
    assert event.pop("id")
    assert event == {
        "host": "host1",
        "type": "docker.container_stopped",
        "occurred_at": "2026-11-21T12:15:03Z",
        "device": "docker",
        "uid": ALICE,
        "user": "alice",
        "container": {"id": its, "name": "web-2"},
        "used_bytes": 2000,
        "limit_bytes": 1500,
        "explanation": "stopped web-2, newest of alice's 2, alice at 2 of 1.5 KiB since 2026-11-21 12:00 UTC; "
        "most would be freed by container web-1 (1000 bytes)",
    }


def test_nothing_is_done_on_old_figures_or_without_an_engine(it: Enforced) -> None:
    for name in ("web-1", "web-2"):
        it.container(name)
    it.kept.look()
    it.clock.advance(timedelta(minutes=16).total_seconds())
    assert it.round().run() == "not_measured"
    it.engine.stop(DOWN)
    assert it.round().run() == "engine_down"
    it.engine.start()
    assert it.told == []


def test_an_engine_that_goes_away_in_between_leaves_the_decision_open(it: Enforced) -> None:
    it.due("web-1", "web-2")
    it.engine.down, it.engine.down_from = DOWN, "stop_container"
    assert it.round().run() == "engine_down"
    it.engine.start()
    assert it.after(0) == "ok"
    assert it.told == [("warned", None), ("container_stopped", "web-2")]


def test_one_that_the_engine_would_not_stop_is_no_reason_to_stop_none(it: Enforced) -> None:
    it.due("web-1", "web-2")
    it.engine.down, it.engine.down_from = EngineDown(EngineState.FAILING, "status 500"), "stop_container"
    assert it.round().run() == "ok"
    it.engine.start()
    it.after(0)
    assert it.engine.changes == [("stop", "web-1")]


def test_others_the_exempt_and_what_is_deleted_by_a_stop_stay(it: Enforced) -> None:
    it.container("web-1")
    exempt = it.container("exempt", "alice", **{"qman.exempt": "true"})
    label_alone = it.container("pretends", "alice", **{"qman.exempt": "true"})
    fleeting = it.container("fleeting")
    it.engine.auto_removed.add(fleeting)
    it.container("unknown", "nobody-here")
    by_root = JournalEntry("container", exempt, ALICE, "alice", 0, ALICE, 1, None, NOON, NOON)
    by_alice = JournalEntry("container", label_alone, ALICE, "alice", ALICE, ALICE, 1, None, NOON, NOON)
    with it.database.write() as connection:
        DockerJournalRepository(connection).append([by_root, by_alice])
    it.warned()
    it.after(GRACE)
    it.after(GRACE)
    assert it.engine.changes == [("stop", "pretends"), ("stop", "web-1")]
    assert it.told.count(("skipped", "fleeting")) == 1


def test_an_override_lends_the_users_own_exempt_label_nothing(it: Enforced) -> None:
    it.container("web-1")
    written_by = {"pretends": ALICE, "from-a-container-that-is-gone": None}
    for name, uid in written_by.items():
        its = it.container(name, "alice", **{"qman.exempt": "true"})
        it.kept.journal("container", its, uid, NOON)
        it.kept.look()
        entry = it.kept.entry(ObjectKind.CONTAINER, its)
        it.kept.ledger.override(entry, Candidate(ALICE, "alice"), Saying("root", "hers", NOON))
    it.warned()
    it.after(GRACE)
    it.after(0)
    assert it.engine.changes == [("stop", name) for name in reversed(written_by)]


def test_an_admins_word_counts_before_the_ledger_has_it(it: Enforced) -> None:
    for name in ("web-1", "web-2", "web-3"):
        its = it.container(name)
    it.warned()
    it.clock.advance(GRACE)
    it.kept.look()
    it.kept.ledger.override(
        it.kept.entry(ObjectKind.CONTAINER, its), Candidate(1001, "bob"), Saying("root", "his", it.clock.now)
    )
    assert it.round().run() == "ok"
    assert it.engine.changes == [("stop", "web-2")]


def test_a_limit_that_is_raised_ends_it(it: Enforced) -> None:
    it.warned("web-1", "web-2")
    it.kept.ledger.set_limits(ALICE, Limits(None, 5000))
    it.after(GRACE)
    assert it.told == [("warned", None), ("back_below", None)]
    it.kept.ledger.set_limits(ALICE, Limits(None, 1500))
    it.after(0)
    assert it.told[2:] == [("warned", None)]
    assert it.engine.changes == []


def test_a_dry_run_touches_nothing_and_is_forgotten_when_it_gets_serious(tmp_path: Path) -> None:
    it = Enforced(tmp_path, DOCKER_QUOTA_DRY_RUN=True)
    for name in ("web-1", "web-2"):
        it.container(name)
    for seconds in (0, GRACE, 0, 0, REMOVE_GRACE):
        it.after(seconds)
    assert it.engine.changes == []
    said = [("warned", None), ("container_stopped", "web-2"), ("container_stopped", "web-1")]
    assert it.told == [*said, ("container_removed", "web-2")]
    assert events_of(it.database, "queued") == []
    serious = Enforced(tmp_path, it.database)
    serious.engine.containers, serious.clock.now = it.engine.containers, it.clock.now
    serious.after(0)
    assert [event["type"] for event in events_of(it.database, "queued")] == ["docker.warned"]
    assert serious.engine.changes == []
    serious.after(GRACE)
    assert serious.told[-1] == ("container_stopped", "web-2"), "that a dry run removed it says nothing"


@pytest.mark.parametrize("exempt", ["alice", "somebody"])
def test_the_exempt_and_who_cannot_be_told_from_them_are_left_alone(tmp_path: Path, exempt: str) -> None:
    """Nobody knows what the uid is called, so it may be somebody's who is exempt."""
    it = Enforced(tmp_path, DOCKER_QUOTA_EXEMPT_USERS=(exempt,))
    for name in ("web-1", "web-2"):
        its = it.container(name, user="alice" if exempt == "alice" else "nobody-here")
        it.kept.look()
        if exempt != "alice":
            it.kept.ledger.override(
                it.kept.entry(ObjectKind.CONTAINER, its), Candidate(ALICE, None), Saying("root", "", NOON)
            )
            it.names_of = lambda _: {}
    it.after(0)
    it.after(GRACE)
    assert it.told == []
