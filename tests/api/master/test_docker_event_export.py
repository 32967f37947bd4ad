"""The log of enforcement as files: all that the filters let through, also where there are more than a page."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.db.repositories.slave_events import EventFilter, SlaveEvent, SlaveEventRepository
from app.master.exports.events import EventExport
from tests.fakes.people import LoggedIn, MasterWithPeople

EXPORT = "/api/export/docker-events"


@pytest.fixture
def master(tmp_path: Path) -> Iterator[MasterWithPeople]:
    made = MasterWithPeople(tmp_path, [])
    now = made.clock()
    with made.database.write() as connection:
        rows = SlaveEventRepository(connection)
        for number in range(7):
            is_alices = number % 2 == 0
            rows.add(
                SlaveEvent(
                    host_id=f"host{number % 3}",
                    id=str(UUID(int=number)),
                    type="docker.container_stopped" if number else "docker.warned",
                    occurred_at=now - timedelta(minutes=number // 3),  # three at a time
                    received_at=now + timedelta(seconds=number % 2),
                    device="docker",
                    uid=1000 if is_alices else 1001,
                    user="alice" if is_alices else "bob",
                    container_id="c" * 64 if number else None,
                    container_name="=1+1" if number else None,
                    used_bytes=2**33,
                    limit_bytes=2**32,
                    explanation='stopped "web", newest of 4',
                )
            )
    yield made
    made.close()


@pytest.fixture
def admin(master: MasterWithPeople) -> LoggedIn:
    return master.log_in("root-of-all", is_admin=True)


@pytest.mark.parametrize("at_once", [1, 2, 3, 7, 500])
def test_every_event_is_there_once_however_many_a_page_has(
    master: MasterWithPeople, admin: LoggedIn, at_once: int
) -> None:
    pages = EventExport(master.database, at_once).pages(EventFilter("docker"))
    found = [event.id for page in pages for event in page]
    assert found == [each["id"] for each in admin.json("/api/admin/docker/events")["items"]]
    assert len(set(found)) == 7


def test_the_csv_has_what_the_filters_let_through_and_no_formula(admin: LoggedIn) -> None:
    answer = admin.get(f"{EXPORT}.csv?user=alice&type=docker.container_stopped")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="qman-docker-events-')
    lines = list(csv.DictReader(answer.get_data(as_text=True).splitlines()))
    assert [(each["user"], each["type"]) for each in lines] == [("alice", "docker.container_stopped")] * 3
    assert (lines[0]["container"], lines[0]["hard_limit_bytes"]) == ("'=1+1", str(2**32))
    assert lines[0]["explanation"] == 'stopped "web", newest of 4'


def test_the_json_has_the_items_of_the_list(admin: LoggedIn) -> None:
    listed = admin.json("/api/admin/docker/events?user=bob")["items"]
    assert admin.json(f"{EXPORT}.json?user=bob") == {"items": listed, "total": 3}


def test_files_are_for_admins_and_an_unknown_filter_is_told(master: MasterWithPeople, admin: LoggedIn) -> None:
    assert master.log_in("alice").get(f"{EXPORT}.csv").status_code == 403
    assert admin.get(f"{EXPORT}.csv?page=2").status_code == 422
    assert admin.get(f"{EXPORT}.csv?user=nobody").get_data(as_text=True).count("\n") == 1
