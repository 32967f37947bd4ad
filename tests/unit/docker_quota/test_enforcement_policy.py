"""What is decided about a user: at most one container a round, surely theirs, in order, after its grace."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.docker_quota.enforcement.policy import decide
from app.docker_quota.enforcement.values import (
    Case,
    Kind,
    Mark,
    Marked,
    Memory,
    Order,
    Rules,
    Standing,
    Step,
    Target,
)
from app.docker_quota.values import Attribution, Candidate, Certainty, Method

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
GIB = 2**30
ALICE, BOB = 1000, 1001
DAY = timedelta(days=1)
CLAIMED = Attribution(ALICE, "alice", Method.LABEL, Certainty.CLAIMED)
RULES = Rules()


def container(number: int, **changes: Any) -> Target:
    """web-1 is the oldest, web-9 the newest; the middle ones are the largest."""
    made = Target(f"id{number}", f"web-{number}", number, 10 - abs(5 - number), "running", CLAIMED)
    return replace(made, **changes)


def case(*containers: Target, used: float = 12.4, limit: float | None = 10, **changes: Any) -> Case:
    bytes_of_limit = None if limit is None else int(limit * GIB)
    return replace(Case(ALICE, "alice", int(used * GIB), bytes_of_limit, NOW, containers), **changes)


def above_since(at: datetime, marks: Mapping[str, Sequence[Marked]] | None = None, **changes: Any) -> Memory:
    return Memory(replace(Standing(at), **changes), marks or {})


def stopped(at: datetime) -> list[Marked]:
    return [Marked(Mark.STOPPED, at)]


LONG_AGO = above_since(NOW - timedelta(hours=1))


def told(steps: Sequence[Step]) -> list[tuple[str, str | None]]:
    return [(step.kind.value, step.container.name if step.container else None) for step in steps]


def test_who_is_above_is_warned_at_once_and_told_what_comes() -> None:
    [step] = decide(case(container(1), container(2), most=("volume data", 4 * GIB)), Memory(), RULES, NOW)
    assert step == Step(
        Kind.WARN,
        "warned alice, at 12.4 of 10 GiB since 2026-11-21 12:00 UTC; from 2026-11-21 12:15 UTC on one container a "
        "round is stopped, newest first: web-2, and removed 1 day later; most would be freed by volume data (4 GiB)",
    )


def test_after_the_grace_one_is_stopped_and_it_is_said_why() -> None:
    its = case(*map(container, (1, 2, 3, 4)))
    assert decide(its, above_since(NOW - timedelta(seconds=899)), RULES, NOW) == []
    [step] = decide(its, above_since(NOW - timedelta(seconds=900)), RULES, NOW)
    assert told([step]) == [("stop", "web-4")]
    assert step.explanation == "stopped web-4, newest of alice's 4, alice at 12.4 of 10 GiB since 2026-11-21 11:45 UTC"


@pytest.mark.parametrize(("order", "first"), [("newest_first", 8), ("oldest_first", 2), ("largest_first", 5)])
def test_orders(order: str, first: int) -> None:
    its = case(*map(container, (2, 5, 8)))
    assert told(decide(its, LONG_AGO, Rules(order=Order(order)), NOW)) == [("stop", f"web-{first}")]


def test_ties_are_broken_by_id() -> None:
    twins = [container(1, id=its, name=its) for its in "cab"]
    assert told(decide(case(*twins), LONG_AGO, RULES, NOW)) == [("stop", "a")]


def test_a_stopped_one_is_removed_after_a_grace_from_its_stop_before_others_are_stopped() -> None:
    its = case(container(1), container(2, state="exited"))
    memory = above_since(NOW - 2 * DAY, {"id2": stopped(NOW - DAY)})
    assert told(decide(its, memory, RULES, NOW)) == [("remove", "web-2")]
    assert told(decide(its, memory, RULES, NOW - timedelta(seconds=1))) == [("stop", "web-1")]
    assert told(decide(its, memory, Rules(removes=False), NOW)) == [("stop", "web-1")]


def test_where_the_user_was_below_since_the_grace_begins_anew() -> None:
    its, marks = case(container(2, state="exited")), {"id2": stopped(NOW - 9 * DAY)}
    assert decide(its, above_since(NOW - DAY / 2, marks), RULES, NOW) == []
    assert told(decide(its, above_since(NOW - DAY, marks), RULES, NOW)) == [("remove", "web-2")]


def test_one_that_was_started_again_is_stopped_again_and_not_removed() -> None:
    memory = above_since(NOW - 3 * DAY, {"id1": stopped(NOW - 2 * DAY)})
    assert told(decide(case(container(1)), memory, RULES, NOW)) == [("stop", "web-1")]


def test_after_a_removal_nothing_is_touched_until_it_was_measured() -> None:
    memory = above_since(NOW - DAY, removed_at=NOW)
    assert decide(case(container(1)), memory, RULES, NOW + DAY) == []
    measured = case(container(1), measured_at=NOW + timedelta(seconds=1))
    assert told(decide(measured, memory, RULES, NOW + DAY)) == [("stop", "web-1")]


def test_at_the_limit_is_not_above() -> None:
    assert decide(case(container(1), used=10), Memory(), RULES, NOW) == []
    assert decide(case(container(1), limit=None), Memory(), RULES, NOW) == []


@pytest.mark.parametrize(("used", "limit", "said"), [(9.1, 10, "at 9.1 of 10 GiB"), (9.1, None, "9.1 GiB, without a")])
def test_who_is_back_below_is_told_so(used: float, limit: float | None, said: str) -> None:
    [step] = decide(case(container(1), used=used, limit=limit), LONG_AGO, RULES, NOW)
    assert step.kind is Kind.BACK_BELOW
    assert said in step.explanation


def test_what_a_stop_would_delete_is_passed_over_until_nothing_else_is_left() -> None:
    fleeting = container(9, auto_remove=True)
    its = case(container(1), fleeting)
    assert told(decide(its, LONG_AGO, RULES, NOW)) == [("skip", "web-9"), ("stop", "web-1")]
    marks = {"id9": [Marked(Mark.SKIPPED, NOW - 2 * DAY)], "id1": stopped(NOW - DAY / 2)}
    memory = above_since(NOW - 3 * DAY, marks)
    assert decide(case(container(1, state="exited"), fleeting), memory, RULES, NOW) == []
    assert told(decide(case(fleeting), memory, RULES, NOW)) == [("remove", "web-9")]
    assert told(decide(case(fleeting), memory, Rules(removes=False), NOW)) == [("skip", None)]


def test_it_is_said_once_that_nothing_is_left() -> None:
    assert told(decide(case(container(1, state="exited")), LONG_AGO, RULES, NOW)) == [("skip", None)]
    assert decide(case(), above_since(NOW - DAY, is_exhausted=True), RULES, NOW) == []


def test_without_graces_all_happens_at_once_to_one_container() -> None:
    rules = Rules(grace=timedelta(0), remove_grace=timedelta(0))
    steps = decide(case(container(1), container(2)), Memory(), rules, NOW)
    assert told(steps) == [("warn", None), ("stop", "web-2"), ("remove", "web-2")]


def test_what_would_not_stop_comes_after_the_others() -> None:
    memory = above_since(NOW - DAY, {"id2": [Marked(Mark.FAILED, NOW - DAY)]})
    assert told(decide(case(container(1), container(2)), memory, RULES, NOW)) == [("stop", "web-1")]
    assert told(decide(case(container(2)), memory, RULES, NOW)) == [("stop", "web-2")]


@pytest.mark.parametrize("entry", ["alice", "#1000"])
def test_to_the_exempt_nothing_happens_and_nothing_is_held_against_them(entry: str) -> None:
    rules = Rules(exempt_users=frozenset({entry, "somebody"}))
    assert decide(case(container(1)), Memory(), rules, NOW) == []
    assert told(decide(case(container(1)), LONG_AGO, rules, NOW)) == [("forget", None)]


@pytest.mark.parametrize(
    ("method", "uid", "by_root", "is_exempt"),
    [
        (Method.PROXY, ALICE, True, True),
        (Method.PROXY, ALICE, False, False),
        (Method.OVERRIDE, ALICE, True, True),  # root made it, and gave it away
        (Method.OVERRIDE, ALICE, False, False),  # whose it is says nothing about who wrote the label
        (Method.OVERRIDE, None, False, False),
        (Method.OVERRIDE, 0, False, True),  # an admin says that root made it
        (Method.LABEL, 0, False, False),
        (Method.AUDIT, 0, False, False),
        (Method.PROXY, 0, False, False),  # root in a container
    ],
)
def test_the_exempt_label_counts_where_root_wrote_it(
    method: Method, uid: int | None, *, by_root: bool, is_exempt: bool
) -> None:
    its = Attribution(uid, None, method, Certainty.CERTAIN)
    assert RULES.exempts({"qman.exempt": "true"}, its, by_root=by_root) is is_exempt
    assert not RULES.exempts({"qman.exempt": "false"}, its, by_root=by_root)
    assert not Rules(exempt_label="").exempts({"": ""}, its, by_root=by_root)


def test_that_the_label_names_somebody_else_is_said() -> None:
    proxied = Attribution(ALICE, "alice", Method.PROXY, Certainty.CERTAIN, (Candidate(BOB, "bob"),))
    for memory, verb in (
        (LONG_AGO, "stopped"),
        (above_since(NOW - 3 * DAY, {"id1": stopped(NOW - 2 * DAY)}), "removed"),
    ):
        state = "running" if verb == "stopped" else "exited"
        [step] = decide(case(container(1, attribution=proxied, state=state)), memory, RULES, NOW)
        assert step.explanation.startswith(f"{verb} web-1")
        assert "its label names bob, but that is not who asked the socket proxy for it" in step.explanation
        [step] = decide(case(container(1, state=state)), memory, RULES, NOW)
        assert "label" not in step.explanation


def test_a_dry_run_says_what_it_would_do_and_each_thing_once() -> None:
    rules, its = Rules(dry_run=True), case(container(1), container(2))
    [step] = decide(its, LONG_AGO, rules, NOW)
    assert step.explanation.startswith("dry run, would have stopped web-2")
    memory = above_since(NOW - 3 * DAY, {"id2": stopped(NOW - DAY / 2)})
    assert told(decide(its, memory, rules, NOW)) == [("stop", "web-1")]
    memory = above_since(NOW - 3 * DAY, {"id2": [*stopped(NOW - DAY), Marked(Mark.REMOVED, NOW)]})
    assert told(decide(its, memory, rules, NOW)) == [("stop", "web-1")]


attributions = st.builds(
    lambda uid, certainty: Attribution(uid, None, Method.AUDIT, certainty, (Candidate(ALICE, "alice"),)),
    st.sampled_from([ALICE, BOB, None]),
    st.sampled_from(Certainty),
)
states = st.sampled_from(["running", "paused", "restarting", "exited", "created", "dead", "removing"])
instants = st.integers(0, 4 * 86_400).map(lambda seconds: NOW - timedelta(seconds=seconds))
targets = st.builds(
    lambda number, attribution, state, flags: container(
        number, attribution=attribution, state=state, auto_remove=flags[0], is_exempt=flags[1]
    ),
    st.integers(1, 9),
    attributions,
    states,
    st.tuples(st.booleans(), st.booleans()),
)
lists = st.lists(targets, max_size=6, unique_by=lambda each: each.id)
marks = st.dictionaries(
    st.integers(1, 9).map(lambda number: f"id{number}"),
    st.lists(st.builds(Marked, st.sampled_from(Mark), instants), max_size=2, unique_by=lambda each: each.mark),
)
memories = st.builds(
    Memory,
    st.none() | st.builds(Standing, instants, st.none() | instants, st.booleans()),
    marks,
)
graces = st.sampled_from([timedelta(0), timedelta(seconds=900), DAY])
rule_sets = st.builds(
    Rules,
    order=st.sampled_from(Order),
    removes=st.booleans(),
    grace=graces,
    remove_grace=graces,
    enforce_probable=st.booleans(),
    dry_run=st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(lists, memories, rule_sets, st.sampled_from([5, 10, 12.4]))
def test_only_one_and_only_what_is_surely_theirs(
    containers: list[Target], memory: Memory, rules: Rules, used: float
) -> None:
    its = case(*containers, used=used)
    steps = decide(its, memory, rules, NOW)
    assert steps == decide(its, memory, rules, NOW)
    touched = [step.container for step in steps if step.kind in {Kind.STOP, Kind.REMOVE} and step.container]
    assert len({each.id for each in touched}) <= 1
    sure = {Certainty.CERTAIN, Certainty.CLAIMED} | ({Certainty.PROBABLE} if rules.enforce_probable else set())
    for each in touched:
        assert each in containers
        assert (each.attribution.uid, each.is_exempt) == (ALICE, False)
        assert each.attribution.certainty in sure
    if not its.is_above:
        assert {step.kind for step in steps} <= {Kind.BACK_BELOW}
    if not rules.removes:
        assert Kind.REMOVE not in {step.kind for step in steps}
    since = memory.standing.since if memory.standing else NOW
    assert not touched or NOW - since >= rules.grace


@settings(max_examples=200, deadline=None)
@given(lists, memories, rule_sets)
def test_nothing_is_removed_that_was_not_stopped_or_passed_over_first(
    containers: list[Target], memory: Memory, rules: Rules
) -> None:
    steps = decide(case(*containers), memory, rules, NOW)
    before = {Kind.STOP: Mark.STOPPED, Kind.SKIP: Mark.SKIPPED}
    for removal in [step.container for step in steps if step.kind is Kind.REMOVE and step.container]:
        noted = {each.mark: each.at for each in reversed(memory.marks.get(removal.id, ()))}
        now = {before[step.kind]: NOW for step in steps if step.container == removal and step.kind in before}
        at = {**noted, **now}.get(Mark.SKIPPED if removal.auto_remove else Mark.STOPPED)
        assert at is not None
        assert NOW - at >= rules.remove_grace
