"""Lists are filtered, sorted and paged by the server, and cheap to ask for again."""

import pytest

from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.slaves import FleetOfSlaves


def test_rows_are_paged_without_gaps_or_repeats(admin: LoggedIn) -> None:
    seen: list[tuple[str, str, int]] = []
    for page in range(1, 6):
        answer = admin.json(f"/api/rows?page={page}&page_size=25")
        assert answer["total"] == 120
        seen += [(row["host"], row["device"], row["id"]) for row in answer["items"]]
    assert len(seen) == len(set(seen)) == 120


def test_rows_come_fullest_first_and_in_any_order_asked_for(admin: LoggedIn) -> None:
    percents = [row["percent"] for row in admin.json("/api/rows?page_size=500")["items"]]
    assert percents == sorted(percents, reverse=True)
    rows = admin.json("/api/rows?sort=host,-id&page_size=500")["items"]
    assert [(row["host"], -row["id"]) for row in rows] == sorted((row["host"], -row["id"]) for row in rows)


@pytest.mark.parametrize(
    ("filters", "check"),
    [
        ("host=h2", lambda row: row["host"] == "h2"),
        ("device=/dev/sdb1", lambda row: row["device"] == "/dev/sdb1"),
        ("status=hard_reached", lambda row: row["status"] == "hard_reached"),
        ("kind=block&quota_type=user", lambda row: row["kind"] == "block" and row["quota_type"] == "user"),
        ("q=USER1005", lambda row: row["name"] == "user1005"),
        ("limits_source=own", lambda row: row["limits_source"] == "own"),
    ],
)
def test_rows_are_filtered(admin: LoggedIn, filters: str, check: object) -> None:
    answer = admin.json(f"/api/rows?page_size=500&{filters}")
    assert answer["total"] == len(answer["items"]) > 0
    assert all(check(row) for row in answer["items"])  # type: ignore[operator]  # a lambda of the table above


def test_rows_of_a_person(master: MasterWithPeople, admin: LoggedIn, user: LoggedIn) -> None:
    answer = admin.json(f"/api/rows?person={user.person_id}")
    assert {row["name"] for row in answer["items"]} == {"user1003"}
    assert answer["items"][0]["person"] == {"id": user.person_id, "name": "user1003"}


def test_signs_of_like_in_the_text_mean_themselves(admin: LoggedIn) -> None:
    assert admin.json("/api/rows?q=%25")["total"] == 0
    assert admin.json("/api/rows?q=user_003")["total"] == 0


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/rows?nonsense=1", "nonsense"),
        ("/api/rows?page=0", "page"),
        ("/api/rows?page_size=501", "page_size"),
        ("/api/rows?page=1&page=2", "page"),
        ("/api/rows?sort=password", "sort"),
        ("/api/rows?status=fine", "status"),
        ("/api/hosts?state=dead", "state"),
        ("/api/admin/audit?since=yesterday", "since"),
        ("/api/quotas?devise=x", "devise"),
        ("/api/me/quotas?all=1", "all"),
    ],
)
def test_wrong_parameters_are_named(admin: LoggedIn, path: str, field: str) -> None:
    response = admin.get(path)
    assert response.status_code == 422
    assert [fault["field"] for fault in response.get_json()["errors"]] == [field]


def test_an_unchanged_list_answers_304(master: MasterWithPeople, admin: LoggedIn) -> None:
    for path in ("/api/rows", "/api/quotas", "/api/hosts", "/api/attention", "/api/overview"):
        first = admin.get(path)
        again = admin.get(path, {"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304, path
        assert again.data == b""


def test_the_quota_list_keeps_its_etag_over_a_round_without_change(master: MasterWithPeople, admin: LoggedIn) -> None:
    etag = admin.get("/api/quotas").headers["ETag"]
    master.clock.forward(60)
    master.collect()
    assert admin.get("/api/quotas").headers["ETag"] == etag


def test_a_compressed_answer_can_be_asked_for_again(admin: LoggedIn) -> None:
    first = admin.get("/api/rows", {"Accept-Encoding": "gzip"})
    assert first.headers["Content-Encoding"] == "gzip"
    again = admin.get("/api/rows", {"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_all_quotas_have_the_shape_of_the_slaves(admin: LoggedIn) -> None:
    hosts = admin.json("/api/quotas")
    assert set(hosts) == {"h1", "h2"}
    assert hosts["h1"]["snapshot"] == {
        "status": "ok",
        "taken_at": "2026-11-21T12:00:00Z",
        "age_seconds": 0,
        "problem": None,
    }
    device = hosts["h1"]["results"][0]
    assert (device["name"], device["status"], len(device["user_quotas"])) == ("/dev/sda1", "ok", 30)
    assert device["user_quotas"][0]["uid"] == 1000


def test_a_host_that_stops_answering_gets_stale_and_keeps_its_figures(
    master: MasterWithPeople, admin: LoggedIn, slaves: FleetOfSlaves
) -> None:
    slaves.fail("h1", status=500)
    master.clock.forward(60)
    master.collect()
    host = admin.json("/api/hosts/h1")
    assert (host["state"], host["problem"]["code"]) == ("ok", "http_error")
    master.clock.forward(121)
    host, other = admin.json("/api/hosts")["items"]
    assert (host["state"], host["age_seconds"]) == ("stale", 181)
    assert other["state"] == "ok"
    row = admin.json("/api/rows?host=h1&page_size=1")["items"][0]
    assert (row["stale"], row["problem"], row["age_seconds"]) == (True, "http_error", 181)
    assert admin.json("/api/overview")["hosts"] == {"ok": 1, "stale": 1, "never": 0, "suspended": 0}
    slaves.mend("h1")
    master.collect()
    assert admin.json("/api/hosts/h1")["state"] == "ok"


def test_attention_lists_what_is_not_all_right_worst_first(admin: LoggedIn) -> None:
    attention = admin.json("/api/attention")
    order = {"hard_reached": 0, "grace_expired": 1, "soft_exceeded": 2, "ok": 3}
    ranks = [order[row["status"]] for row in attention["rows"]]
    assert ranks == sorted(ranks)
    assert attention["counts"]["rows"] == len(attention["rows"]) > 0
    assert attention["hosts"] == []


def test_an_unchanged_device_is_as_fresh_as_its_host(master: MasterWithPeople, admin: LoggedIn) -> None:
    master.clock.forward(60)
    master.collect()
    host = admin.json("/api/hosts/h1")
    assert {device["measured_at"] for device in host["device_list"]} == {"2026-11-21T12:01:00Z"} == {host["taken_at"]}
