"""A host that an admin suspended is neither read nor changed, and says so."""

from pathlib import Path

import pytest

from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.slaves import FleetOfSlaves

DEVICE = "/dev/sda1"


def suspend(admin: LoggedIn, host: str = "h1") -> None:
    answer = admin.send("POST", f"/api/hosts/{host}/suspend")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.get_json()["state"] == "suspended"


def test_it_keeps_its_figures_and_is_counted_as_suspended(admin: LoggedIn, master: MasterWithPeople) -> None:
    before = admin.json("/api/rows?host=h1")["total"]
    suspend(admin)
    master.clock.forward(10_000)
    host = next(item for item in admin.json("/api/hosts")["items"] if item["id"] == "h1")
    assert (host["state"], host["age_seconds"]) == ("suspended", 10_000)
    assert admin.json("/api/rows?host=h1")["total"] == before > 0
    assert admin.json("/api/overview")["hosts"] == {"ok": 0, "stale": 1, "never": 0, "suspended": 1}


def test_it_is_not_read_until_it_is_resumed(admin: LoggedIn, master: MasterWithPeople, slaves: FleetOfSlaves) -> None:
    suspend(admin)
    master.clock.forward(3600)
    rounds = master.master.new_rounds()
    assert rounds.start_due() == 1
    assert admin.send("POST", "/api/hosts/h1/resume").status_code == 200
    assert rounds.start_due() == 1
    rounds.close()


def test_the_fleet_of_this_process_knows_at_once(admin: LoggedIn, master: MasterWithPeople) -> None:
    suspend(admin)
    entries = master.master.fleet.entries
    assert {host: entry.suspended for host, entry in entries.items()} == {"h1": True, "h2": False}
    assert admin.send("POST", "/api/hosts/h1/resume").get_json()["state"] == "ok"
    assert not master.master.fleet.get("h1").suspended


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", f"users/1003?device={DEVICE}", {"block_hard_limit": 5_000_000}),
        ("PUT", f"default-quota?device={DEVICE}&quota_type=user", {"block_hard_limit": 5_000_000}),
        ("POST", "batch", {"device": DEVICE, "quota_type": "user", "ids": [1003], "limits": {"block_hard_limit": 1}}),
    ],
)
def test_it_is_not_changed(
    admin: LoggedIn, slaves: FleetOfSlaves, method: str, path: str, body: dict[str, object]
) -> None:
    suspend(admin)
    calls = dict(slaves.calls)
    answer = admin.send(method, f"/api/quotas/h1/{path}", body)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "host_suspended")
    assert dict(slaves.calls) == calls


def test_each_step_is_in_the_audit_trail_once(admin: LoggedIn) -> None:
    suspend(admin)
    suspend(admin)
    admin.send("POST", "/api/hosts/h1/resume")
    items = admin.json("/api/admin/audit?host=h1")["items"]
    assert sorted((item["action"], item["outcome"]) for item in items) == [
        ("resume_host", "applied"),
        ("suspend_host", "applied"),
    ]
    assert items[0]["actor"]["name"] == "charlie"


def test_only_admins_suspend_and_only_hosts_that_are_there(admin: LoggedIn, user: LoggedIn) -> None:
    assert user.send("POST", "/api/hosts/h1/suspend").status_code == 403
    assert admin.send("POST", "/api/hosts/h9/suspend").status_code == 404


def test_another_process_sees_it_within_a_second(
    admin: LoggedIn, master: MasterWithPeople, slaves: FleetOfSlaves, tmp_path: Path
) -> None:
    other = MasterWithPeople(tmp_path, slaves.entries(), database=master.database)
    other.master.hosts.live.outdate()
    assert not other.master.fleet.get("h1").suspended
    suspend(admin)
    other.master.hosts.live.outdate()
    assert other.master.fleet.get("h1").suspended
