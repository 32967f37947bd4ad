"""What lists put together for themselves is what their documents say; hosts are sorted and cut by the database."""

from datetime import timedelta

import pytest
from pydantic import BaseModel

from app.db.repositories.hosts import HostRecord, HostRepository
from app.master.freshness import Freshness
from app.master.wire.hosts import HostsOut
from app.master.wire.overview import AttentionOut
from app.master.wire.rows import RowsOut
from app.web.wire import iso_utc
from tests.fakes.fleet_database import INTERVAL
from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.slaves import FleetOfSlaves

TOO_OLD = 181
"""Seconds after which a host is stale where it is read once a minute."""


def everything_went_wrong(master: MasterWithPeople, slaves: FleetOfSlaves) -> None:
    """One host has one device that failed, the other is stale, and somebody has mapped accounts."""
    slaves.fail_device("h2", "/dev/sda1")
    slaves.fail("h1", status=500)
    master.clock.forward(TOO_OLD)
    master.collect()


@pytest.mark.parametrize(
    ("path", "model"),
    [("/api/rows?page_size=500", RowsOut), ("/api/attention", AttentionOut), ("/api/hosts", HostsOut)],
)
def test_answers_are_what_the_models_would_say(
    path: str, model: type[BaseModel], master: MasterWithPeople, admin: LoggedIn, user: LoggedIn, slaves: FleetOfSlaves
) -> None:
    for spoil in (lambda *_: None, everything_went_wrong):
        spoil(master, slaves)
        answer = admin.get(path)
        parsed = model.model_validate_json(answer.data)
        assert parsed.model_dump(mode="json", exclude_unset=True) == answer.get_json()


def test_rows_of_a_failed_device_say_so_with_the_instant_of_their_figures(
    master: MasterWithPeople, admin: LoggedIn, slaves: FleetOfSlaves
) -> None:
    before = iso_utc(master.clock())
    everything_went_wrong(master, slaves)
    rows = admin.json("/api/rows?host=h2&page_size=500")["items"]
    told = {(row["device"], row["stale"], row["problem"], row["age_seconds"], row["taken_at"]) for row in rows}
    now = iso_utc(master.clock())
    assert told == {("/dev/sda1", True, "device_failed", TOO_OLD, before), ("/dev/sdb1", False, None, 0, now)}
    attention = admin.json("/api/attention")
    assert [(host["id"], host["state"], host["problem"]["code"]) for host in attention["hosts"]] == [
        ("h1", "stale", "http_error")
    ]
    assert [(device["host"], device["device"], device["problem"]) for device in attention["devices"]] == [
        ("h2", "/dev/sda1", "device_unavailable")
    ]
    assert (attention["counts"]["hosts"], attention["counts"]["devices"]) == (1, 1)


def test_my_quotas_come_in_pages(user: LoggedIn) -> None:
    whole = user.json("/api/me/quotas")
    assert (whole["page"], whole["page_size"], whole["total"]) == (1, 100, 4)
    pages = [user.json(f"/api/me/quotas?page={page}&page_size=3") for page in (1, 2, 3)]
    assert [len(page["items"]) for page in pages] == [3, 1, 0]
    assert [row for page in pages for row in page["items"]] == whole["items"]
    assert {page["total"] for page in pages} == {4}


@pytest.mark.parametrize("order", ["name", "-device,name", "person,-percent", "-status"])
def test_any_order_is_the_same_in_one_page_and_in_many(admin: LoggedIn, user: LoggedIn, order: str) -> None:
    whole = admin.json(f"/api/rows?sort={order}&page_size=500")["items"]
    parts = [admin.json(f"/api/rows?sort={order}&page_size=50&page={page}")["items"] for page in (1, 2, 3)]
    assert [row for part in parts for row in part] == whole
    assert len(whole) == 120


def change_hosts(master: MasterWithPeople, **of_host: dict[str, object]) -> list[HostRecord]:
    with master.database.write() as connection:
        for host, values in of_host.items():
            HostRepository(connection)._set(host, **values)
        return HostRepository(connection).list_all()


def test_hosts_are_found_sorted_and_counted(master: MasterWithPeople, admin: LoggedIn) -> None:
    now = master.clock()
    change_hosts(
        master,
        h1={"taken_at": None, "label": "Zeus"},
        h2={"taken_at": now - timedelta(seconds=1), "label": ""},
    )

    def ids(query: str) -> list[str]:
        return [host["id"] for host in admin.json(f"/api/hosts?{query}")["items"]]

    assert ids("") == ids("sort=id") == ["h1", "h2"]
    assert ids("sort=-id") == ["h2", "h1"]
    assert ids("sort=label") == ["h1", "h2"]  # "Zeus" < "h2": a host without a label goes by its id
    assert ids("sort=taken_at") == ["h1", "h2"]  # never is before everything
    assert ids("sort=-taken_at") == ["h2", "h1"]
    assert ids("sort=-state") == ["h2", "h1"]
    assert ids("q=zEUS") == ids("state=never") == ["h1"]
    assert ids("q=127.0.0.1") == ["h1", "h2"]
    assert ids("state=stale") == ids("q=h%25") == []
    second = admin.json("/api/hosts?page=2&page_size=1")
    assert ([host["id"] for host in second["items"]], second["total"]) == (["h2"], 2)


@pytest.mark.parametrize("age", [TOO_OLD - 1, TOO_OLD - 1 + 0.001, TOO_OLD])
def test_the_database_knows_the_same_states(master: MasterWithPeople, admin: LoggedIn, age: float) -> None:
    now = master.clock()
    hosts = change_hosts(
        master, h1={"taken_at": now - timedelta(seconds=age)}, h2={"taken_at": now, "suspended_at": now}
    )
    states = {host.id: Freshness(INTERVAL).state(host, now) for host in hosts}
    assert states == {"h1": "stale" if age > TOO_OLD - 1 else "ok", "h2": "suspended"}
    for host, state in states.items():
        assert [each["id"] for each in admin.json(f"/api/hosts?state={state}")["items"]] == [host]
    counts = admin.json("/api/overview")["hosts"]
    assert counts == {"ok": 0, "stale": 0, "never": 0, "suspended": 1} | {states["h1"]: 1}
    in_need = {host["id"] for host in admin.json("/api/attention")["hosts"]}
    assert in_need == {host for host, state in states.items() if state != "ok"}
