"""What an admin does with hosts in the dashboard, beside enrolling them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap.hosts import sync_hosts
from app.bootstrap.master import make_master
from app.db.engine import Database
from app.quota.clock import utc_now
from app.settings.keys_file import read_keys
from app.settings.master import MasterSettings
from tests.fakes.enrolling import HostToEnrol, add_host, enrolling_master
from tests.fakes.fleet_database import entry
from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.served_master import ServedApp

IN_SETTINGS = entry("settled", "http://127.0.0.1:1")


@pytest.fixture
def hosts_master(tmp_path: Path) -> Iterator[MasterWithPeople]:
    master = enrolling_master(tmp_path, [IN_SETTINGS], CA_FILES=["/etc/lab.pem"])
    yield master
    master.close()


@pytest.fixture
def boss(hosts_master: MasterWithPeople) -> LoggedIn:
    return hosts_master.log_in("charlie", is_admin=True)


def host(**changes: Any) -> dict[str, Any]:
    return {"id": "h1", "url": "http://127.0.0.1:1", **changes}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (host(id="a b"), "id"),
        (host(id="../etc"), "id"),
        (host(url="ftp://h"), "url"),
        (host(url="http://u:p@h"), "url"),
        (host(ca_file="/etc/shadow"), "ca_file"),
        (host(colour=1), "colour"),
        ({"id": "h1"}, "url"),
    ],
)
def test_what_is_no_host_is_refused_by_name(boss: LoggedIn, body: dict[str, Any], field: str) -> None:
    answer = boss.send("POST", "/api/hosts", body)
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.get_json()["errors"]] == [field]
    assert boss.json("/api/hosts")["total"] == 1


@pytest.mark.parametrize("host_id", ["settled", "h1"])
def test_a_host_is_added_once(boss: LoggedIn, host_id: str) -> None:
    add_host(boss, "h1")
    answer = boss.send("POST", "/api/hosts", host(id=host_id))
    assert (answer.status_code, answer.get_json()["code"]) == (409, "host_exists")


def test_a_host_waits_and_is_neither_read_nor_changed(boss: LoggedIn, hosts_master: MasterWithPeople) -> None:
    answer = boss.send("POST", "/api/hosts", host(ca_file="/etc/lab.pem", label="  Lab  "))
    assert answer.get_json()["expires_at"] == "2026-11-21T12:15:00Z"
    found = boss.json("/api/hosts/h1")
    assert (found["label"], found["state"], found["enrolment"]["state"]) == ("Lab", "never", "waiting")
    assert set(hosts_master.master.fleet.entries) == {"settled"}
    refused = boss.send("PUT", "/api/quotas/h1/users/1000?device=/dev/sda1", {"block_hard_limit": 1})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "host_not_enrolled")


def test_a_removed_host_is_gone_and_its_trail_stays(boss: LoggedIn, hosts_master: MasterWithPeople) -> None:
    add_host(boss, "h1")
    assert boss.send("DELETE", "/api/hosts/h1").status_code == 204
    assert boss.get("/api/hosts/h1").status_code == 404
    assert boss.send("DELETE", "/api/hosts/h1").status_code == 404
    actions = [item["action"] for item in boss.json("/api/admin/audit?host=h1&sort=at")["items"]]
    assert sorted(actions) == ["add_host", "remove_host"]
    add_host(boss, "h1")


def test_the_code_of_a_removed_host_is_worthless(
    tmp_path: Path, boss: LoggedIn, hosts_master: MasterWithPeople
) -> None:
    code = add_host(boss, "h1")
    boss.send("DELETE", "/api/hosts/h1")
    add_host(boss, "h1")
    with ServedApp(hosts_master.master.app) as served:
        late = HostToEnrol(tmp_path / "host", served.url, hosts_master.clock)
        with pytest.raises(Exception, match="is no more"):
            late.enrolment.exchange(code)
    assert read_keys(late.keys_file).pairs == ()


@pytest.mark.parametrize(("method", "path"), [("DELETE", ""), ("POST", "/code")])
def test_a_host_of_the_settings_is_changed_there(boss: LoggedIn, method: str, path: str) -> None:
    answer = boss.send(method, f"/api/hosts/settled{path}")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "host_in_settings")
    assert boss.json("/api/hosts/settled")["enrolment"] is None


@pytest.mark.parametrize(
    ("method", "path"), [("POST", ""), ("POST", "/h1/code"), ("DELETE", "/h1"), ("POST", "/h1/suspend")]
)
def test_only_admins_may(hosts_master: MasterWithPeople, method: str, path: str) -> None:
    user = hosts_master.log_in("alice")
    assert user.send(method, f"/api/hosts{path}", host() if not path else None).status_code == 403
    assert hosts_master.nobody().open(f"/api/hosts{path}", method=method).status_code == 401


def test_a_master_that_starts_keeps_the_hosts_that_were_added(boss: LoggedIn, hosts_master: MasterWithPeople) -> None:
    add_host(boss, "h1")
    boss.send("POST", "/api/hosts/h1/suspend")
    sync_hosts(hosts_master.master.hosts, hosts_master.database)
    assert boss.json("/api/hosts/h1")["state"] == "suspended"


def test_a_host_in_both_places_says_so(tmp_path: Path, boss: LoggedIn, hosts_master: MasterWithPeople) -> None:
    add_host(boss, "h1")
    entries = [IN_SETTINGS, entry("h1", "http://127.0.0.1:2")]
    later = enrolling_master(tmp_path, entries, database=hosts_master.database)
    sync_hosts(later.master.hosts, later.database)
    found = later.log_in("charlie", is_admin=True).json("/api/hosts/h1")
    assert (found["url"], found["enrolment"]["in_settings"]) == ("http://127.0.0.1:2", True)


def test_putting_a_master_together_touches_neither_database_nor_key_file(tmp_path: Path) -> None:
    settings = MasterSettings(SECRETS_KEY_FILE=str(tmp_path / "secrets.key"))
    make_master(settings, None, Database(f"sqlite:///{tmp_path}/none.sqlite"), utc_now)
    assert list(tmp_path.iterdir()) == []
