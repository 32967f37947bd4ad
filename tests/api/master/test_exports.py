"""Files and metrics of the fleet, over HTTP: filtered like the lists, complete, and never whole in memory."""

import csv
import io
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.db.repositories.rows import RowFilter
from app.master.exports.files import csv_pieces
from app.master.exports.rows import AT_ONCE, RowExport
from app.master.freshness import Freshness
from app.master.pages.rows import RowPages
from tests.fakes.ondemand import shown_to
from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.scripts import script_of
from tests.fakes.slaves import FleetOfSlaves

CSV, JSON, OOD, METRICS = (f"/api/export/{name}" for name in ("rows.csv", "rows.json", "ood-quota.json", "metrics"))


def key(row: Any) -> tuple[str, str, str, int]:
    return row["host"], row["device"], row["quota_type"], int(row["id"])


def lines_of(someone: LoggedIn, query: str = "") -> list[dict[str, str]]:
    answer = someone.get(f"{CSV}?{query}")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv"), answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


@pytest.mark.parametrize(
    "query",
    [
        "",
        "host=h1",
        "device=/dev/sdb1&host=h2",
        "status=hard_reached",
        "q=user100",
        "kind=zfs",
        "quota_type=group",
        "limits_source=own&quota_type=user&kind=block",
    ],
)
def test_files_have_the_rows_that_the_list_has(admin: LoggedIn, query: str) -> None:
    listed = admin.json(f"/api/rows?page_size=500&{query}")["items"]
    file = admin.json(f"{JSON}?{query}")
    assert sorted(file["items"], key=key) == file["items"]
    assert {key(row): row for row in file["items"]} == {key(row): row for row in listed}
    assert file["total"] == len(listed)
    assert [key(line) for line in lines_of(admin, query)] == [key(row) for row in file["items"]]


def test_files_of_one_person(master: MasterWithPeople, admin: LoggedIn, user: LoggedIn) -> None:
    assert {line["name"] for line in lines_of(admin, f"person={user.person_id}")} == {"user1003"}
    assert len(lines_of(admin, f"person={user.person_id}")) == 4


@pytest.mark.parametrize("path", [CSV, JSON, OOD])
@pytest.mark.parametrize("query", ["page=1", "colour=red", "host=h1&host=h2", "host=%00"])
def test_what_is_not_a_filter_is_refused(admin: LoggedIn, path: str, query: str) -> None:
    assert admin.get(f"{path}?{query}").status_code == 422


@pytest.mark.parametrize("path", [CSV, JSON, OOD, METRICS])
def test_exports_are_an_admin_s_with_a_token_that_only_reads(
    master: MasterWithPeople, admin: LoggedIn, user: LoggedIn, path: str
) -> None:
    assert user.get(path).status_code == 403
    assert script_of(master, user, "read", "write").get(path).status_code == 403
    answer = script_of(master, admin, "read", "admin").get(path)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


def test_files_are_named_by_the_day(admin: LoggedIn) -> None:
    assert admin.get(CSV).headers["Content-Disposition"] == 'attachment; filename="qman-rows-2026-11-21.csv"'
    assert admin.get(JSON).headers["Content-Disposition"] == 'attachment; filename="qman-rows-2026-11-21.json"'


def test_open_on_demand_reads_its_file(admin: LoggedIn) -> None:
    row = next(row for row in admin.json("/api/rows?host=h1&device=/dev/sda1")["items"] if row["name"] == "user1003")
    shown = shown_to("user1003", admin.json(f"{OOD}?host=h1&device=/dev/sda1"))
    assert [(quota.path, quota.resource_type, quota.total_usage, quota.limit) for quota in shown] == [
        ("/mnt/sda1", "file", row["inode_current"], row["inode_hard_limit"]),
        ("/mnt/sda1", "block", -(-row["block_current"] // 1024), row["block_hard_limit"]),
    ]
    everywhere = {quota.path for quota in shown_to("user1003", admin.json(OOD))}
    assert everywhere == {f"{host}:/mnt/{device}" for host in ("h1", "h2") for device in ("sda1", "sdb1")}


def scraped(someone: LoggedIn, query: str = "") -> dict[str, dict[tuple[str, ...], float]]:
    answer = someone.get(f"{METRICS}?{query}")
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    return {
        family.name: {tuple(sample.labels.values()): sample.value for sample in family.samples}
        for family in text_string_to_metric_families(answer.text)
    }


def test_hosts_and_devices_for_prometheus(master: MasterWithPeople, admin: LoggedIn) -> None:
    master.clock.forward(30)
    found = scraped(admin)
    assert found["qman_fleet_host_up"] == {("h1",): 1, ("h2",): 1}
    assert found["qman_fleet_host_age_seconds"] == {("h1",): 30, ("h2",): 30}
    (device, *_) = admin.json("/api/hosts/h1")["device_list"]
    label = ("h1", device["name"], device["kind"])
    assert found["qman_fleet_device_used_bytes"][label] == device["usage"]["used"]
    assert found["qman_fleet_device_size_bytes"][label] == device["usage"]["total"]
    assert found["qman_fleet_device_age_seconds"][label] == 30
    assert len(found["qman_fleet_device_up"]) == 4
    assert not any(name.startswith("qman_fleet_quota") for name in found)
    master.clock.forward(3600)
    assert set(scraped(admin, "host=h2")["qman_fleet_host_up"].items()) == {(("h2",), 0)}


def test_quotas_for_prometheus_are_asked_for(admin: LoggedIn) -> None:
    found, rows = scraped(admin, "quotas=true"), admin.json("/api/rows?page_size=500")["items"]
    row = next(row for row in rows if row["status"] == "hard_reached")
    label = (row["host"], row["device"], "user", str(row["id"]), row["name"])
    assert found["qman_fleet_quota_used_bytes"][label] == row["block_current"]
    assert found["qman_fleet_quota_hard_limit_bytes"][label] == row["block_hard_limit"] * 1024
    assert found["qman_fleet_quota_status"][label] == 3
    assert len(found["qman_fleet_quota_used_inodes"]) == len(rows)


def exporter(master: MasterWithPeople, at_once: int = AT_ONCE) -> RowExport:
    rows = RowPages(master.database, Freshness(timedelta(seconds=60)), master.clock, same_name=True)
    return RowExport(rows, at_once)


@pytest.fixture
def large(tmp_path: Path) -> Iterator[MasterWithPeople]:
    with FleetOfSlaves(hosts=1, users=400) as slaves:
        master = MasterWithPeople(tmp_path, slaves.entries())
        master.collect()
        yield master
        master.close()


def test_a_long_file_is_never_whole_in_memory(large: MasterWithPeople) -> None:
    """800 rows: what is held at a time is a page or two of 50."""
    export = exporter(large, at_once=50)

    def peak_of(work: Callable[[], object]) -> int:
        tracemalloc.start()
        work()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    def streamed() -> int:
        return sum(len(piece) for piece in csv_pieces(export.pages(RowFilter())))

    assert streamed() > 100_000
    assert peak_of(streamed) < peak_of(lambda: list(export.pages(RowFilter()))) / 3


@pytest.mark.parametrize("path", [CSV, JSON, OOD, METRICS])
def test_files_are_sent_while_they_are_made(admin: LoggedIn, path: str) -> None:
    answer = admin.client.get(path, buffered=False)
    assert answer.is_streamed
    assert "Content-Length" not in answer.headers
    answer.close()


def test_a_slow_reader_holds_up_nobody(master: MasterWithPeople, admin: LoggedIn) -> None:
    """Between two pages no transaction is open, and what changes in between is seen."""
    pages = exporter(master, at_once=50).pages(RowFilter())
    first = next(pages)
    changed = admin.send("PUT", "/api/quotas/h2/users/1029?device=/dev/sdb1", {"block_hard_limit": 77_000_000})
    assert changed.status_code == 200
    rest = [row for page in pages for row in page]
    assert len(first) + len(rest) == 120
    assert rest[-1].block_hard_limit == 77_000_000
