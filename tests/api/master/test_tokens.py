"""API tokens are made, shown once, listed and revoked, and the audit trail says so."""

from datetime import timedelta
from typing import Any

import pytest
import structlog

from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.scripts import script_of, token_body

MINE = "/api/me/tokens"


def database_text(master: MasterWithPeople) -> str:
    """All that is stored about tokens and in the audit trail."""
    with master.database.read() as connection:
        tables = [connection.exec_driver_sql(f"SELECT * FROM {name}") for name in ("api_token", "audit")]  # noqa: S608 - names of this test
        return repr([row for table in tables for row in table])


def test_a_token_is_told_once_and_stored_nowhere(master: MasterWithPeople, user: LoggedIn) -> None:
    with structlog.testing.capture_logs() as logs:
        made = user.send("POST", MINE, token_body(master.clock, "write", "read", name=" backup "))
    answer = made.get_json()
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    assert (answer["name"], answer["scopes"], answer["state"]) == ("backup", ["read", "write"], "active")
    assert answer["token"].startswith(answer["prefix"])
    listed = user.json(MINE)
    assert [item["id"] for item in listed["items"]] == [answer["id"]]
    secret = answer["token"].removeprefix(answer["prefix"])
    assert len(secret) == 40
    assert secret not in repr((listed, logs)) + database_text(master)


def test_making_and_revoking_stand_in_the_audit_trail(
    master: MasterWithPeople, admin: LoggedIn, user: LoggedIn
) -> None:
    script = script_of(master, user, "read")
    assert user.send("DELETE", f"{MINE}/{script.token_id}").status_code == 204
    other = script_of(master, user, "read")
    assert admin.send("DELETE", f"/api/admin/tokens/{other.token_id}").status_code == 204
    entries = admin.json(f"/api/admin/audit?target={script.token_id}&sort=action")["items"]
    assert [(entry["action"], entry["actor"]["name"], entry["via"]) for entry in entries] == [
        ("create_token", "user1003", "session"),
        ("revoke_token", "user1003", "session"),
    ]
    assert entries[0]["after"] == entries[1]["before"]
    assert (entries[0]["after"]["scopes"], entries[0]["after"]["person"]) == (["read"], user.person_id)
    (revoked,) = admin.json(f"/api/admin/audit?target={other.token_id}&action=revoke_token")["items"]
    assert revoked["actor"]["name"] == "charlie"


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "  "},
        {"name": "a\nb"},
        {"name": "x" * 101},
        {"scopes": []},
        {"scopes": ["root"]},
        {"scopes": "read"},
        {"expires_at": "2026-11-21T11:59:59Z"},
        {"expires_at": "2027-11-23T12:00:00Z"},
        {"expires_at": "2026-12-21T12:00:00"},
        {"expires_at": 1795665114},
        {"person": "somebody"},
    ],
)
def test_a_malformed_token_is_refused(master: MasterWithPeople, user: LoggedIn, change: dict[str, Any]) -> None:
    refused = user.send("POST", MINE, token_body(master.clock, "read") | change)
    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["field"].partition(".")[0] in change
    assert user.json(MINE)["total"] == 0


def test_a_token_lasts_90_days_unless_said_otherwise(master: MasterWithPeople, user: LoggedIn) -> None:
    made = user.send("POST", MINE, {"name": "a script", "scopes": ["read"]}).get_json()
    assert made["expires_at"] == (master.clock() + timedelta(days=90)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_only_admins_make_tokens_for_admins(master: MasterWithPeople, admin: LoggedIn, user: LoggedIn) -> None:
    refused = user.send("POST", MINE, token_body(master.clock, "read", "admin"))
    assert (refused.status_code, refused.get_json()["code"]) == (403, "forbidden")
    assert user.json(MINE)["total"] == 0
    assert admin.send("POST", MINE, token_body(master.clock, "read", "admin")).status_code == 201


def test_one_person_has_a_bounded_number(master: MasterWithPeople, user: LoggedIn) -> None:
    made = [user.send("POST", MINE, token_body(master.clock, "read", days=1)) for _ in range(51)]
    assert [answer.status_code for answer in made] == [201] * 50 + [409]
    assert made[-1].get_json()["code"] == "too_many_tokens"
    assert master.log_in("user1004").send("POST", MINE, token_body(master.clock, "read")).status_code == 201
    assert user.send("DELETE", f"{MINE}/{made[0].get_json()['id']}").status_code == 204
    assert user.send("POST", MINE, token_body(master.clock, "read")).status_code == 201


def test_expired_tokens_are_shown_for_a_while_and_then_forgotten(master: MasterWithPeople, user: LoggedIn) -> None:
    script_of(master, user, "read", days=1)
    master.clock.forward(timedelta(days=2).total_seconds())
    again = master.log_in("user1003")
    assert [item["state"] for item in again.json(MINE)["items"]] == ["expired"]
    master.clock.forward(timedelta(days=40).total_seconds())
    again = master.log_in("user1003")
    script_of(master, again, "read")
    assert [item["state"] for item in again.json(MINE)["items"]] == ["active"]


def test_nobody_revokes_or_sees_somebody_else_s(master: MasterWithPeople, user: LoggedIn) -> None:
    script, other = script_of(master, user, "read"), master.log_in("user1004")
    answers = [other.send("DELETE", f"{MINE}/{token_id}") for token_id in (script.token_id, "no-such-token")]
    assert [answer.status_code for answer in answers] == [404, 404]
    problems = [answer.get_json() | {"request_id": ""} for answer in answers]
    assert problems[0] == problems[1]
    assert other.json(MINE)["items"] == []
    assert script.get("/api/me").status_code == 200


def test_admins_see_everybody_s(master: MasterWithPeople, admin: LoggedIn, user: LoggedIn) -> None:
    mine, theirs = script_of(master, admin, "admin"), script_of(master, user, "read", days=10)
    everybody = admin.json("/api/admin/tokens?sort=person")
    assert [(item["id"], item["person"]["name"]) for item in everybody["items"]] == [
        (mine.token_id, "charlie"),
        (theirs.token_id, "user1003"),
    ]
    assert "token" not in everybody["items"][0]
    (one,) = admin.json(f"/api/admin/tokens?person={user.person_id}")["items"]
    assert (one["id"], one["scopes"], one["last_used_at"]) == (theirs.token_id, ["read"], None)
    assert admin.json("/api/admin/tokens?q=USER1003")["total"] == 1
    assert admin.json("/api/admin/tokens?q=nothing")["total"] == 0
    theirs.get("/api/me")
    orders = {sort: admin.json(f"/api/admin/tokens?sort={sort}")["items"] for sort in ("expires_at", "-last_used_at")}
    assert {sort: items[0]["id"] for sort, items in orders.items()} == dict.fromkeys(orders, theirs.token_id)
    assert admin.send("DELETE", f"/api/admin/tokens/{theirs.token_id}").status_code == 204
    assert theirs.get("/api/me").status_code == 401
    assert admin.send("DELETE", f"/api/admin/tokens/{theirs.token_id}").status_code == 404
