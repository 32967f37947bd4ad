"""Rounds that are killed, run twice or overtake each other: each thing is done and told once."""

from contextlib import suppress
from pathlib import Path

import pytest

from app.docker_quota.enforcement.round import EnforcementRound
from tests.fakes.enforcing import GRACE, REMOVE_GRACE, Enforced, KilledError, KillingEngine, events_of


@pytest.fixture
def it(tmp_path: Path) -> Enforced:
    return Enforced(tmp_path)


@pytest.mark.parametrize("before", [True, False])
def test_a_round_that_is_killed_between_decision_and_deed_is_taken_up(it: Enforced, *, before: bool) -> None:
    it.warned("web-1", "web-2", "web-3")
    for seconds, done in ((GRACE, ("stop", "web-3")), (REMOVE_GRACE, ("remove", "web-3"))):
        it.clock.advance(seconds)
        it.kept.look()
        with pytest.raises(KilledError):
            it.round(KillingEngine(it.engine, before=before)).run()  # type: ignore[arg-type]  # passes the rest on
        assert (it.engine.changes[-1:] == [done]) is not before
        it.kept.look()
        assert it.round().run() == "ok"
        changes = it.engine.changes
        assert changes.count(done) == 1
        assert it.told.count(("container_stopped" if done[0] == "stop" else "container_removed", "web-3")) == 1
        if before:
            it.after(0)
    assert len({event["id"] for event in events_of(it.database)}) == len(it.told)


def test_while_one_is_at_work_another_does_nothing(it: Enforced) -> None:
    it.due("web-1", "web-2")
    ours, theirs = it.round(), it.round()
    assert ours.book.acquire(it.clock())
    assert theirs.run() == "busy"
    assert it.engine.changes == []
    it.clock.advance(80)
    it.kept.look()
    assert theirs.run() == "ok"  # whoever had the lease was killed
    assert it.engine.changes == [("stop", "web-2")]
    assert ours.run() == "ok"


def test_while_something_is_done_the_lease_lasts_until_it_is_over(it: Enforced) -> None:
    it.warned("web-1", "web-2")
    seen: list[str] = []

    class Stopping:
        """Takes all the time that an engine may take to stop a container."""

        def __getattr__(self, name: str) -> object:
            return getattr(it.engine, name)

        def stop_container(self, container_id: str, timeout_seconds: int) -> object:
            it.clock.advance(timeout_seconds + 40)
            seen.append(it.round().run())
            return it.engine.stop_container(container_id, timeout_seconds)

    it.clock.advance(GRACE)
    it.kept.look()
    assert it.round(Stopping()).run() == "ok"  # type: ignore[arg-type]  # passes the rest on
    assert seen == ["busy"]
    assert it.engine.changes == [("stop", "web-2")]


def test_who_lost_the_lease_does_nothing_any_more(it: Enforced) -> None:
    it.due("web-1", "web-2")

    class Slow:
        """Lists so slowly that another round takes the lease meanwhile."""

        def __getattr__(self, name: str) -> object:
            return getattr(it.engine, name)

        def list_containers(self) -> object:
            it.clock.advance(80)
            assert it.round().book.acquire(it.clock())
            return it.engine.list_containers()

    assert it.round(Slow()).run() == "lease_lost"  # type: ignore[arg-type]  # passes the rest on
    assert it.engine.changes == []


class Overtaken:
    """Lists so slowly that the lease ends, and another round does its work before the list is here."""

    def __init__(self, it: Enforced, other: EnforcementRound) -> None:
        self._it, self._other = it, other

    def __getattr__(self, name: str) -> object:
        return getattr(self._it.engine, name)

    def list_containers(self) -> object:
        listed = self._it.engine.list_containers()
        self._it.clock.advance(11)
        with suppress(KilledError):
            assert self._other.run() == "ok"
        return listed


def test_who_was_overtaken_does_nothing_a_second_time(it: Enforced) -> None:
    it.due("web-1", "web-2")
    assert it.round(Overtaken(it, it.round())).run() == "lease_lost"  # type: ignore[arg-type]  # passes the rest on
    assert it.engine.changes == [("stop", "web-2")]
    assert it.told == [("warned", None), ("container_stopped", "web-2")]


def test_who_was_overtaken_forgets_nothing_that_another_is_doing(it: Enforced) -> None:
    it.due("web-1", "web-2")
    other = it.round(KillingEngine(it.engine, before=True))  # type: ignore[arg-type]  # passes the rest on
    assert it.round(Overtaken(it, other)).run() == "lease_lost"  # type: ignore[arg-type]  # as above
    assert len(it.round().book.open_decisions()) == 1
