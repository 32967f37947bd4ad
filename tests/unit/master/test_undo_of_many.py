"""An undo of many changes under load: a hiccup is waited for, what was not undone says why, and undo again ends it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.db.repositories.change_sets import ChangeSetRepository
from app.db.repositories.leases import LeaseRepository
from app.master.changes.carrying import Carrier
from app.master.changes.patience import PAUSES
from app.master.changes.runner import LEASE, LEASE_DURATION, ChangeRunner
from app.master.changes.slave_calls import SlaveCalls
from app.master.changes.trail import Place
from app.master.collector.slave_client import SlaveClient
from app.master.fleet import HostEntry
from app.web.quota_changes import BatchOut
from tests.fakes.fleet_database import HandClock
from tests.fakes.hiccups import Hiccup, HiccupingFleet
from tests.fakes.people import LoggedIn, MasterWithPeople

USERS = 250
PIECES = 3
"""Of at most 100. Each is two batches: what stands, then the change."""
NEW, OLD = 20 * 2**20, 10 * 2**20
FOR_EVER: dict[int, Hiccup] = dict.fromkeys(range(3, 40), "overloaded")


class ProcessDiedError(BaseException):
    """Stands for kill -9 at this place."""


class DyingCalls(SlaveCalls):
    """The process dies when the host has changed the first piece, and before that is written down."""

    def set_many(
        self, host: HostEntry, place: Place, targets: Mapping[str, Any], limits: Mapping[str, int], *, dry_run: bool
    ) -> BatchOut:
        done = super().set_many(host, place, targets, limits, dry_run=dry_run)
        if not dry_run:
            raise ProcessDiedError
        return done


class Undoing:
    """An admin who has imported a limit for everybody, and undoes that; `pauses` are those that were made."""

    def __init__(self, master: MasterWithPeople, slaves: HiccupingFleet, client: SlaveClient) -> None:
        self.master = master
        self.slaves = slaves
        self.client = client
        self.admin: LoggedIn = master.log_in("charlie", is_admin=True)
        self.pauses: list[float] = []
        self.in_pause: Callable[[], None] = lambda: None
        carrier = Carrier(master.database, master.master.fleet, SlaveCalls(client), master.clock, self._pause)
        self.runner = ChangeRunner(master.database, carrier, master.clock)
        lines = [f"h1,/dev/sda1,{1000 + number},,20GiB" for number in range(USERS)]
        csv = "\n".join(("host,device,id,name,block_hard_limit", *lines))
        self.imported = self.admin.send("POST", "/api/admin/imports", {"csv": csv}).get_json()["id"]
        assert self.admin.send("POST", f"/api/admin/change-sets/{self.imported}/run", {}).status_code == 200
        self.carry_out()
        assert self.limits() == [NEW] * USERS

    def carry_out(self) -> None:
        while self.runner.tick():
            self.runner.wait(0.02)

    def undo(self) -> dict[str, Any]:
        """Presses undo; the set when it is over."""
        return self.ended(self.press())

    def press(self) -> str:
        begun = self.admin.send("POST", f"/api/admin/change-sets/{self.imported}/undo", {})
        assert begun.status_code == 201
        return str(begun.get_json()["id"])

    def ended(self, set_id: str) -> dict[str, Any]:
        self.carry_out()
        ended: dict[str, Any] = self.admin.json(f"/api/admin/change-sets/{set_id}")
        assert ended["state"] == "done"
        return ended

    def problems(self, set_id: str) -> list[tuple[str, str]]:
        """Outcome and reason of each line that was not undone."""
        path = f"/api/admin/change-sets/{set_id}/lines?only=problems&page_size=500"
        return [(line["outcome"], line["problem"]["detail"]) for line in self.admin.json(path)["items"]]

    def limits(self) -> list[int]:
        return [row["block_hard_limit"] for row in self.slaves.devices_of("h1")[0]["user_quotas"]]

    def assert_again_ends_it(self) -> None:
        self.slaves.begin({})
        again = self.undo()
        assert again["counts"]["done"] == again["counts"]["total"] == USERS
        assert self.limits() == [OLD] * USERS

    def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.in_pause()


@pytest.fixture
def change_seconds() -> float:
    """How long the host may take; no healthy one takes so long."""
    return 30.0


@pytest.fixture
def undoing(tmp_path: Path, change_seconds: float) -> Iterator[Undoing]:
    clock = HandClock()
    with HiccupingFleet(USERS) as slaves, closing(SlaveClient(clock, hosts=1, change_seconds=change_seconds)) as client:
        master = MasterWithPeople(tmp_path, slaves.entries(), clock=clock)
        master.collect()
        undoing = Undoing(master, slaves, client)
        slaves.begin({})
        yield undoing
        master.close()


@pytest.mark.parametrize("number", [3, 4], ids=["asked what stands", "changing"])
def test_a_host_that_is_busy_for_a_moment_is_asked_again(undoing: Undoing, number: int) -> None:
    undoing.slaves.begin({number: "overloaded", number + 1: "overloaded"})
    undone = undoing.undo()
    assert (undone["counts"]["done"], undone["counts"]["failed"]) == (USERS, 0)
    assert undoing.limits() == [OLD] * USERS
    assert undoing.pauses == list(PAUSES[:2])
    assert undoing.admin.json(f"/api/admin/audit?change_set={undone['id']}")["total"] == USERS


def test_a_host_that_stays_busy_is_told_line_by_line_and_undo_again_ends_it(undoing: Undoing) -> None:
    undoing.slaves.begin(FOR_EVER)
    undone = undoing.undo()
    assert (undone["counts"]["done"], undone["counts"]["failed"]) == (100, USERS - 100)
    assert undoing.pauses == [*PAUSES, *PAUSES]
    assert undoing.problems(undone["id"]) == [("refused", "overloaded")] * (USERS - 100)
    undoing.assert_again_ends_it()


@pytest.mark.parametrize("change_seconds", [2.0])
def test_a_host_that_does_not_say_in_time_what_stands_is_told_as_that(undoing: Undoing) -> None:
    undoing.slaves.begin({3: "late"})
    undone = undoing.undo()
    problems = undoing.problems(undone["id"])
    assert {outcome for outcome, _ in problems} == {"failed"}
    assert len(problems) == USERS - 100
    assert all("Nothing was changed" in detail for _, detail in problems)
    undoing.slaves.mend("h1")
    undoing.assert_again_ends_it()


def test_a_device_that_does_not_say_what_stands_is_told_by_its_reason(undoing: Undoing) -> None:
    undoing.slaves.begin({3: "stuck"})
    undone = undoing.undo()
    assert (undone["counts"]["done"], undone["counts"]["failed"]) == (150, 100)
    problems = undoing.problems(undone["id"])
    assert all("did not answer within 5 seconds" in detail for _, detail in problems), problems[0]
    assert all(detail.endswith("Nothing was changed now.") for _, detail in problems)
    undoing.assert_again_ends_it()


def test_a_piece_whose_answer_is_lost_is_unknown_until_undo_again(undoing: Undoing) -> None:
    undoing.slaves.begin({4: "lost"})
    undone = undoing.undo()
    assert (undone["counts"]["done"], undone["counts"]["unknown"], undone["counts"]["failed"]) == (100, 100, 50)
    undoing.assert_again_ends_it()


def test_readings_in_between_settle_what_was_lost(undoing: Undoing) -> None:
    undoing.slaves.begin({4: "lost"})
    undone = undoing.undo()
    undoing.master.clock.forward(60)
    undoing.master.collect()
    counts = undoing.admin.json(f"/api/admin/change-sets/{undone['id']}")["counts"]
    assert (counts["done"], counts["unknown"], counts["failed"]) == (200, 0, 50)
    undoing.assert_again_ends_it()


def test_what_was_undone_by_a_process_that_died_is_not_called_changed_since(undoing: Undoing) -> None:
    undone, client = undoing.press(), undoing.client
    dying = Carrier(undoing.master.database, undoing.master.master.fleet, DyingCalls(client), undoing.master.clock)
    with undoing.master.database.read() as connection:
        (change_set,) = ChangeSetRepository(connection).running()
    with pytest.raises(ProcessDiedError):
        dying.carry_out_some(change_set, "h1", lambda _: None)
    assert undoing.limits().count(OLD) == 100
    assert undoing.ended(undone)["counts"]["done"] == USERS
    assert undoing.limits() == [OLD] * USERS
    undoing.master.clock.forward(60)
    undoing.master.collect()
    trail = undoing.admin.json(f"/api/admin/audit?change_set={undone}&page_size=500")
    assert (trail["total"], {entry["outcome"] for entry in trail["items"]}) == (USERS, {"applied"})


@pytest.mark.parametrize("number", [3, 4], ids=["asked what stands", "changing"])
def test_who_loses_the_lease_while_a_host_is_busy_sends_nothing_more(undoing: Undoing, number: int) -> None:
    def another_takes_over() -> None:
        undoing.master.clock.forward(LEASE_DURATION.total_seconds() + 1)
        with undoing.master.database.write() as connection:
            LeaseRepository(connection).acquire(LEASE, "another", undoing.master.clock(), LEASE_DURATION)
        undoing.slaves.begin({})
        undoing.in_pause = lambda: None
        pauses.append(undoing.slaves.batches)

    pauses: list[int] = []
    undoing.in_pause = another_takes_over
    undoing.slaves.begin({number: "overloaded"})
    set_id = undoing.press()
    while not pauses:
        undoing.runner.tick()
        undoing.runner.wait(0.02)
    undoing.runner.wait(0.5)
    assert undoing.slaves.batches == 0
    undoing.master.clock.forward(LEASE_DURATION.total_seconds() + 1)
    assert undoing.ended(set_id)["counts"]["done"] == USERS
    assert undoing.limits() == [OLD] * USERS
