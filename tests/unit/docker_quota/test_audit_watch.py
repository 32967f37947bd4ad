"""Who may have sent a request: never fewer than those who may."""

import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.docker_quota.attribution.suspects import LINGER
from app.docker_quota.audit.finding import find_by_audit
from app.docker_quota.audit.watch import OLD, AuditWatch
from app.docker_quota.values import Attribution, Candidate, Certainty, Method
from tests.fakes.audited_machine import AuditedMachine, Client

ALICE, BOB, CAROL = 1000, 1001, 1002
NAMES = {ALICE: "alice", BOB: "bob"}
IN_CONTAINER = "c" * 64


@pytest.fixture
def machine(tmp_path: Path) -> AuditedMachine:
    made = AuditedMachine(tmp_path / "audit.log")
    made.breaks()
    made.clock.forward(60)
    return made


def request(machine: AuditedMachine) -> datetime:
    """The moment of a request that somebody sends now."""
    machine.clock.forward(0.02)
    return machine.clock()


def uids(watch: AuditWatch, moment: datetime) -> set[int] | None:
    suspects = watch.find_suspects(moment)
    return None if suspects is None else set(suspects.uids)


def watch_of(machine: AuditedMachine) -> AuditWatch:
    """One that has looked once."""
    watch = machine.watch()
    watch.look()
    return watch


def look_later(machine: AuditedMachine, watch: AuditWatch, seconds: float = 5) -> None:
    machine.clock.forward(seconds)
    watch.look()


def test_a_single_user_is_the_one(machine: AuditedMachine) -> None:
    watch = watch_of(machine)
    client = machine.connect(ALICE)
    moment = request(machine)
    machine.end(client)
    look_later(machine, watch)
    assert uids(watch, moment) == {ALICE}


def test_who_keeps_a_connection_is_a_candidate_for_all_that_time(machine: AuditedMachine) -> None:
    watch = watch_of(machine)
    machine.connect(BOB)
    for _ in range(3):
        look_later(machine, watch, 3600)
    machine.end(machine.connect(ALICE))
    moment = request(machine)
    look_later(machine, watch)
    assert uids(watch, moment) == {ALICE, BOB}


def test_who_is_known_to_have_gone_is_none_any_more(machine: AuditedMachine) -> None:
    watch = watch_of(machine)
    machine.end(machine.connect(BOB))
    look_later(machine, watch)
    soon = request(machine)
    machine.clock.forward(LINGER.total_seconds() + 1)
    machine.connect(ALICE)
    later = request(machine)
    look_later(machine, watch)
    assert uids(watch, soon) == {BOB}
    assert uids(watch, later) == {ALICE}


def test_a_later_process_of_the_same_number_is_another(machine: AuditedMachine) -> None:
    watch = watch_of(machine)
    client = machine.connect(BOB, pid=77)
    look_later(machine, watch)
    machine.end(client)
    machine.is_recorded = False
    machine.connect(CAROL, pid=77)
    machine.is_recorded = True
    look_later(machine, watch)
    look_later(machine, watch, 60)
    machine.connect(ALICE)
    moment = request(machine)
    look_later(machine, watch)
    assert uids(watch, moment) == {ALICE, CAROL}


def test_a_connection_of_before_the_log_is_seen_by_its_socket(machine: AuditedMachine) -> None:
    machine.is_recorded = False
    old = machine.connect(BOB)
    machine.is_recorded = True
    machine.breaks()
    watch = watch_of(machine)
    machine.connect(ALICE)
    moment = request(machine)
    look_later(machine, watch)
    assert uids(watch, moment) == {ALICE, BOB}
    machine.end(old)
    look_later(machine, watch)
    machine.clock.forward(60)
    later = request(machine)
    look_later(machine, watch)
    assert uids(watch, later) == {ALICE}


@pytest.mark.parametrize("seconds", [0.5, 3600])
def test_a_recorded_connection_explains_no_older_one(machine: AuditedMachine, seconds: float) -> None:
    machine.is_recorded = False
    machine.connect(BOB)
    machine.is_recorded = True
    machine.end(machine.connect(BOB))
    machine.clock.forward(seconds)
    watch = watch_of(machine)
    machine.connect(ALICE)
    moment = request(machine)
    for _ in range(8):
        look_later(machine, watch, 0.8)
        assert uids(watch, moment) in (None, {ALICE, BOB})
    assert uids(watch, moment) == {ALICE, BOB}


def test_a_record_that_comes_late_explains_its_socket(machine: AuditedMachine) -> None:
    watch = watch_of(machine)
    machine.clock.forward(60)
    machine.connect(ALICE)
    moment = request(machine)
    machine.clock.forward(60)
    log = machine.log.read_bytes()
    machine.connect(BOB)
    with_bob = machine.log.read_bytes()
    machine.log.write_bytes(log)
    watch.look()
    machine.log.write_bytes(with_bob)
    look_later(machine, watch)
    assert uids(watch, moment) == {ALICE}


def test_without_sock_diag_the_log_alone_speaks(machine: AuditedMachine) -> None:
    machine.tells_sockets = False
    watch = watch_of(machine)
    machine.connect(ALICE)
    early = request(machine)
    machine.clock.forward(OLD.total_seconds())
    late = request(machine)
    look_later(machine, watch)
    assert uids(watch, early) is None, "somebody may have connected before the log began"
    assert uids(watch, late) == {ALICE}


def test_what_happened_while_nobody_looked_needs_a_log_that_is_a_day_older(machine: AuditedMachine) -> None:
    machine.end(machine.connect(ALICE))
    early = request(machine)
    machine.clock.forward(OLD.total_seconds())
    machine.end(machine.connect(BOB))
    late = request(machine)
    watch = machine.watch()
    look_later(machine, watch)
    assert uids(watch, early) is None
    assert uids(watch, late) == {ALICE, BOB}, "when Alice's process ended nobody saw"


def test_a_moment_that_the_log_does_not_cover_says_nothing(machine: AuditedMachine) -> None:
    watch = machine.watch()
    assert watch.find_suspects(machine.clock()) is None
    watch.look()
    machine.connect(ALICE)
    before = request(machine)
    machine.clock.forward(1)
    machine.breaks()
    look_later(machine, watch, 1)
    after = request(machine)
    look_later(machine, watch, 1)
    assert uids(watch, after) is None, "a record of that moment may not be written yet"
    look_later(machine, watch)
    assert uids(watch, before) is None, "whoever connected while auditd did not run is not recorded"
    assert uids(watch, after) == {ALICE}


def test_lost_lines_may_have_named_somebody(machine: AuditedMachine) -> None:
    watch = watch_of(machine)
    look_later(machine, watch)
    machine.connect(ALICE)
    moment = request(machine)
    machine.end(machine.connect(BOB))
    machine.log.write_bytes(b"")
    machine.clock.forward(5)
    machine.end(machine.connect(ALICE))
    look_later(machine, watch)
    machine.clock.forward(60)
    machine.connect(ALICE)
    later = request(machine)
    look_later(machine, watch)
    assert uids(watch, moment) is None
    assert uids(watch, later) == {ALICE}


def test_an_emptied_log_may_have_named_somebody(machine: AuditedMachine) -> None:
    watch = watch_of(machine)
    machine.end(machine.connect(BOB))
    moment = request(machine)
    machine.log.write_bytes(b"")
    look_later(machine, watch)
    assert uids(watch, moment) is None


def test_a_log_that_cannot_be_read_is_said_and_reading_goes_on(machine: AuditedMachine) -> None:
    watch = watch_of(machine)
    look_later(machine, watch)
    aside = machine.log.rename(machine.log.with_name("aside"))
    look_later(machine, watch)
    assert watch.problem is not None
    assert watch.problem.code == "missing"
    aside.rename(machine.log)
    machine.connect(ALICE)
    moment = request(machine)
    look_later(machine, watch)
    assert watch.problem is None
    assert uids(watch, moment) == {ALICE}


def test_qman_itself_is_no_candidate(machine: AuditedMachine) -> None:
    watch = watch_of(machine)
    machine.connect(ALICE)
    machine.connect_own()
    moment = request(machine)
    look_later(machine, watch)
    assert uids(watch, moment) == {ALICE}


def test_what_is_long_over_is_forgotten_and_not_guessed(machine: AuditedMachine) -> None:
    watch = watch_of(machine)
    machine.end(machine.connect(BOB))
    moment = request(machine)
    look_later(machine, watch)
    assert uids(watch, moment) == {BOB}
    look_later(machine, watch, 2 * 3600)
    assert uids(watch, moment) is None


def test_a_request_from_a_container_counts_for_the_containers_user(machine: AuditedMachine) -> None:
    watch = watch_of(machine)
    machine.connect(0, container=IN_CONTAINER)
    moment = request(machine)
    look_later(machine, watch)
    owner = Attribution.of(Candidate(BOB, "bob"), Method.PROXY, Certainty.CERTAIN)
    known = find_by_audit(watch, moment, NAMES.get, {IN_CONTAINER: owner})
    assert known is not None
    assert (known.candidates, known.has_unknown) == ((Candidate(BOB, "bob"),), False)
    unknown = find_by_audit(watch, moment, NAMES.get, {})
    assert unknown is not None
    assert (unknown.candidates, unknown.has_unknown) == ((), True)


class Day:
    """What happens on a machine, and who sent which request."""

    def __init__(self, machine: AuditedMachine) -> None:
        self.machine = machine
        self.machine.breaks()
        self.watch = machine.watch()
        self.clients: list[Client] = []
        self.sent: list[tuple[datetime, int]] = []
        self.done: list[tuple[str, int]] = []

    def act(self, action: str, number: int) -> None:
        """One thing. A client that ends may have sent a request that takes effect a little later."""
        self.done.append((action, number))
        self.machine.clock.forward(0.5)
        client = self.clients[number % len(self.clients)] if self.clients else None
        if action == "connect":
            self.clients.append(self.machine.connect((ALICE, BOB, CAROL)[number % 3]))
        elif action == "request" and client is not None:
            self.sent.append((self.machine.clock(), client.uid))
        elif action == "end" and client is not None:
            self.machine.end(client)
            self.clients.remove(client)
            self.machine.clock.forward(LINGER.total_seconds() * (number % 2) / 2)
            self.sent.append((self.machine.clock(), client.uid))
        elif action == "wait":
            self.machine.clock.forward(1 + number * 7)
        else:
            self.see(action)

    def see(self, action: str) -> None:
        """What qman and auditd do."""
        if action == "look":
            self.watch.look()
        elif action == "rotate":
            self.machine.rotate()
        elif action == "start anew":
            self.watch = self.machine.watch()

    def check(self) -> None:
        """Whoever sent a request is among the suspects, where the log says anything."""
        for moment, uid in self.sent:
            found = uids(self.watch, moment)
            assert found is None or uid in found, self.done


ACTIONS = st.tuples(
    st.sampled_from(["connect", "request", "end", "wait", "look", "look", "rotate", "start anew"]), st.integers(0, 5)
)


@settings(deadline=None, max_examples=150)
@given(st.lists(ACTIONS, max_size=40))
def test_whoever_it_was_is_among_the_suspects(actions: Sequence[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        day = Day(AuditedMachine(Path(folder) / "audit.log"))
        for action, number in actions:
            day.act(action, number)
            day.check()
        look_later(day.machine, day.watch)
        day.check()
