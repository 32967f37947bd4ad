"""What an import or undo could not do is tried again, as the same change set."""

from typing import Any

from tests.api.master.test_imports import DEVICE, counted, limits_on, lines_of, preview, run, undo
from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.slaves import FleetOfSlaves

UIDS = range(1000, 1005)
LINES = [f"{host},{DEVICE},user,{uid},,,{uid}GiB,," for host in ("h1", "h2") for uid in UIDS]


def retry(master: MasterWithPeople, admin: LoggedIn, set_id: str) -> dict[str, Any]:
    response = admin.send("POST", f"/api/admin/change-sets/{set_id}/retry")
    assert (response.status_code, response.get_json()["state"]) == (200, "running"), response.get_json()
    master.carry_out()
    done: dict[str, Any] = admin.json(f"/api/admin/change-sets/{set_id}")
    return done


def test_what_failed_or_is_unknown_is_sent_once_more_and_nothing_else(
    master: MasterWithPeople, admin: LoggedIn, slaves: FleetOfSlaves
) -> None:
    before = limits_on(slaves, "h1")
    slaves.fail("h1")
    draft = preview(admin, *LINES, f"h9,{DEVICE},user,1000,,,1GiB,,")
    failed = run(master, admin, draft["id"], reason="spring term")
    assert counted(failed) == {"total": 11, "wrong": 1, "done": 5, "failed": 4, "unknown": 1}
    asked_h2 = {call: count for call, count in slaves.calls.items() if call[0] == "h2"}
    slaves.mend("h1")
    master.clock.forward(1)
    diana = master.log_in("diana", is_admin=True)
    done = retry(master, diana, draft["id"])
    assert (done["state"], done["reason"], done["actor"]["name"]) == ("done", "spring term", "diana")
    assert counted(done) == {"total": 11, "wrong": 1, "done": 10}
    assert all(line["problem"] is None for line in lines_of(admin, draft["id"], "done"))
    assert {uid: limits_on(slaves, "h1")[uid][1] for uid in UIDS} == {uid: uid * 1024**2 for uid in UIDS}
    assert {call: count for call, count in slaves.calls.items() if call[0] == "h2"} == asked_h2
    entries = admin.json(f"/api/admin/audit?change_set={draft['id']}&host=h1&page_size=500")["items"]
    (unknown,) = [entry for entry in entries if entry["outcome"] == "unknown"]
    again = [entry for entry in entries if entry["outcome"] == "applied"]
    assert {(entry["actor"]["name"], entry["reason"]) for entry in again} == {("diana", "spring term")}
    assert {entry["target_id"]: entry["resend_of"] for entry in again if entry["resend_of"]} == {
        unknown["target_id"]: unknown["id"]
    }
    assert undo(master, admin, draft["id"])["counts"]["done"] == 10
    assert limits_on(slaves, "h1") == before


def test_what_was_cancelled_is_sent_after_all(master: MasterWithPeople, admin: LoggedIn, slaves: FleetOfSlaves) -> None:
    draft = preview(admin, *LINES)
    path = f"/api/admin/change-sets/{draft['id']}"
    admin.send("POST", f"{path}/run", {})
    refused = admin.send("POST", f"{path}/retry").get_json()
    assert (refused["code"], refused["detail"][:15]) == ("change_set_state", "It is not over:")
    admin.send("POST", f"{path}/cancel")
    assert counted(retry(master, admin, draft["id"])) == {"total": 10, "done": 10}
    assert limits_on(slaves, "h2")[1004][1] == 1004 * 1024**2


def test_what_the_host_refused_did_arrive_and_is_no_resending(
    master: MasterWithPeople, admin: LoggedIn, slaves: FleetOfSlaves
) -> None:
    device = slaves.devices_of("h1").pop(0)
    draft = preview(admin, LINES[0])
    assert counted(run(master, admin, draft["id"])) == {"total": 1, "failed": 1}
    slaves.devices_of("h1").insert(0, device)
    assert counted(retry(master, admin, draft["id"])) == {"total": 1, "done": 1}
    entries = admin.json(f"/api/admin/audit?change_set={draft['id']}")["items"]
    assert sorted((entry["outcome"], entry["resend_of"]) for entry in entries) == [("applied", None), ("refused", None)]


def test_an_undo_is_tried_again_without_overwriting_what_changed_since(
    master: MasterWithPeople, admin: LoggedIn, slaves: FleetOfSlaves
) -> None:
    before = limits_on(slaves, "h1")
    imported = run(master, admin, preview(admin, *LINES)["id"])
    slaves.fail("h1")
    undone = undo(master, admin, imported["id"])
    assert counted(undone) == {"total": 10, "done": 5, "failed": 5}
    slaves.mend("h1")
    slaves.set_limits("h1", DEVICE, 1002, {"block_hard_limit": 77 * 1024**2})
    slaves.set_limits("h1", DEVICE, 1003, {"block_hard_limit": before[1003][1]})
    again = retry(master, admin, undone["id"])
    assert counted(again) == {"total": 10, "done": 9, "failed": 1}
    (left,) = lines_of(admin, undone["id"], "failed")
    assert (left["id"], left["problem"]["code"]) == (1002, "stale_update")
    assert {uid: hard for uid, hard in limits_on(slaves, "h1").items() if uid != 1002} == {
        uid: hard for uid, hard in before.items() if uid != 1002
    }


def test_there_must_be_something_to_try_again(master: MasterWithPeople, admin: LoggedIn, user: LoggedIn) -> None:
    draft = preview(admin, *LINES, f"h9,{DEVICE},user,1000,,,1GiB,,")
    path = f"/api/admin/change-sets/{draft['id']}"
    assert admin.send("POST", f"{path}/retry").get_json()["code"] == "change_set_state"
    done = run(master, admin, draft["id"])
    refused = admin.send("POST", f"{path}/retry")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "change_set_state")
    assert admin.json(path) == done
    assert admin.send("POST", "/api/admin/change-sets/x/retry").get_json()["code"] == "change_set_not_found"
    assert user.send("POST", f"{path}/retry").status_code == 403


def test_a_reason_that_is_required_by_now_is_missed(master: MasterWithPeople, admin: LoggedIn) -> None:
    draft = preview(admin, *LINES)
    path = f"/api/admin/change-sets/{draft['id']}"
    admin.send("POST", f"{path}/run", {})
    admin.send("POST", f"{path}/cancel")
    strict = MasterWithPeople(
        master.database_folder, [], database=master.database, clock=master.clock, REQUIRE_REASON=True
    )
    refused = strict.log_in("diana", is_admin=True).send("POST", f"{path}/retry")
    assert refused.get_json()["errors"][0]["field"] == "reason"
    assert admin.json(path)["state"] == "cancelled"
