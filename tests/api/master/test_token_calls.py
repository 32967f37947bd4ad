"""What calls with an API token may do: as much as its scopes and its owner, on every route, and never more."""

from datetime import timedelta

import pytest
import structlog

from app.auth.guard import COOKIE
from app.auth.token_text import MARK, checksum
from app.web.router import Route
from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.scripts import Script, script_of, script_with, token_body

DAY = timedelta(days=1).total_seconds()
SOME = 30
"""So many calls with wrong tokens may come at once."""
PUT_LIMITS = "/api/quotas/h1/users/1003?device=/dev/sda1"


def guarded(master: MasterWithPeople) -> list[Route]:
    routes = [route for route in master.master.api.routes if route.access != "public"]
    assert len(routes) >= 24
    return routes


def path_of(route: Route) -> str:
    """The route's path with ids of things that there are not, but for the host."""
    names = [part.strip("{}") for part in route.path.split("/") if part.startswith("{")]
    return route.path.format(**{name: {"host_id": "h1"}.get(name, "1") for name in names})


def codes(script: Script, routes: list[Route]) -> dict[str, tuple[int, str]]:
    """Status and code by route, of those that refuse."""
    found = {}
    for route in routes:
        answer = script.send(route.method, path_of(route), {} if route.body else None)
        if answer.status_code in {401, 403}:
            found[f"{route.method} {route.path}"] = (answer.status_code, str(answer.get_json()["code"]))
    return found


def named(routes: list[Route]) -> set[str]:
    return {f"{route.method} {route.path}" for route in routes}


def is_change(route: Route) -> bool:
    return route.method != "GET"


def mistyped(token: str) -> str:
    return token[:-1] + ("0" if token[-1] != "0" else "1")


def test_whatever_is_wrong_with_a_token_every_route_answers_alike(master: MasterWithPeople, admin: LoggedIn) -> None:
    expired, revoked = script_of(master, admin, "admin", days=1), script_of(master, admin, "admin")
    assert admin.send("DELETE", f"/api/me/tokens/{revoked.token_id}").status_code == 204
    unknown, good = MARK + "0" * 40 + checksum("0" * 40), script_of(master, admin, "admin").token
    master.clock.forward(2 * DAY)
    answers = set()
    for token in (mistyped(good), expired.token, revoked.token, unknown, "qman_", "qman_é", MARK + "x" * 5000):
        script = script_with(master, token)
        assert set(codes(script, guarded(master)[:5]).values()) == {(401, "unauthenticated")}
        answers.add(str(script.get("/api/me").get_json()["detail"]))
    assert len(answers) == 1


@pytest.mark.parametrize("kind", ["unknown", "none"])
def test_every_route_refuses_who_has_no_token(master: MasterWithPeople, kind: str) -> None:
    routes = guarded(master)
    if kind == "unknown":
        script = script_with(master, MARK + "0" * 40 + checksum("0" * 40))
        found: dict[str, tuple[int, str]] = {}
        for place in range(0, len(routes), SOME):
            found |= codes(script, routes[place : place + SOME])
            master.clock.forward(60)
    else:
        nobody = master.nobody()
        answers = {f"{r.method} {r.path}": nobody.open(path_of(r), method=r.method, json={}) for r in routes}
        found = {name: (answer.status_code, answer.get_json()["code"]) for name, answer in answers.items()}
    assert found == dict.fromkeys(named(routes), (401, "unauthenticated"))


def test_a_user_s_token_opens_what_its_scopes_say(master: MasterWithPeople, user: LoggedIn) -> None:
    routes = guarded(master)
    admins = [route for route in routes if route.access.startswith("admin")]
    sessions = [route for route in routes if route.access == "user_session"]
    changes = [route for route in routes if route.access == "user" and is_change(route)]
    forbidden = dict.fromkeys(named(admins), (403, "forbidden")) | dict.fromkeys(named(sessions), (403, "token_scope"))
    assert codes(script_of(master, user, "write"), routes) == forbidden
    refused = forbidden | dict.fromkeys(named(changes), (403, "token_scope"))
    assert codes(script_of(master, user, "read"), routes) == refused


@pytest.mark.parametrize("scopes", [("admin",), ("read", "write", "admin"), ("write", "admin")])
def test_an_admin_s_token_opens_all_but_what_needs_a_session(
    master: MasterWithPeople, admin: LoggedIn, scopes: tuple[str, ...]
) -> None:
    sessions = [route for route in guarded(master) if route.access.endswith("_session")]
    assert {route.path.partition("/{")[0] for route in sessions} >= {"/auth/logout", "/api/me/tokens"}
    found = codes(script_of(master, admin, *scopes), guarded(master))
    assert found == dict.fromkeys(named(sessions), (403, "token_scope"))


def test_no_token_says_which_hosts_there_are_or_with_which_keys(master: MasterWithPeople, admin: LoggedIn) -> None:
    script = script_of(master, admin, "admin")
    for method, path in (
        ("POST", "/api/hosts"),
        ("POST", "/api/hosts/h1/code"),
        ("POST", "/api/hosts/h1/rotate"),
        ("DELETE", "/api/hosts/h1"),
    ):
        refused = script.send(method, path, {"id": "h7", "url": "http://h7"})
        assert (refused.status_code, refused.get_json()["code"]) == (403, "token_scope")
        assert "log in" in refused.get_json()["detail"]
    assert admin.json("/api/hosts")["total"] == 2
    done = {entry["action"] for entry in admin.json("/api/admin/audit")["items"]}
    assert not done & {"add_host", "make_enrolment_code", "rotate_keys", "remove_host"}
    assert script.send("POST", "/api/hosts/h1/suspend").get_json()["state"] == "suspended"
    assert script.send("POST", "/api/hosts/h1/resume").get_json()["state"] == "ok"


def test_an_admin_s_token_for_reading_changes_nothing(master: MasterWithPeople, admin: LoggedIn) -> None:
    routes = guarded(master)
    refused = [route for route in routes if is_change(route)]
    found = codes(script_of(master, admin, "read", "admin"), routes)
    assert found == dict.fromkeys(named(refused), (403, "token_scope"))


@pytest.mark.parametrize("scopes", [("read",), ("write",)])
def test_an_admin_s_token_without_the_scope_is_a_user_s(
    master: MasterWithPeople, admin: LoggedIn, scopes: tuple[str, ...]
) -> None:
    admins = [route for route in guarded(master) if route.access == "admin"]
    found = codes(script_of(master, admin, *scopes), admins)
    assert found == dict.fromkeys(named(admins), (403, "token_scope"))


def test_who_lost_the_group_of_admins_lost_it_for_their_tokens(master: MasterWithPeople, admin: LoggedIn) -> None:
    script, routes = script_of(master, admin, "admin"), guarded(master)
    assert script.get("/api/rows").status_code == 200
    master.log_in("charlie", is_admin=False)
    admins = [route for route in routes if route.access.startswith("admin")]
    assert codes(script, admins) == dict.fromkeys(named(admins), (403, "forbidden"))
    assert script.get("/api/me").status_code == 200
    master.log_in("charlie", is_admin=True)
    assert script.get("/api/rows").status_code == 200


def test_an_admin_s_token_sleeps_until_its_owner_logs_in_again(master: MasterWithPeople, admin: LoggedIn) -> None:
    script = script_of(master, admin, "admin", days=300)
    master.clock.forward(7 * DAY)
    assert script.get("/api/rows").status_code == 200
    master.clock.forward(1)
    refused = script.get("/api/rows")
    assert (refused.status_code, refused.get_json()["code"]) == (403, "token_scope")
    assert "7 days" in refused.get_json()["detail"]
    assert script.get("/api/me").status_code == 200
    master.log_in("charlie", is_admin=True)
    assert script.get("/api/rows").status_code == 200


def test_a_change_by_token_names_it_in_the_audit_trail(master: MasterWithPeople, admin: LoggedIn) -> None:
    script = script_of(master, admin, "write", "admin")
    changed = script.send("PUT", PUT_LIMITS, {"block_hard_limit": 50_000_000})
    assert changed.status_code == 200
    mapping = {"person": admin.person_id, "host": "h1", "username": "user1005"}
    assert script.send("POST", "/api/admin/mappings", mapping).status_code == 201
    assert script.send("POST", "/api/hosts/h2/suspend", {}).status_code == 200
    assert admin.send("PUT", PUT_LIMITS, {"block_hard_limit": 60_000_000}).status_code == 200
    assert admin.send("DELETE", f"/api/me/tokens/{script.token_id}").status_code == 204
    token = {"id": script.token_id, "name": "a script"}
    entries = admin.json("/api/admin/audit?actor=charlie")["items"]
    by_token = {entry["action"] for entry in entries if (entry["via"], entry["token"]) == ("token", token)}
    assert by_token == {"set_limits", "add_mapping", "suspend_host"}
    others = [(entry["via"], entry["token"]) for entry in entries if entry["via"] != "token"]
    assert set(map(repr, others)) == {repr(("session", None))}


def test_a_user_s_token_sees_its_owner_s_things_only(master: MasterWithPeople, user: LoggedIn) -> None:
    script = script_of(master, user, "read")
    assert {row["name"] for row in script.get("/api/me/quotas").get_json()["items"]} == {"user1003"}
    me = script.get("/api/me").get_json()
    assert (me["id"], me["csrf_token"]) == (user.person_id, "")


def test_the_token_decides_alone(master: MasterWithPeople, admin: LoggedIn, user: LoggedIn) -> None:
    """A cookie that comes along neither helps a wrong token nor needs a header against forgery."""
    cookie = admin.client.get_cookie(COOKIE)
    assert cookie is not None
    weak, wrong = script_of(master, user, "read"), script_with(master, "qman_wrong")
    for script in (weak, wrong):
        script.client.set_cookie(COOKIE, cookie.value)
    assert weak.get("/api/rows").status_code == 403
    assert wrong.get("/api/rows").status_code == 401


@pytest.mark.parametrize("header", ["Bearer eyJhbGciOiJub25lIn0.e30.", "Basic cW1hbjo=", "Bearer", ""])
def test_what_a_proxy_sends_along_is_no_token(admin: LoggedIn, header: str) -> None:
    assert admin.get("/api/me", {"Authorization": header}).status_code == 200


def test_a_token_counts_at_once_and_until_it_is_revoked_in_every_process(
    master: MasterWithPeople, user: LoggedIn, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("other")
    other = MasterWithPeople(folder, [], clock=master.clock, database=master.database)
    script = script_of(master, user, "read")
    there = Script(other.nobody(), script.token, script.token_id)
    assert there.get("/api/me").status_code == 200
    assert user.send("DELETE", f"/api/me/tokens/{script.token_id}").status_code == 204
    assert there.get("/api/me").status_code == 401
    other.master.client.close()


def last_used(owner: LoggedIn) -> str | None:
    (item,) = owner.json("/api/me/tokens")["items"]
    return None if item["last_used_at"] is None else str(item["last_used_at"])


def test_the_last_use_is_kept_to_the_minute(master: MasterWithPeople, user: LoggedIn) -> None:
    script = script_of(master, user, "read")
    assert last_used(user) is None
    script.get("/api/me")
    first = last_used(user)
    assert first == "2026-11-21T12:00:00Z"
    master.clock.forward(59)
    script.get("/api/me")
    assert last_used(user) == first
    master.clock.forward(1)
    script.get("/api/me")
    assert last_used(user) == "2026-11-21T12:01:00Z"


def test_wrong_tokens_are_slowed_down_and_right_ones_are_not(master: MasterWithPeople, user: LoggedIn) -> None:
    script, wrong = script_of(master, user, "read"), script_with(master, "qman_wrong")
    with structlog.testing.capture_logs() as logs:
        statuses = [wrong.get("/api/me").status_code for _ in range(100)]
    assert statuses == [401] * 60 + [429] * 40
    assert wrong.get("/api/me").headers["Retry-After"] == "60"
    assert len(logs) <= 62
    assert "qman_" not in repr(logs)
    assert script.get("/api/me").status_code == 200
    elsewhere = wrong.client.get(
        "/api/me", headers={"Authorization": "Bearer qman_wrong"}, environ_overrides={"REMOTE_ADDR": "192.0.2.9"}
    )
    assert elsewhere.status_code == 401
    master.clock.forward(60)
    assert wrong.get("/api/me").status_code == 401


def test_tokens_stand_in_no_log(master: MasterWithPeople, admin: LoggedIn, user: LoggedIn) -> None:
    with structlog.testing.capture_logs() as logs:
        script = script_of(master, user, "read")
        script.get("/api/me")
        script.get("/api/rows")
        script.send("POST", "/api/me/tokens", token_body(master.clock, "read"))
        script_with(master, mistyped(script.token)).get("/api/me")
    assert {entry["code"] for entry in logs if entry["event"] == "request_refused"} == {
        "forbidden",
        "token_scope",
        "unauthenticated",
    }
    assert script.token[5:] not in repr(logs)
    assert script.token[20:40] not in repr(logs)
