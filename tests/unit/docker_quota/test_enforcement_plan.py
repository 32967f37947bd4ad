"""What a round would do now is what it does then, and asking for it changes nothing."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.docker_quota.objects import EngineDown, EngineState
from tests.fakes.enforcing import GRACE, REMOVE_GRACE, Enforced


@pytest.fixture
def it(tmp_path: Path) -> Enforced:
    return Enforced(tmp_path)


def planned(it: Enforced) -> list[tuple[str, str | None]]:
    """By a round that may be asked at any time, also while another is at work."""
    before = everything(it)
    plan = it.round().plan()
    assert everything(it) == before
    assert not isinstance(plan, str)
    return [(step.kind.value, step.container.name if step.container else None) for _, its in plan for step in its]


def everything(it: Enforced) -> list[str]:
    with closing(sqlite3.connect(str(it.database.url.database))) as connection:
        return list(connection.iterdump())


def test_each_step_is_planned_as_it_is_done(it: Enforced) -> None:
    for name in ("web-1", "web-2"):
        it.container(name)
    it.container("bobs", "bob")
    it.kept.look()
    assert planned(it) == [("warn", None)]
    it.after(0)
    assert planned(it) == []
    it.clock.advance(GRACE)
    it.kept.look()
    assert planned(it) == [("stop", "web-2")]
    assert it.engine.changes == []
    it.after(0)
    assert it.engine.changes == [("stop", "web-2")]
    it.after(0)
    it.clock.advance(REMOVE_GRACE)
    it.kept.look()
    assert planned(it) == [("remove", "web-2")]


def test_it_says_why_nothing_would_be_done(it: Enforced) -> None:
    it.container("web-1")
    it.kept.look()
    it.clock.advance(3600)
    assert it.round().plan() == "not_measured"
    it.engine.down = EngineDown(EngineState.STOPPED, "It was stopped.")
    assert it.round().plan() == "engine_down"
