"""What became of a change that no answer told: the next good reading begun after its deadline tells."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.db.repositories.audit import AuditFilter, AuditRecord, AuditRepository
from app.master.changes.settling import NOT_DONE_AFTER, OVER_AFTER
from app.master.changes.trail import Actor, Begun, Entry, Place, Trail
from app.quota.values import QuotaType
from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.slaves import FleetOfSlaves

PLACE = Place("h1", "/dev/sda1", QuotaType.USER)
PATH = "/api/quotas/h1/users/1003?device=/dev/sda1"
LONG = NOT_DONE_AFTER.total_seconds() + 1
GIB_IN_KIB = 1024 * 1024
SHORT = OVER_AFTER.total_seconds() - 1


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


@pytest.fixture
def admin(master: MasterWithPeople) -> LoggedIn:
    return master.log_in("charlie", is_admin=True)


def read_after(master: MasterWithPeople, seconds: float) -> None:
    master.clock.forward(seconds)
    master.collect()


def entries(master: MasterWithPeople) -> list[AuditRecord]:
    with master.database.read() as connection:
        found, _ = AuditRepository(connection).page(AuditFilter(), [("at", False)], limit=100, offset=0)
    return found


def begun(master: MasterWithPeople, action: str, after: dict[str, int], target: int | None = None) -> str:
    """What a master leaves that is killed after it has begun a change and before it knows the answer."""
    trail = Trail(master.database, master.clock, require_reason=False)
    what = Begun(Actor("a1", "charlie", "session", "::1"), action, PLACE, "")
    (audit_id,) = trail.begin(what, [Entry(target, None, None, after)])
    return audit_id


@pytest.mark.parametrize(("came_through", "outcome"), [(True, "applied"), (False, "failed")])
def test_a_master_killed_in_between(
    master: MasterWithPeople, slaves: FleetOfSlaves, *, came_through: bool, outcome: str
) -> None:
    begun(master, "set_limits", {"block_hard_limit": 77 * GIB_IN_KIB}, 1003)
    if came_through:
        slaves.set_limits("h1", PLACE.device, 1003, {"block_hard_limit": 77 * GIB_IN_KIB})
    read_after(master, LONG)
    (entry,) = entries(master)
    assert (entry.outcome, entry.settled_by, entry.settled_at) == (outcome, "reading", master.clock())
    if came_through:
        assert entry.after is not None
        assert (entry.after["block_hard_limit"], entry.after["inode_hard_limit"]) == (77 * GIB_IN_KIB, 100_000)
    else:
        assert (entry.after, entry.problem) == (None, "The host did not do it, as its next reading shows.")


def test_a_host_that_fails_in_the_middle(master: MasterWithPeople, admin: LoggedIn, slaves: FleetOfSlaves) -> None:
    slaves.fail("h1")
    assert admin.send("PUT", PATH, {"block_hard_limit": 77 * GIB_IN_KIB}).status_code == 502
    (entry,) = admin.json("/api/admin/audit")["items"]
    assert (entry["outcome"], entry["settled_by"], entry["after"]) == (
        "unknown",
        None,
        {"block_hard_limit": 77 * GIB_IN_KIB},
    )
    read_after(master, LONG)
    assert entries(master)[0].outcome == "unknown"
    slaves.mend("h1")
    slaves.set_limits("h1", PLACE.device, 1003, {"block_hard_limit": 77 * GIB_IN_KIB})
    read_after(master, 3600)
    assert entries(master)[0].outcome == "applied"


def test_a_reading_from_before_the_deadline_says_nothing(master: MasterWithPeople, slaves: FleetOfSlaves) -> None:
    """The answer may still come, and tell more."""
    begun(master, "set_limits", {"block_hard_limit": 77 * GIB_IN_KIB}, 1003)
    slaves.set_limits("h1", PLACE.device, 1003, {"block_hard_limit": 77 * GIB_IN_KIB})
    read_after(master, SHORT)
    assert (entries(master)[0].outcome, entries(master)[0].settled_at) == ("unknown", None)


def test_what_stands_counts_earlier_than_what_does_not(master: MasterWithPeople, slaves: FleetOfSlaves) -> None:
    """Given up, a slave may go on for a while: it is not said to have failed before that is over."""
    begun(master, "set_limits", {"block_hard_limit": 77 * GIB_IN_KIB}, 1003)
    begun(master, "set_limits", {"block_hard_limit": 88 * GIB_IN_KIB}, 1004)
    slaves.set_limits("h1", PLACE.device, 1004, {"block_hard_limit": 88 * GIB_IN_KIB})
    read_after(master, SHORT + 2)
    assert {entry.target_id: entry.outcome for entry in entries(master)} == {"1003": "unknown", "1004": "applied"}


def test_a_reading_that_found_nothing_new_counts_too(master: MasterWithPeople, slaves: FleetOfSlaves) -> None:
    read_after(master, 61)
    begun(master, "set_limits", {"block_hard_limit": 77 * GIB_IN_KIB}, 1003)
    read_after(master, 61)
    assert slaves.not_modified["h1"] > 0
    assert entries(master)[0].outcome == "failed"


def test_a_device_that_failed_says_nothing(master: MasterWithPeople, slaves: FleetOfSlaves) -> None:
    begun(master, "set_limits", {"block_hard_limit": 77 * GIB_IN_KIB}, 1003)
    slaves.fail_device("h1", PLACE.device)
    read_after(master, LONG)
    assert entries(master)[0].outcome == "unknown"


def test_nothing_can_tell_of_what_was_changed_again(master: MasterWithPeople, admin: LoggedIn) -> None:
    first = begun(master, "set_limits", {"block_hard_limit": 77 * GIB_IN_KIB}, 1003)
    master.clock.forward(1)
    admin.send("PUT", PATH, {"block_hard_limit": 88 * GIB_IN_KIB})
    read_after(master, LONG)
    settled = {entry.id: (entry.outcome, entry.settled_by) for entry in entries(master)}
    assert settled.pop(first) == ("unknown", "overtaken")
    assert list(settled.values()) == [("applied", "answer")]


@pytest.mark.parametrize(
    ("action", "after", "outcome"),
    [
        ("set_grace_periods", {"block_grace": 604800}, "applied"),
        ("set_grace_periods", {"block_grace": 1}, "failed"),
        ("set_default_limits", {"block_hard_limit": 0}, "applied"),
        ("set_default_limits", {"block_hard_limit": 5}, "failed"),
        ("set_limits", {}, "failed"),
    ],
)
def test_what_holds_for_a_device(master: MasterWithPeople, action: str, after: dict[str, int], outcome: str) -> None:
    begun(master, action, after)
    read_after(master, LONG)
    assert entries(master)[0].outcome == outcome


def test_lines_of_an_import_are_settled_with_their_entries(
    master: MasterWithPeople, admin: LoggedIn, slaves: FleetOfSlaves
) -> None:
    csv = "host,device,id,block_hard_limit\nh1,/dev/sda1,1003,77GiB"
    path = f"/api/admin/change-sets/{admin.send('POST', '/api/admin/imports', {'csv': csv}).get_json()['id']}"
    slaves.fail("h1")
    admin.send("POST", f"{path}/run", {})
    master.carry_out()
    assert admin.json(path)["counts"]["unknown"] == 1
    slaves.mend("h1")
    slaves.set_limits("h1", PLACE.device, 1003, {"block_hard_limit": 77 * GIB_IN_KIB})
    read_after(master, 3600)
    assert admin.json(path)["counts"]["done"] == 1
    (line,) = admin.json(f"{path}/lines")["items"]
    assert (line["outcome"], line["problem"]) == ("applied", None)
