"""The database fails after a host was asked to change something: nobody is told that nothing was changed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.db.engine import Database
from app.db.errors import DatabaseUnavailableError
from app.quota.errors import QmanError
from tests.fakes.failing_database import FULL, FailingDatabase, FleetThatFailsTheDatabase
from tests.fakes.fleet_database import eventually, new_database
from tests.fakes.people import LoggedIn, MasterWithPeople

AWAY = DatabaseUnavailableError("The database does not answer.", retry_after_seconds=5)
BATCH = {"device": "/dev/sda1", "ids": [1003, 1004], "limits": {"block_hard_limit": 77}}
HUNDRED_AND_ONE = {**BATCH, "ids": list(range(1000, 1101))}
Change = Callable[[LoggedIn], tuple[int, str, str]]


def one(admin: LoggedIn) -> tuple[int, str, str]:
    return answer(admin, "PUT", "/api/quotas/h1/users/1003?device=/dev/sda1", {"block_hard_limit": 77})


def many(admin: LoggedIn) -> tuple[int, str, str]:
    return answer(admin, "POST", "/api/quotas/h1/batch", BATCH)


def two_requests(admin: LoggedIn) -> tuple[int, str, str]:
    return answer(admin, "POST", "/api/quotas/h1/batch", HUNDRED_AND_ONE)


def answer(admin: LoggedIn, method: str, path: str, body: object) -> tuple[int, str, str]:
    response = admin.send(method, path, body)
    problem = response.get_json()
    return response.status_code, problem["code"], problem["detail"]


def on(database: Database) -> FailingDatabase:
    assert isinstance(database, FailingDatabase)
    return database


@pytest.fixture(params=[FULL, AWAY], ids=["full", "away"])
def failure(request: pytest.FixtureRequest) -> QmanError:
    failure: QmanError = request.param
    return failure


@pytest.fixture
def failing(tmp_path: Path, failure: QmanError) -> Iterator[tuple[MasterWithPeople, FleetThatFailsTheDatabase]]:
    database = FailingDatabase(f"sqlite:///{tmp_path}/qman.sqlite")
    new_database(tmp_path).dispose()
    with FleetThatFailsTheDatabase(database, failure) as fleet:
        master = MasterWithPeople(tmp_path, fleet.entries(), database=database)
        master.collect()
        yield master, fleet
        master.close()


@pytest.mark.parametrize("change", [one, many])
def test_what_was_sent_is_told_and_settled_when_the_database_is_back(
    failing: tuple[MasterWithPeople, FleetThatFailsTheDatabase], failure: QmanError, change: Change
) -> None:
    master, fleet = failing
    admin = master.log_in("charlie", is_admin=True)
    status, code, detail = change(admin)
    assert (status, code) == ({"no_space": 507, "database_unavailable": 503}[failure.code], failure.code)
    assert "The host was asked" in detail
    assert "Nothing was changed" not in detail
    row = next(row for row in fleet.devices_of("h1")[0]["user_quotas"] if row["uid"] == 1003)
    assert row["block_hard_limit"] == 77
    on(master.database).failure = None
    assert {entry["outcome"] for entry in admin.json("/api/admin/audit?page_size=500")["items"]} == {"unknown"}
    master.clock.forward(60)
    master.collect()
    assert {entry["outcome"] for entry in admin.json("/api/admin/audit?page_size=500")["items"]} == {"applied"}
    shown = admin.json("/api/rows?host=h1&device=/dev/sda1&q=user1003")["items"][0]
    assert shown["block_hard_limit"] == 77


def test_a_batch_that_ends_between_two_requests_does_not_deny_the_first(
    failing: tuple[MasterWithPeople, FleetThatFailsTheDatabase], failure: QmanError
) -> None:
    master, fleet = failing
    admin = master.log_in("charlie", is_admin=True)
    on(master.database).writes_left = 1
    _, code, detail = two_requests(admin)
    assert (code, "The host was asked" in detail, "Nothing was changed" in detail) == (failure.code, True, False)
    on(master.database).failure = None
    assert admin.json("/api/admin/audit?outcome=applied")["total"] == 100
    assert admin.json("/api/admin/audit")["total"] == 100
    assert fleet.calls["h1", "POST", "/quotas/batch"] == 2


def test_what_was_not_sent_says_so(
    failing: tuple[MasterWithPeople, FleetThatFailsTheDatabase], failure: QmanError
) -> None:
    master, fleet = failing
    admin = master.log_in("charlie", is_admin=True)
    on(master.database).failure = failure
    assert one(admin)[1:] == (failure.code, failure.detail)
    assert fleet.calls["h1", "PUT", "/quotas/users/1003"] == 0
    on(master.database).failure = None
    assert admin.json("/api/admin/audit")["total"] == 0


def test_an_import_goes_on_where_it_was_when_the_database_is_back(
    failing: tuple[MasterWithPeople, FleetThatFailsTheDatabase],
) -> None:
    master, fleet = failing
    admin = master.log_in("charlie", is_admin=True)
    lines = [f"h1,/dev/sda1,{uid},,{uid}" for uid in range(1003, 1007)]
    csv = "\n".join(("host,device,id,name,block_soft_limit", *lines))
    set_id = admin.send("POST", "/api/admin/imports", {"csv": csv}).get_json()["id"]
    assert admin.send("POST", f"/api/admin/change-sets/{set_id}/run", {}).status_code == 200
    eventually(lambda: master.master.runner.tick() and "change-h1" in on(master.database).refused)
    for _ in range(3):
        assert master.master.runner.tick(), "there is something to do, and it cannot be done"
    assert fleet.calls["h1", "PUT", "/quotas/users/1004"] == 0
    fleet.failure = None
    on(master.database).failure = None
    master.carry_out()
    assert admin.json(f"/api/admin/change-sets/{set_id}")["counts"]["done"] == 4
    rows = {row["uid"]: row["block_soft_limit"] for row in fleet.devices_of("h1")[0]["user_quotas"]}
    assert {uid: rows[uid] for uid in range(1003, 1007)} == {uid: uid for uid in range(1003, 1007)}
    master.clock.forward(60)
    master.collect()
    entries = admin.json(f"/api/admin/audit?change_set={set_id}")["items"]
    assert {entry["outcome"] for entry in entries} == {"applied"}
    assert [entry["target_id"] for entry in entries if entry["resend_of"]] == ["1003"]
