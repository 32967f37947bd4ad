"""One person everywhere."""

from tests.fakes.people import LoggedIn, MasterWithPeople


def test_a_person_with_their_accounts_and_quotas_on_all_hosts(
    master: MasterWithPeople, admin: LoggedIn, user: LoggedIn
) -> None:
    mapping = {"person": user.person_id, "host": "h2", "username": "user1007"}
    assert admin.send("POST", "/api/admin/mappings", mapping).status_code == 201
    person = admin.json(f"/api/people/{user.person_id}")
    (listed,) = admin.json("/api/people?q=user1003")["items"]
    assert {name: person[name] for name in listed} == listed
    assert person["rows"] == user.json("/api/me/quotas")["items"]
    assert {(row["host"], row["name"]) for row in person["rows"]} == {
        ("h1", "user1003"),
        ("h2", "user1003"),
        ("h2", "user1007"),
    }
    percents = [row["percent"] for row in person["rows"]]
    assert percents == sorted(percents, reverse=True)
    assert {(each["host"], each["username"], each["via"]) for each in person["mappings"]} == {
        ("h1", "user1003", "rule"),
        ("h2", "user1003", "rule"),
        ("h2", "user1007", "admin"),
    }


def test_when_they_logged_in(master: MasterWithPeople, admin: LoggedIn, user: LoggedIn) -> None:
    master.clock.forward(60)
    again = master.log_in("user1003")
    assert again.send("POST", "/auth/logout").status_code == 204
    logins = admin.json(f"/api/people/{user.person_id}")["logins"]
    assert [(each["at"], each["ended_at"]) for each in logins] == [
        ("2026-11-21T12:01:00Z", "2026-11-21T12:01:00Z"),
        ("2026-11-21T12:00:00Z", None),
    ]


def test_nobody_of_that_id(admin: LoggedIn, user: LoggedIn) -> None:
    answer = admin.get("/api/people/no-such-person")
    assert (answer.status_code, answer.get_json()["code"]) == (404, "person_not_found")
    answers = [user.get(f"/api/people/{person}") for person in (admin.person_id, user.person_id, "no-such-person")]
    assert {(each.status_code, each.get_json()["detail"]) for each in answers} == {(403, "Only admins may do that.")}
