"""Change sets survive the process that carries them out, and exactly one process does."""

import threading
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from app.db.repositories.audit import AuditFilter, AuditRecord, AuditRepository
from app.db.repositories.change_sets import ChangeLine, ChangeSet, ChangeSetRepository, LineFilter
from app.db.repositories.leases import LeaseRepository
from app.master.changes.carrying import Carrier, LeaseLostError
from app.master.changes.runner import LEASE, LEASE_DURATION, ChangeRunner
from app.master.changes.sets import new_set
from app.master.changes.slave_calls import SlaveCalls
from app.master.changes.trail import Actor, Place
from app.master.fleet import HostEntry
from app.web.quota_changes import RowOut
from tests.fakes.people import MasterWithPeople
from tests.fakes.slaves import FleetOfSlaves

ACTOR = Actor("a1", "charlie", "session", "127.0.0.1")


class ProcessDiedError(BaseException):
    """Stands for kill -9 at this place."""


class DyingCalls(SlaveCalls):
    """The process dies after so many changes, `after_sending` or before that."""

    def __init__(self, calls: SlaveCalls, changes: int, *, after_sending: bool) -> None:
        super().__init__(calls._client)
        self._left = changes
        self._after_sending = after_sending

    def set_limits(self, host: HostEntry, place: Place, quota_id: int, limits: Mapping[str, int]) -> RowOut:
        self._left -= 1
        if self._left < 0 and not self._after_sending:
            raise ProcessDiedError
        row = super().set_limits(host, place, quota_id, limits)
        if self._left < 0:
            raise ProcessDiedError
        return row


@pytest.fixture
def slaves() -> Iterator[FleetOfSlaves]:
    with FleetOfSlaves(hosts=1, users=10) as fleet:
        yield fleet


@pytest.fixture
def master(tmp_path: Path, slaves: FleetOfSlaves) -> Iterator[MasterWithPeople]:
    master = MasterWithPeople(tmp_path, slaves.entries())
    master.collect()
    yield master
    master.close()


def five_changes(master: MasterWithPeople) -> ChangeSet:
    change_set = new_set("import", ACTOR, "why", master.clock(), state="running")
    lines = [
        ChangeLine(
            change_set_id=change_set.id,
            number=number,
            host_id="h1",
            device="/dev/sda1",
            quota_type="user",
            quota_id=1000 + number,
            name=f"user{1000 + number}",
            limits={"block_hard_limit": (20 + number) * 2**20},
            before=None,
            expected=None,
            outcome="waiting",
        )
        for number in range(1, 6)
    ]
    with master.database.write() as connection:
        ChangeSetRepository(connection).add(change_set, lines)
    return change_set


def carry_out_all(carrier: Carrier, change_set: ChangeSet) -> None:
    while carrier.carry_out_some(change_set, "h1", lambda _: None):
        continue


def limits_on(slaves: FleetOfSlaves) -> list[int]:
    rows = slaves.devices_of("h1")[0]["user_quotas"]
    return [row["block_hard_limit"] for row in rows if 1001 <= row["uid"] <= 1005]


def trail_of(master: MasterWithPeople) -> list[AuditRecord]:
    with master.database.read() as connection:
        entries, _ = AuditRepository(connection).page(AuditFilter(), [("at", False)], limit=100, offset=0)
    return entries


def outcomes(master: MasterWithPeople, change_set: ChangeSet) -> list[str]:
    with master.database.read() as connection:
        lines, _ = ChangeSetRepository(connection).lines(change_set.id, LineFilter())
    return [line.outcome for line in lines]


@pytest.mark.parametrize("after_sending", [True, False])
def test_after_a_kill_the_rest_is_carried_out_and_what_was_sent_again_says_so(
    master: MasterWithPeople, slaves: FleetOfSlaves, *, after_sending: bool
) -> None:
    change_set = five_changes(master)
    calls = SlaveCalls(master.master.client)
    dying = Carrier(
        master.database, master.master.fleet, DyingCalls(calls, 2, after_sending=after_sending), master.clock
    )
    with pytest.raises(ProcessDiedError):
        carry_out_all(dying, change_set)
    assert outcomes(master, change_set) == ["applied", "applied", "sent", "waiting", "waiting"]
    master.carry_out()
    assert outcomes(master, change_set) == ["applied"] * 5
    assert limits_on(slaves) == [number * 2**20 for number in range(21, 26)]
    entries = [entry for entry in trail_of(master) if entry.target_id == "1003"]
    first = next(entry for entry in entries if entry.resend_of is None)
    (again,) = [entry for entry in entries if entry.resend_of == first.id]
    assert (first.outcome, first.settled_at, again.outcome) == ("unknown", None, "applied")
    assert len(trail_of(master)) == 6


def test_nothing_is_sent_while_another_process_holds_the_lease(master: MasterWithPeople, slaves: FleetOfSlaves) -> None:
    five_changes(master)
    with master.database.write() as connection:
        LeaseRepository(connection).acquire(LEASE, "another", master.clock(), LEASE_DURATION)
    assert master.master.runner.tick()
    assert slaves.calls["h1", "PUT", "/quotas/users/1001"] == 0
    master.clock.forward(LEASE_DURATION.total_seconds() + 1)
    master.carry_out()
    assert slaves.calls["h1", "PUT", "/quotas/users/1001"] == 1


def test_a_process_that_lost_the_lease_sends_nothing_more(master: MasterWithPeople, slaves: FleetOfSlaves) -> None:
    """It stood still for longer than the lease lasts, another has taken over, and it goes on."""
    change_set, runner = five_changes(master), master.master.runner
    with master.database.write() as connection:
        LeaseRepository(connection).acquire(LEASE, "another", master.clock(), timedelta(seconds=60))
    carrier = Carrier(master.database, master.master.fleet, SlaveCalls(master.master.client), master.clock)
    with pytest.raises(LeaseLostError):
        carrier.carry_out_some(change_set, "h1", runner._check)
    assert outcomes(master, change_set) == ["waiting"] * 5
    assert trail_of(master) == []
    assert sum(count for (_, method, _), count in slaves.calls.items() if method != "GET") == 0


def test_two_runners_send_each_line_once(master: MasterWithPeople, slaves: FleetOfSlaves) -> None:
    change_set = five_changes(master)
    carrier = Carrier(master.database, master.master.fleet, SlaveCalls(master.master.client), master.clock)
    runners = [ChangeRunner(master.database, carrier, master.clock) for _ in range(2)]

    def work(runner: ChangeRunner) -> None:
        while runner.tick():
            runner.wait(0.01)

    threads = [threading.Thread(target=work, args=(runner,)) for runner in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert outcomes(master, change_set) == ["applied"] * 5
    assert [slaves.calls["h1", "PUT", f"/quotas/users/{uid}"] for uid in range(1001, 1006)] == [1] * 5
    assert len(trail_of(master)) == 5
