"""Charts and forecasts: admins see all of them, everybody else their own and no trace of others."""

import pytest

from app.db.repositories.mappings import MappingRecord, MappingRepository
from tests.fakes.histories import DISK, RecordedHost
from tests.fakes.people import LoggedIn, MasterWithPeople

GIB = 2**30
MINE = f"host=h1&device={DISK}&id=1003"
ANOTHERS = f"host=h1&device={DISK}&id=1004"


def record_days(host: RecordedHost, days: float, gib_a_day: float = 1, *, quarters: int = 4) -> None:
    """Time goes by, with readings so many quarter hours apart, in which user1003 and the disk grow steadily."""
    for number in range(int(days * 96 / quarters)):
        used = int(number * quarters / 96 * gib_a_day * GIB)
        host.read({1003: used, 1004: GIB}, used=50 * GIB + used)
        host.record()
        host.clock.forward(900 * quarters)


def test_a_series_as_the_contract_says(host: RecordedHost, user: LoggedIn) -> None:
    record_days(host, 0.25, quarters=1)
    answer = user.json(f"/api/history?{MINE}&quota_type=user&since=2026-11-21T12:00:00Z")
    assert answer["resolution_seconds"] == 900
    assert len(answer["points"]) == 24
    first = {"at": "2026-11-21T12:00:00Z", "block_current": 0, "block_hard_limit": 10_000_000, "inode_current": 10}
    assert answer["points"][0] == first
    assert user.json(f"/api/history?host=h1&device={DISK}&uid=1003&since=2026-11-21T12:00:00Z") == answer


def test_points_are_at_most_as_many_as_asked_for_and_end_with_the_newest(
    master: MasterWithPeople, host: RecordedHost
) -> None:
    record_days(host, 1, quarters=1)
    user = master.log_in("user1003")
    whole = user.json(f"/api/history?{MINE}&points=2000&since=2026-11-21T00:00:00Z")["points"]
    assert len(whole) == 96
    for points in (2, 3, 10, 50, 95):
        answer = user.json(f"/api/history?{MINE}&points={points}&since=2026-11-21T00:00:00Z")
        assert 1 <= len(answer["points"]) <= points
        assert answer["points"][-1] == whole[-1]
        assert all(point in whole for point in answer["points"])


def test_a_device_has_its_own_series(host: RecordedHost, admin: LoggedIn) -> None:
    record_days(host, 0.25)
    points = admin.json(f"/api/history?host=h1&device={DISK}&since=2026-11-21T12:00:00Z")["points"]
    assert (points[0]["block_current"], points[0]["block_hard_limit"]) == (50 * GIB, 2**30)


@pytest.mark.parametrize("page", ["history", "forecast"])
def test_what_is_anothers_is_as_if_it_were_not_there(
    host: RecordedHost, user: LoggedIn, admin: LoggedIn, page: str
) -> None:
    record_days(host, 0.25)
    nowhere = (f"host=h1&device={DISK}&id=77", "host=h9&device=/dev/sda1&id=1003", f"host=h1&device={DISK}")
    answers = [user.get(f"/api/{page}?{query}") for query in (ANOTHERS, f"{MINE}&quota_type=group", *nowhere)]
    assert {answer.status_code for answer in answers} == {404}
    bodies = [answer.get_json() for answer in answers]
    for body in bodies:
        body.pop("request_id")
    assert bodies == [bodies[0]] * len(bodies)
    assert user.get(f"/api/{page}?{MINE}").status_code == 200
    assert admin.get(f"/api/{page}?{ANOTHERS}").status_code == 200
    assert admin.get(f"/api/{page}?{nowhere[0]}").status_code == 404


def test_an_account_given_to_somebody_else_takes_its_history_along(
    master: MasterWithPeople, host: RecordedHost, user: LoggedIn, admin: LoggedIn
) -> None:
    record_days(host, 0.25)
    other = master.log_in("somebody")
    assert other.get(f"/api/history?{MINE}").status_code == 404
    with master.database.write() as connection:
        mapping = MappingRecord("m", other.person_id, "h1", "user1003", "active", "admin", master.clock.now, None)
        MappingRepository(connection).add(mapping)
    assert other.get(f"/api/history?{MINE}").status_code == 200
    assert user.get(f"/api/history?{MINE}").status_code == 404


def test_my_history_has_my_quotas_and_no_others(host: RecordedHost, user: LoggedIn, admin: LoggedIn) -> None:
    record_days(host, 0.25)
    answer = user.json("/api/me/history")
    assert (answer["total"], [(item["id"], item["name"]) for item in answer["items"]]) == (1, [(1003, "user1003")])
    assert len(answer["items"][0]["points"]) >= 1
    assert user.json("/api/me/history?host=h2")["items"] == []
    assert admin.json("/api/me/history")["total"] == 0


def test_a_known_quota_without_history_has_an_empty_chart(host: RecordedHost, user: LoggedIn) -> None:
    host.read({1003: 5})
    assert user.json(f"/api/history?{MINE}")["points"] == []
    forecast = user.json(f"/api/forecast?{MINE}")
    assert forecast == {
        "full_at": None,
        "earliest": None,
        "latest": None,
        "basis_points": 0,
        "confidence": "not_enough_data",
    }


@pytest.mark.parametrize(
    "query",
    [
        "host=h1",
        f"{MINE}&points=1",
        f"{MINE}&points=2001",
        f"{MINE}&since=2026-11-21T12:00:00Z&until=2026-11-20T12:00:00Z",
        f"{MINE}&uid=1003",
        f"host=h1&device={DISK}&quota_type=user",
        f"{MINE}&since=yesterday",
    ],
)
def test_a_malformed_question_is_refused(host: RecordedHost, admin: LoggedIn, query: str) -> None:
    assert admin.get(f"/api/history?{query}").status_code == 422


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1970-01-01T00:00:00Z"])
def test_any_instant_is_answered(host: RecordedHost, user: LoggedIn, instant: str) -> None:
    record_days(host, 0.25)
    for name in ("since", "until"):
        assert user.get(f"/api/history?{MINE}&{name}={instant}&points=2").status_code == 200


def test_the_day_when_it_is_full_is_foretold(master: MasterWithPeople, host: RecordedHost) -> None:
    record_days(host, 4)
    user, admin = master.log_in("user1003"), master.log_in("charlie", is_admin=True)
    mine = user.json(f"/api/forecast?{MINE}")
    assert (mine["confidence"], mine["full_at"][:10]) == ("enough", "2026-12-01")
    assert mine["earliest"] <= mine["full_at"] <= mine["latest"]
    steady = admin.json(f"/api/forecast?{ANOTHERS}")
    assert (steady["confidence"], steady["full_at"], steady["latest"]) == ("enough", None, None)


def test_the_overview_has_the_days_and_devices_in_need_their_forecast(
    master: MasterWithPeople, host: RecordedHost
) -> None:
    for number in range(72):
        host.read({1003: GIB}, used=950 * GIB + number * GIB // 24)
        host.record()
        host.chores["renew_outlook"].run(lambda: True)
        host.clock.forward(3600)
    admin = master.log_in("charlie", is_admin=True)
    trend = admin.json("/api/overview")["trend"]
    assert [day["at"] for day in trend] == [f"2026-11-{day}T00:00:00Z" for day in (21, 22, 23, 24)]
    assert (trend[0]["used"], trend[0]["total"], trend[0]["devices"]) == (950 * GIB + 11 * GIB // 24, 2**40, 1)
    (in_need,) = admin.json("/api/attention")["devices"]
    alone = admin.json(f"/api/forecast?host=h1&device={DISK}")
    assert in_need["full_at"][:7] == alone["full_at"][:7] == "2027-02"
