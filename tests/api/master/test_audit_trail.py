"""The audit trail is searched and exported: all of it that the filters let through, safe for a spreadsheet."""

import csv
import io
import json
from typing import Any

import pytest

from app.db.repositories.audit import AuditFilter
from app.master.exports.audit import AuditExport, audit_csv_pieces
from tests.fakes.people import LoggedIn, MasterWithPeople

FORMULA = '=HYPERLINK("http://evil.example","a"),\nsecond line'


@pytest.fixture
def changed(master: MasterWithPeople, admin: LoggedIn) -> list[dict[str, Any]]:
    """Five changes a second apart, the newest first, as the list has them."""
    for number, reason in enumerate([FORMULA, "+1", "-1", "@cmd", "a thesis"]):
        path = f"/api/quotas/h{1 + number % 2}/users/{1000 + number}?device=/dev/sda1"
        body = {"block_hard_limit": 50_000_000 + number, "reason": reason}
        assert admin.send("PUT", path, body).status_code == 200
        master.clock.forward(1)
    entries: list[dict[str, Any]] = admin.json("/api/admin/audit")["items"]
    return entries


def lines_of(admin: LoggedIn, query: str = "") -> list[dict[str, str]]:
    answer = admin.get(f"/api/export/audit.csv?{query}")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv"), answer.text
    assert "attachment; filename=" in answer.headers["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def test_both_files_have_what_the_list_has(admin: LoggedIn, changed: list[dict[str, Any]]) -> None:
    file = admin.json("/api/export/audit.json")
    assert (file["items"], file["total"]) == (changed, 5)
    lines = lines_of(admin)
    assert [line["id"] for line in lines] == [entry["id"] for entry in changed]
    for line, entry in zip(lines, changed, strict=True):
        assert (line["at_utc"], line["actor"], line["host"]) == (entry["at"], "charlie", entry["host"])
        assert (json.loads(line["before"]), json.loads(line["after"])) == (entry["before"], entry["after"])
        assert (line["outcome"], line["settled_by"], line["undo_of"]) == ("applied", "answer", "")


def test_no_cell_is_a_formula(admin: LoggedIn, changed: list[dict[str, Any]]) -> None:
    lines = lines_of(admin)
    assert [line["reason"] for line in lines] == ["a thesis", "'@cmd", "'-1", "'+1", f"'{FORMULA}"]
    assert not any(cell.startswith(("=", "+", "-", "@")) for line in lines for cell in line.values())


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("host=h1", 3),
        ("q=thesis", 1),
        ("q=THESIS", 1),
        ("q=user1003", 1),
        ("target=1003", 1),
        ("q=/dev/sda1", 5),
        ("q=h2", 2),
        ("q=charlie", 5),
        ("outcome=applied", 5),
        ("outcome=failed", 0),
        ("action=set_limits&device=/dev/sda1", 5),
        ("since=2026-11-21T12:00:03Z", 2),
        ("since=2026-11-21T12:00:01Z&until=2026-11-21T12:00:03Z", 2),
        ("change_set=nothing", 0),
    ],
)
def test_the_filters_are_those_of_the_list(
    admin: LoggedIn, changed: list[dict[str, Any]], query: str, found: int
) -> None:
    listed = admin.json(f"/api/admin/audit?{query}")
    assert listed["total"] == found
    assert admin.json(f"/api/export/audit.json?{query}")["items"] == listed["items"]
    assert [line["id"] for line in lines_of(admin, query)] == [entry["id"] for entry in listed["items"]]


def test_an_id_is_found(admin: LoggedIn, changed: list[dict[str, Any]]) -> None:
    (found,) = admin.json(f"/api/admin/audit?q={changed[2]['id'][:13]}")["items"]
    assert found == changed[2]


def test_pages_fit_together(master: MasterWithPeople, changed: list[dict[str, Any]]) -> None:
    pages = list(AuditExport(master.database, at_once=2).pages(AuditFilter()))
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [entry.id for page in pages for entry in page] == [entry["id"] for entry in changed]
    head, *rest = audit_csv_pieces(iter(pages))
    assert (head.count(b"\r\n"), len(rest)) == (1, 3)


def test_exports_are_for_admins_and_take_no_other_filters(user: LoggedIn, admin: LoggedIn) -> None:
    for path in ("/api/export/audit.csv", "/api/export/audit.json"):
        assert user.get(path).status_code == 403
        assert admin.get(f"{path}?page=2").status_code == 422
