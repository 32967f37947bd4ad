"""What the audit log says, in the ledger: found once, kept, and never billed to the next owner of a uid."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.docker_quota.attribution.evidence import AuditFinding
from app.docker_quota.audited import AuditTrail, finding_in
from app.docker_quota.objects import ObjectKind
from app.docker_quota.values import UNKNOWN, Attribution, Candidate, Certainty, Method
from app.docker_quota.words import Saying
from tests.fakes.audited_machine import EPOCH, AuditedMachine
from tests.fakes.docker_ledger import KeptLedger, names_of

ALICE, BOB = 1000, 1001
A, B = Candidate(ALICE, "alice"), Candidate(BOB, "bob")
CONTAINER = ObjectKind.CONTAINER
AMBIGUOUS = (None, "audit", "ambiguous")


class AuditedLedger:
    """A ledger on a machine with an audit log. `start_anew` is a new process: it knows what is stored, and the log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.machine = AuditedMachine(folder / "audit.log")
        self.machine.breaks()
        self.names: dict[int, str | None] = {}
        self.waited = 0.0
        self.kept = KeptLedger(folder, audit=self.trail(), names_of=self.names_of)
        self.kept.look()

    def trail(self) -> AuditTrail:
        return AuditTrail(self.machine.watch(), self.names_of, self.wait)

    def names_of(self, uids: Collection[int]) -> Mapping[int, str | None]:
        return {**names_of(uids), **self.names}

    def wait(self, seconds: float) -> None:
        self.waited += seconds
        self.machine.clock.forward(seconds)

    def start_anew(self) -> None:
        engine, store = self.kept.engine, self.kept.store
        self.kept = KeptLedger(self.folder, database=self.kept.database, audit=self.trail(), names_of=self.names_of)
        self.kept.engine, self.kept.store = engine, store

    def create(self, *uids: int, label: str = "") -> str:
        """A container, made while these users have a connection."""
        self.machine.clock.now = self.machine.clock().replace(microsecond=980_000)
        clients = [self.machine.connect(uid) for uid in uids]
        self.machine.clock.forward(0.02)  # the fake engine's moments are whole seconds
        its = self.kept.engine.add_container("web", labels={"qman.user": label} if label else {})
        at = self.machine.clock() - EPOCH
        listed = self.kept.engine.containers[its]
        self.kept.engine.containers[its] = replace(listed, created_at=int(at / timedelta(seconds=1)))
        self.machine.clock.forward(0.02)
        for client in clients:
            self.machine.end(client)
        return its

    def owner(self, its: str) -> tuple[int | None, str, str]:
        return self.kept.owner(CONTAINER, its)


@pytest.fixture
def audited(tmp_path: Path) -> AuditedLedger:
    made = AuditedLedger(tmp_path)
    made.machine.clock.forward(60)
    return made


def test_a_single_users_container_is_probably_theirs_at_the_first_look(audited: AuditedLedger) -> None:
    its = audited.create(ALICE)
    audited.kept.look()
    assert audited.owner(its) == (ALICE, "audit", "probable")
    assert 0 < audited.waited <= 2.1


def test_two_at_once_are_ambiguous(audited: AuditedLedger) -> None:
    its = audited.create(ALICE, BOB)
    audited.kept.look()
    assert audited.owner(its) == AMBIGUOUS
    candidates = audited.kept.entry(CONTAINER, its).attribution.candidates
    assert candidates == (Candidate(ALICE, "alice"), Candidate(BOB, "bob"))


def test_what_was_found_outlives_the_log_and_the_process(audited: AuditedLedger) -> None:
    alices, between = audited.create(ALICE), audited.create(ALICE, BOB)
    audited.kept.look()
    audited.machine.clock.forward(60)
    claimed = audited.create(ALICE, label="bob")
    audited.kept.look()
    audited.machine.log.write_bytes(b"")
    audited.machine.clock.forward(10_000)
    audited.start_anew()
    audited.kept.look()
    assert audited.owner(alices) == (ALICE, "audit", "probable")
    assert audited.owner(between) == AMBIGUOUS
    assert audited.owner(claimed) == (BOB, "label", "ambiguous"), "Alice's claim for Bob bills nobody later either"


def test_the_next_owner_of_the_uid_has_nothing_of_the_last(audited: AuditedLedger) -> None:
    its = audited.create(ALICE)
    audited.kept.look()
    audited.names[ALICE] = "dave"
    audited.kept.look()
    assert audited.owner(its)[::2] == (None, "unknown")


def test_a_deleted_users_container_stays_theirs(audited: AuditedLedger) -> None:
    its = audited.create(BOB)
    audited.kept.look()
    audited.names[BOB] = None
    audited.kept.look()
    assert audited.owner(its) == (BOB, "audit", "probable")


def test_a_log_that_cannot_be_read_says_nothing_and_stops_nothing(audited: AuditedLedger) -> None:
    audited.machine.log.unlink()
    its = audited.kept.engine.add_container("web")
    assert audited.kept.look() == "ok"
    assert audited.owner(its) == (None, "none", "unknown")


@pytest.mark.parametrize(
    ("decided", "finding"),
    [
        (UNKNOWN, None),
        (Attribution(ALICE, "alice", Method.AUDIT, Certainty.PROBABLE), AuditFinding((A,))),
        (Attribution(None, None, Method.AUDIT, Certainty.AMBIGUOUS, (A, B)), AuditFinding((A, B))),
        (Attribution(None, None, Method.AUDIT, Certainty.AMBIGUOUS, (A,)), AuditFinding((A,), has_unknown=True)),
        (Attribution(None, "alice", Method.AUDIT, Certainty.UNKNOWN), None),
        (Attribution(BOB, "bob", Method.LABEL, Certainty.AMBIGUOUS, (A, B)), AuditFinding((A,))),
        (Attribution(BOB, "bob", Method.LABEL, Certainty.CLAIMED), None),
        (Attribution(ALICE, "alice", Method.PROXY, Certainty.CERTAIN), None),
    ],
)
def test_what_was_found_is_read_from_what_was_decided(decided: Attribution, finding: AuditFinding | None) -> None:
    assert finding_in(decided) == finding


def test_what_was_found_outlives_a_word_of_an_admin(audited: AuditedLedger) -> None:
    its = audited.create(ALICE)
    audited.kept.look()
    entry, ledger = audited.kept.entry(CONTAINER, its), audited.kept.ledger
    ledger.override(entry, B, Saying("root", "a guess", audited.kept.clock.now))
    audited.kept.look()
    assert audited.owner(its) == (BOB, "override", "certain")
    audited.machine.log.write_bytes(b"")
    audited.machine.clock.forward(10_000)
    audited.start_anew()
    its_entry = audited.kept.entry(CONTAINER, its)
    audited.kept.meanwhile = lambda: ledger.withdraw(its_entry, Saying("root", "was wrong", audited.kept.clock.now))
    audited.kept.look()  # writes what it knew when it began
    audited.kept.meanwhile = lambda: None
    audited.kept.look()
    assert audited.owner(its) == (ALICE, "audit", "probable")
