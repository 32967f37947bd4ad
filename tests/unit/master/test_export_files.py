"""Files that are made of rows: CSV, JSON, and the one of Open OnDemand."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.master.exports.files import csv_pieces, json_pieces
from app.master.exports.ood import ood_pieces
from app.master.wire.rows import RowOut
from tests.architecture.sources import text_of
from tests.fakes.fleet_database import NOON
from tests.fakes.ondemand import ShownQuota, shown_to

AT = datetime(2026, 11, 21, 11, 59, tzinfo=UTC)
SCHEMA = json.loads(text_of("docs/schemas/ood-quota.json"))


def row(**changes: Any) -> RowOut:
    values: dict[str, Any] = {
        "host": "h1",
        "device": "/dev/sda1",
        "kind": "block",
        "mount_points": ["/home", "/srv/home"],
        "quota_type": "user",
        "id": 1000,
        "name": "alice",
        "person": {"id": "p1", "name": "Alice Jones"},
        "status": "ok",
        "percent": 42.5,
        "block_current": 1025,
        "block_soft_limit": 500,
        "block_hard_limit": 1000,
        "block_time_limit": 0,
        "inode_current": 7,
        "inode_soft_limit": 0,
        "inode_hard_limit": 0,
        "inode_time_limit": 0,
        "limits_source": "own",
        "taken_at": AT,
        "age_seconds": 60,
        "stale": False,
        "problem": None,
    }
    return RowOut.model_validate(values | changes, strict=False)


def csv_rows(*pages: list[RowOut]) -> list[dict[str, str]]:
    text = b"".join(csv_pieces(iter(pages))).decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_a_line_of_csv() -> None:
    text = b"".join(csv_pieces(iter([[row()]]))).decode()
    head, line, end = text.split("\r\n")
    assert end == ""
    assert "block_current_bytes,block_soft_limit_kib,block_hard_limit_kib" in head
    assert line == (
        "h1,/dev/sda1,block,/home;/srv/home,user,1000,alice,p1,Alice Jones,ok,42.5,1025,500,1000,0,7,0,0,0,own,"
        "0,0,0,0,2026-11-21T11:59:00Z,60,false,"
    )


def test_nobody_s_row_and_one_without_a_limit() -> None:
    (line,) = csv_rows([row(person=None, percent=None, stale=True, problem="timeout")])
    assert (line["person"], line["percent"], line["stale"], line["problem"]) == ("", "", "true", "timeout")


def test_no_rows_are_a_file_with_a_head() -> None:
    assert csv_rows() == []
    assert json.loads(b"".join(json_pieces(iter([])))) == {"items": [], "total": 0}


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://evil","x")'])
def test_what_a_spreadsheet_would_run_is_text(name: str) -> None:
    (line,) = csv_rows([row(name=name, person={"id": "p1", "name": name}, device=name, mount_points=[name])])
    assert [line[column] for column in ("name", "person", "device", "mount_points")] == [f"'{name}"] * 4


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_name_comes_back_from_csv(name: str) -> None:
    (line,) = csv_rows([row(name=name)])
    assert line["name"].removeprefix("'") == name.removeprefix("'")
    assert not line["name"].startswith(("=", "+", "-", "@", "\t", "\r"))


def test_pages_of_json_are_one_list() -> None:
    pages = [[row(id=1), row(id=2)], [row(id=3)]]
    file = json.loads(b"".join(json_pieces(iter(pages))))
    assert ([item["id"] for item in file["items"]], file["total"]) == ([1, 2, 3], 3)
    assert file["items"][0] == row(id=1).model_dump(mode="json", exclude_unset=True)


def ood(*pages: list[RowOut], one_host: bool = True) -> Any:
    file = json.loads(b"".join(ood_pieces(iter(pages), NOON, one_host=one_host)))
    jsonschema_rs.validate(SCHEMA, file)
    return file


def test_on_demand_shows_blocks_of_a_kib_and_files() -> None:
    file = ood([row(block_current=1025, inode_hard_limit=80)], [row(name="bob")])
    assert (file["version"], file["timestamp"]) == (1, int(NOON.timestamp()))
    at = int(AT.timestamp())
    assert shown_to("alice", file) == [
        ShownQuota("user", "/home", "file", 7, 7, 80, at),
        ShownQuota("user", "/home", "block", 2, 2, 1000, at),
    ]


@pytest.mark.parametrize(("soft", "hard", "limit"), [(500, 1000, 1000), (500, 0, 500), (0, 0, 0)])
def test_the_hard_limit_counts_and_else_the_soft_one(soft: int, hard: int, limit: int) -> None:
    files = {"inode_soft_limit": soft, "inode_hard_limit": hard}
    shown = shown_to("alice", ood([row(block_soft_limit=soft, block_hard_limit=hard, **files)]))
    assert [quota.limit for quota in shown] == [limit, limit]


def test_paths_tell_hosts_apart_where_there_are_several() -> None:
    rows = [row(), row(host="h2", mount_points=[], device="docker")]
    assert [quota["path"] for quota in ood(rows, one_host=False)["quotas"]] == ["h1:/home", "h2:docker"]
    assert ood([], one_host=False)["quotas"] == []


@pytest.mark.parametrize(
    "change",
    [{"block_limit": "10"}, {"user": ""}, {"total_file_usage": -1}, {"type": "fileset", "block_usage": None}, {"x": 1}],
)
def test_the_schema_refuses_what_on_demand_does_not_read(change: dict[str, Any]) -> None:
    file = ood([row()])
    file["quotas"][0] |= change
    assert not jsonschema_rs.is_valid(SCHEMA, file)
