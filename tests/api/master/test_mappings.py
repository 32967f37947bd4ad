"""Admins map accounts to people; what is taken stays taken; each change has its audit entry."""

from tests.fakes.people import LoggedIn, MasterWithPeople


def test_a_mapping_is_made_listed_and_ended(admin: LoggedIn, user: LoggedIn) -> None:
    body = {"person": user.person_id, "host": "h2", "username": "user1007"}
    made = admin.send("POST", "/api/admin/mappings", body)
    assert made.status_code == 201
    mapping = made.get_json()
    assert (mapping["uid"], mapping["via"], mapping["state"]) == (1007, "admin", "active")
    assert admin.json(f"/api/admin/mappings?person={user.person_id}")["items"] == [mapping]
    assert {"host": "h2", "username": "user1007", "uid": 1007, "state": "active", "via": "admin"} in user.json(
        "/api/me"
    )["mappings"]
    assert admin.send("DELETE", f"/api/admin/mappings/{mapping['id']}").status_code == 204
    assert admin.json("/api/admin/mappings")["total"] == 0
    actions = [entry["action"] for entry in admin.json("/api/admin/audit?sort=action")["items"]]
    assert actions == ["add_mapping", "delete_mapping"]


def test_a_taken_account_cannot_be_mapped_again(master: MasterWithPeople, admin: LoggedIn, user: LoggedIn) -> None:
    body = {"person": user.person_id, "host": "h1", "username": "user1007"}
    assert admin.send("POST", "/api/admin/mappings", body).status_code == 201
    other = master.log_in("other")
    again = admin.send("POST", "/api/admin/mappings", {**body, "person": other.person_id})
    assert (again.status_code, again.get_json()["code"]) == (409, "mapping_exists")


def test_unknown_people_hosts_and_mappings_are_404(admin: LoggedIn, user: LoggedIn) -> None:
    body = {"person": user.person_id, "host": "h1", "username": "x"}
    assert admin.send("POST", "/api/admin/mappings", {**body, "host": "h9"}).get_json()["code"] == "host_not_found"
    assert admin.send("POST", "/api/admin/mappings", {**body, "person": "?"}).get_json()["code"] == "person_not_found"
    assert admin.send("DELETE", "/api/admin/mappings/none").get_json()["code"] == "mapping_not_found"


def test_an_unknown_name_may_be_mapped_before_it_is_seen(admin: LoggedIn, user: LoggedIn) -> None:
    body = {"person": user.person_id, "host": "h1", "username": "arrives-later"}
    assert admin.send("POST", "/api/admin/mappings", body).get_json()["uid"] is None


def test_wrong_names_are_refused(admin: LoggedIn, user: LoggedIn) -> None:
    for username in ("", "a b", "a:b", "../x", "a\nb", 7):
        body = {"person": user.person_id, "host": "h1", "username": username}
        assert admin.send("POST", "/api/admin/mappings", body).status_code == 422, username


def test_people_are_listed_with_their_worst_quota(admin: LoggedIn, user: LoggedIn) -> None:
    people = {person["name"]: person for person in admin.json("/api/people")["items"]}
    assert set(people) == {"charlie", "user1003"}
    assert people["charlie"]["worst"] is None
    assert people["user1003"]["worst"]["host"] in {"h1", "h2"}
    assert [mapping["via"] for mapping in people["user1003"]["mappings"]] == ["rule", "rule"]
