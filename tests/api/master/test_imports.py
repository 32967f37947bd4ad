"""A CSV of changes: previewed from what is stored, carried out in the background, undone as one."""

from typing import Any

import pytest

from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.slaves import FleetOfSlaves

HEADER = "host,device,quota_type,id,name,block_soft_limit,block_hard_limit,inode_soft_limit,inode_hard_limit"
DEVICE = "/dev/sda1"


def preview(admin: LoggedIn, *lines: str) -> dict[str, Any]:
    response = admin.send("POST", "/api/admin/imports", {"csv": "\n".join((HEADER, *lines))})
    assert response.status_code == 201, response.get_json()
    draft: dict[str, Any] = response.get_json()
    return draft


def lines_of(admin: LoggedIn, set_id: str, only: str | None = None) -> list[dict[str, Any]]:
    path = f"/api/admin/change-sets/{set_id}/lines?page_size=500" + (f"&only={only}" if only else "")
    lines: list[dict[str, Any]] = admin.json(path)["items"]
    return lines


def run(master: MasterWithPeople, admin: LoggedIn, set_id: str, **body: Any) -> dict[str, Any]:
    response = admin.send("POST", f"/api/admin/change-sets/{set_id}/run", body)
    assert (response.status_code, response.get_json()["state"]) == (200, "running")
    master.carry_out()
    done: dict[str, Any] = admin.json(f"/api/admin/change-sets/{set_id}")
    return done


def undo(master: MasterWithPeople, admin: LoggedIn, set_id: str, **body: Any) -> dict[str, Any]:
    response = admin.send("POST", f"/api/admin/change-sets/{set_id}/undo", body)
    assert response.status_code == 201, response.get_json()
    master.carry_out()
    done: dict[str, Any] = admin.json(f"/api/admin/change-sets/{response.get_json()['id']}")
    return done


def limits_on(slaves: FleetOfSlaves, host: str, device: str = DEVICE) -> dict[int, tuple[int, int]]:
    rows = next(each for each in slaves.devices_of(host) if each["name"] == device)["user_quotas"]
    return {row["uid"]: (row["block_soft_limit"], row["block_hard_limit"]) for row in rows}


def counted(change_set: dict[str, Any]) -> dict[str, int]:
    counts = change_set["counts"].items()
    return {name: count for name, count in counts if count and name != "below_usage"}


def faults(line: dict[str, Any]) -> list[tuple[str, str]]:
    return [(fault["field"], fault["found"]) for fault in line["problem"]["errors"]]


def test_a_preview_tells_each_line_and_changes_nothing(admin: LoggedIn, slaves: FleetOfSlaves) -> None:
    before = limits_on(slaves, "h1")
    asked = sum(slaves.calls.values())
    draft = preview(
        admin,
        "h1,/dev/sda1,user,1003,,9GiB,11GiB,,",
        "h1,/dev/sda1,,,user1004,,1,,",
        "h1,/dev/sda1,user,4000,,,20GiB,,",
        "h9,/dev/sda1,user,1003,,,11GiB,,",
        "h1,/dev/sdz1,user,1003,,,11GiB,,",
        "h1,/dev/sda1,user,,nobody,,11GiB,,",
        "h1,/dev/sda1,group,1003,,,11GiB,,",
        "h1,/dev/sda1,user,1003,,,12GiB,,",
        "h1,/dev/sda1,user,1005,user1006,,12GiB,,",
        "h1,/dev/sda1,user,1007,,,12GB,,",
        "h1,/dev/sda1,user,1008,,11GiB,,,",
    )
    assert (draft["kind"], draft["state"]) == ("import", "draft")
    assert counted(draft) == {"total": 11, "wrong": 9, "waiting": 2}
    lines = {line["line"]: line for line in lines_of(admin, draft["id"])}
    assert [number for number, line in lines.items() if line["outcome"] == "waiting"] == [2, 4]
    assert (lines[2]["name"], lines[2]["before"]["block_hard_limit"]) == ("user1003", 10 * 1024**2)
    assert lines[2]["after"] == {"block_soft_limit": 9 * 1024**2, "block_hard_limit": 11 * 1024**2}
    assert set(lines[4]["before"].values()) == {0}
    assert faults(lines[3]) == [("block_soft_limit", str(8 * 1024**2))]
    assert {number: faults(lines[number])[0][0] for number in range(5, 13)} == {
        5: "host",
        6: "device",
        7: "name",
        8: "quota_type",
        9: "line",
        10: "id",
        11: "block_hard_limit",
        12: "block_soft_limit",
    }
    assert faults(lines[9]) == [("line", "the quota of line 2")]
    assert limits_on(slaves, "h1") == before
    assert sum(slaves.calls.values()) == asked
    assert admin.json("/api/admin/audit")["total"] == 0
    assert admin.json("/api/admin/change-sets")["total"] == 0


def test_who_uses_more_than_the_new_limit_is_told(admin: LoggedIn) -> None:
    draft = preview(admin, "h1,/dev/sda1,user,1003,,0,1,,", "h1,/dev/sda1,user,1004,,0,1PiB,,")
    assert draft["counts"]["below_usage"] == 1
    (line,) = lines_of(admin, draft["id"], "below_usage")
    assert (line["id"], line["warnings"]) == (1003, ["below_usage"])


def test_a_soft_limit_that_was_exceeded_before_is_no_news(admin: LoggedIn) -> None:
    rows = admin.json("/api/rows?host=h1&device=/dev/sda1&status=soft_exceeded")["items"]
    assert rows != []
    draft = preview(admin, f"h1,/dev/sda1,user,{rows[0]['id']},,,900GiB,,")
    assert (draft["counts"]["below_usage"], draft["counts"]["waiting"]) == (0, 1)


def test_an_import_is_carried_out_and_each_changed_quota_has_one_entry(
    master: MasterWithPeople, admin: LoggedIn, slaves: FleetOfSlaves
) -> None:
    wanted = [f"h{1 + number % 2},/dev/sda1,user,{1000 + number},,1GiB,{20 + number % 7}GiB,," for number in range(20)]
    draft = preview(admin, *wanted, "h1,/dev/sda1,user,,nobody,,1GiB,,")
    done = run(master, admin, draft["id"], reason="spring term")
    assert (done["state"], done["reason"], done["actor"]["name"]) == ("done", "spring term", "charlie")
    assert counted(done) == {"total": 21, "done": 20, "wrong": 1}
    for number in range(20):
        assert limits_on(slaves, f"h{1 + number % 2}")[1000 + number] == (1024**2, (20 + number % 7) * 1024**2)
    entries = admin.json(f"/api/admin/audit?change_set={draft['id']}&page_size=500")["items"]
    assert len(entries) == len({(each["host"], each["target_id"]) for each in entries}) == 20
    assert {(each["outcome"], each["reason"], each["action"]) for each in entries} == {
        ("applied", "spring term", "set_limits")
    }
    by_id = {line["audit_id"]: line for line in lines_of(admin, draft["id"], "done")}
    assert {each["id"] for each in entries} == by_id.keys()
    (wrong,) = lines_of(admin, draft["id"], "problems")
    assert (wrong["line"], wrong["audit_id"], faults(wrong)) == (22, None, [("name", "nobody")])
    rows = admin.json("/api/rows?host=h1&device=/dev/sda1&q=user1004")["items"]
    assert rows[0]["block_hard_limit"] == 24 * 1024**2


def test_undo_brings_all_back_and_the_undo_of_that_too(
    master: MasterWithPeople, admin: LoggedIn, slaves: FleetOfSlaves
) -> None:
    before = {host: limits_on(slaves, host) for host in ("h1", "h2")}
    lines = [f"{host},/dev/sda1,user,{uid},,,{uid}GiB,," for host in ("h1", "h2") for uid in range(1000, 1010)]
    imported = run(master, admin, preview(admin, *lines)["id"])
    after = {host: limits_on(slaves, host) for host in ("h1", "h2")}
    assert after != before
    undone = undo(master, admin, imported["id"], reason="the wrong file")
    assert (undone["kind"], undone["state"], undone["undo_of"]) == ("undo", "done", imported["id"])
    assert undone["counts"]["done"] == undone["counts"]["total"] == 20
    assert {host: limits_on(slaves, host) for host in ("h1", "h2")} == before
    assert admin.json(f"/api/admin/change-sets/{imported['id']}")["undone_by"] == undone["id"]
    entries = admin.json(f"/api/admin/audit?change_set={undone['id']}&page_size=500")["items"]
    originals = {
        each["id"] for each in admin.json(f"/api/admin/audit?change_set={imported['id']}&page_size=500")["items"]
    }
    assert {each["undo_of"] for each in entries} == originals
    assert undo(master, admin, undone["id"])["counts"]["done"] == 20
    assert {host: limits_on(slaves, host) for host in ("h1", "h2")} == after


def test_what_somebody_else_changed_since_stays_unless_forced(
    master: MasterWithPeople, admin: LoggedIn, slaves: FleetOfSlaves
) -> None:
    before = limits_on(slaves, "h1")
    lines = [f"h1,/dev/sda1,user,{uid},,,50GiB,," for uid in (1001, 1002, 1003)]
    imported = run(master, admin, preview(admin, *lines)["id"])
    slaves.set_limits("h1", DEVICE, 1002, {"block_hard_limit": 77 * 1024**2})
    undone = undo(master, admin, imported["id"])
    assert (undone["counts"]["done"], undone["counts"]["failed"]) == (2, 1)
    (left,) = lines_of(admin, undone["id"], "failed")
    assert (left["id"], left["problem"]["code"], faults(left)) == (
        1002,
        "stale_update",
        [("block_hard_limit", str(77 * 1024**2))],
    )
    stand = limits_on(slaves, "h1")
    assert (stand[1001], stand[1002][1], stand[1003]) == (before[1001], 77 * 1024**2, before[1003])
    assert undo(master, admin, imported["id"], force=True)["counts"]["done"] == 3
    assert limits_on(slaves, "h1") == before


def test_a_batch_is_undone_as_one(master: MasterWithPeople, admin: LoggedIn, slaves: FleetOfSlaves) -> None:
    before = limits_on(slaves, "h1")
    body = {"device": DEVICE, "ids": [1001, 1002], "limits": {"block_hard_limit": 50 * 1024**2}}
    first = admin.send("POST", "/api/quotas/h1/batch", body).get_json()
    more = {**body, "ids": [1003, 1004], "change_set": first["change_set"]}
    assert admin.send("POST", "/api/quotas/h1/batch", more).get_json()["change_set"] == first["change_set"]
    assert limits_on(slaves, "h1") != before
    assert undo(master, admin, first["change_set"])["counts"]["done"] == 4
    assert limits_on(slaves, "h1") == before
    other = master.log_in("diana", is_admin=True)
    assert other.send("POST", "/api/quotas/h1/batch", more).get_json()["code"] == "change_set_not_found"


def test_a_host_that_fails_stops_no_other(master: MasterWithPeople, admin: LoggedIn, slaves: FleetOfSlaves) -> None:
    lines = [f"{host},/dev/sda1,user,{uid},,,{uid}GiB,," for host in ("h1", "h2") for uid in range(1000, 1010)]
    slaves.fail("h1")
    done = run(master, admin, preview(admin, *lines)["id"])
    counts = done["counts"]
    assert (counts["done"], counts["unknown"], counts["failed"]) == (10, 1, 9)
    unknown, *failed = lines_of(admin, done["id"], "problems")
    assert (unknown["outcome"], unknown["problem"]["code"]) == ("unknown", "host_error")
    assert {(line["host"], line["outcome"], line["problem"]["code"]) for line in failed} == {
        ("h1", "failed", "host_refused")
    }
    assert slaves.calls["h1", "PUT", "/quotas/users/1000"] == 1
    assert admin.json(f"/api/admin/audit?change_set={done['id']}")["total"] == 11


def test_a_set_is_run_once_and_what_waits_is_cancelled(master: MasterWithPeople, admin: LoggedIn) -> None:
    draft = preview(admin, *[f"h1,/dev/sda1,user,{uid},,,{uid}GiB,," for uid in range(1000, 1010)])
    path = f"/api/admin/change-sets/{draft['id']}"
    assert admin.send("POST", f"{path}/cancel").get_json()["code"] == "change_set_state"
    assert admin.send("POST", f"{path}/undo", {}).get_json()["code"] == "change_set_state"
    assert admin.send("POST", f"{path}/run", {}).status_code == 200
    assert admin.send("POST", f"{path}/run", {}).get_json()["code"] == "change_set_state"
    cancelled = admin.send("POST", f"{path}/cancel").get_json()
    assert (cancelled["state"], cancelled["counts"]["cancelled"]) == ("cancelled", 10)
    master.carry_out()
    assert admin.json(path)["counts"]["cancelled"] == 10
    assert admin.send("POST", f"{path}/undo", {}).get_json()["code"] == "not_undoable"
    assert admin.json("/api/admin/audit")["total"] == 0


def test_imports_are_for_admins_and_reasons_may_be_required(
    master: MasterWithPeople, user: LoggedIn, admin: LoggedIn
) -> None:
    assert user.send("POST", "/api/admin/imports", {"csv": HEADER}).status_code == 403
    assert user.get("/api/admin/change-sets/x").status_code == 403
    assert admin.get("/api/admin/change-sets/x").get_json()["code"] == "change_set_not_found"
    strict = MasterWithPeople(
        master.database_folder, [], database=master.database, clock=master.clock, REQUIRE_REASON=True
    )
    draft = preview(admin, "h1,/dev/sda1,user,1003,,,11GiB,,")
    refused = strict.log_in("diana", is_admin=True).send("POST", f"/api/admin/change-sets/{draft['id']}/run", {})
    assert refused.get_json()["errors"][0]["field"] == "reason"


@pytest.mark.parametrize("csv", ["", "x" * 1_000_001, 7, None])
def test_a_body_that_is_no_file_is_refused(admin: LoggedIn, csv: object) -> None:
    response = admin.send("POST", "/api/admin/imports", {"csv": csv})
    assert response.status_code == 422
    assert response.get_json()["errors"][0]["field"] == "csv"


def test_previews_are_forgotten_after_a_day(master: MasterWithPeople, admin: LoggedIn) -> None:
    line = "h1,/dev/sda1,user,1003,,,11GiB,,"
    old = preview(admin, line)
    master.clock.forward(3600 * 24 + 1)
    admin = master.log_in("charlie", is_admin=True)
    new = preview(admin, line)
    assert admin.get(f"/api/admin/change-sets/{old['id']}").status_code == 404
    assert admin.get(f"/api/admin/change-sets/{new['id']}").status_code == 200
