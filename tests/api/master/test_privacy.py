"""A user sees their own rows, and nothing of anybody else by any path."""

import re

import pytest

from tests.fakes.people import LoggedIn, MasterWithPeople

ADMIN_PATHS = (
    "/api/hosts",
    "/api/hosts/h1",
    "/api/quotas",
    "/api/rows",
    "/api/overview",
    "/api/attention",
    "/api/people",
    "/api/admin/mappings",
    "/api/admin/audit",
    "/api/admin/docker/review-queue",
    "/api/admin/docker/hosts/h1",
)


@pytest.mark.parametrize("path", [*ADMIN_PATHS, "/api/me", "/api/me/quotas"])
def test_nobody_sees_anything_without_a_session(master: MasterWithPeople, path: str) -> None:
    response = master.nobody().get(path)
    assert response.status_code == 401
    assert response.mimetype == "application/problem+json"
    assert response.get_json()["code"] == "unauthenticated"


@pytest.mark.parametrize("path", ADMIN_PATHS)
def test_a_user_is_not_allowed_on_admin_paths(user: LoggedIn, path: str) -> None:
    assert user.get(path).status_code == 403


def test_a_user_gets_the_same_answer_whether_a_host_exists_or_not(user: LoggedIn) -> None:
    answers = [user.get(f"/api/hosts/{host}").get_json() for host in ("h1", "h99")]
    for answer in answers:
        answer.pop("request_id")
    assert answers[0] == answers[1]


def test_every_admin_route_refuses_a_user(master: MasterWithPeople, user: LoggedIn) -> None:
    routes = [route for route in master.master.api.routes if route.access.startswith("admin")]
    assert len(routes) >= 13
    for route in routes:
        path = re.sub(r"{\w+}", "1000", route.path.replace("{host_id}", "h1"))
        assert user.send(route.method, path, {}).status_code == 403, path


def test_a_user_sees_only_their_own_rows(user: LoggedIn) -> None:
    rows = user.json("/api/me/quotas")
    assert {(row["host"], row["name"]) for row in rows["items"]} == {("h1", "user1003"), ("h2", "user1003")}
    assert rows["total"] == 4


def test_rows_of_mine_come_fullest_first_with_their_age(master: MasterWithPeople, user: LoggedIn) -> None:
    master.clock.forward(30)
    rows = user.json("/api/me/quotas")["items"]
    assert [row["percent"] for row in rows] == sorted((row["percent"] for row in rows), reverse=True)
    assert {row["age_seconds"] for row in rows} == {30}
    assert not any(row["stale"] for row in rows)


def test_a_namesake_sees_nothing_of_the_first_one(master: MasterWithPeople, user: LoggedIn) -> None:
    assert user.json("/api/me/quotas")["total"] == 4
    namesake = master.log_in("user1003", subject="another-subject")
    assert namesake.json("/api/me/quotas")["total"] == 0
    assert namesake.json("/api/me")["mappings"] == []


def test_a_mapping_by_an_admin_beats_the_same_name(master: MasterWithPeople, admin: LoggedIn, user: LoggedIn) -> None:
    other = master.log_in("somebody")
    made = admin.send("POST", "/api/admin/mappings", {"person": other.person_id, "host": "h1", "username": "user1003"})
    assert made.status_code == 201
    assert {row["host"] for row in user.json("/api/me/quotas")["items"]} == {"h2"}
    assert {row["host"] for row in other.json("/api/me/quotas")["items"]} == {"h1"}


def test_system_accounts_are_nobodys_by_name(master: MasterWithPeople, tmp_path: object) -> None:
    root = master.log_in("root")
    assert root.json("/api/me/quotas")["items"] == []


@pytest.mark.parametrize("path", ["/api/nothing", "/auth/nothing", "/remote-api/quotas", "/guard/areas", "/api/"])
def test_unknown_paths_are_problems_and_never_the_dashboard(master: MasterWithPeople, path: str) -> None:
    response = master.nobody().get(path)
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")


def test_pages_carry_the_security_headers(master: MasterWithPeople) -> None:
    response = master.nobody().get("/hosts/h1")
    assert response.status_code == 200
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe-eval" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
