"""The disk under PostgreSQL is full: reading goes on or says why not, no answer lies, and space mends it all.

A server that cannot write its tables refuses statements. One that cannot write its log of changes (pg_wal) stops.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from app.db.engine import Database
from app.db.migrate import ensure_schema
from tests.fakes.fleet_database import eventually
from tests.fakes.people import MasterWithPeople
from tests.fakes.postgres import PostgresServer
from tests.fakes.slaves import FleetOfSlaves
from tests.system.stack.small_disk import SmallDisk, needs_root

pytestmark = [needs_root, pytest.mark.services, pytest.mark.timeout(120)]

PATH = "/api/quotas/h1/users/1002?device=/dev/sda1"
PAGES = ("/api/me", "/api/me/quotas", "/api/rows", "/api/hosts", "/api/overview", "/api/admin/audit", "/api/quotas")
MOST_CHANGES = 1000


class Changing:
    """An admin who changes one limit again and again, and compares what is answered with what stands."""

    def __init__(self, master: MasterWithPeople, slaves: FleetOfSlaves) -> None:
        self.master = master
        self.slaves = slaves
        self.admin = master.log_in("charlie", is_admin=True)
        self.number = 0
        self.acknowledged: list[int] = []

    def stands(self) -> int:
        """The limit on the host."""
        rows = self.slaves.devices_of("h1")[0]["user_quotas"]
        return int(next(row for row in rows if row["uid"] == 1002)["block_hard_limit"])

    def change(self) -> tuple[int, str]:
        """Status and code of the next change. Who is told that nothing was changed is told the truth."""
        self.number += 1
        before = self.stands()
        response = self.admin.send("PUT", PATH, {"block_hard_limit": self.number, "reason": f"{self.number:0400}"})
        answered = response.get_json()
        if response.status_code == 200:
            self.acknowledged.append(self.number)
            return 200, ""
        assert int(response.headers.get("Retry-After", "1")) > 0
        was_asked = "The host was asked" in answered["detail"]
        assert self.stands() == (self.number if was_asked else before), answered["detail"]
        return response.status_code, answered["code"]

    def until_refused(self) -> tuple[int, str]:
        """The first answer that is no success."""
        for _ in range(MOST_CHANGES):
            if (answer := self.change())[0] != 200:
                return answer
        raise AssertionError("the disk is never full")

    def assert_all_well(self) -> None:
        """Changes and readings are as ever; what was acknowledged is in the trail, and what stands is there too."""
        assert self.change() == (200, "")
        self.master.clock.forward(60)
        self.master.collect()
        trail = self.admin.json("/api/admin/audit?page_size=500&sort=-at")
        assert trail["total"] < 500, "all on one page"
        by_outcome: dict[str, list[int]] = {}
        for entry in trail["items"]:
            by_outcome.setdefault(entry["outcome"], []).append(int(entry["reason"]))
        assert set(self.acknowledged) <= set(by_outcome["applied"])
        assert self.stands() == max(by_outcome["applied"]) == self.number
        shown = self.admin.json("/api/rows?host=h1&device=/dev/sda1&q=user1002")["items"]
        assert shown[0]["block_hard_limit"] == self.number

    def pages(self) -> set[int]:
        """What the pages answer with."""
        return {self.admin.get(page).status_code for page in PAGES}


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    """Where the server's own account may look, other than in pytest's folders."""
    with TemporaryDirectory(prefix="qman-disk-") as folder:
        Path(folder).chmod(0o755)
        with SmallDisk(Path(folder), megabytes=64) as disk:
            yield disk


@contextmanager
def changing(server: PostgresServer, folder: Path) -> Iterator[Changing]:
    database = Database(server.new_url())
    ensure_schema(database)
    with FleetOfSlaves(hosts=1, users=3) as slaves:
        master = MasterWithPeople(folder, slaves.entries(), database=database)
        master.collect()
        yield Changing(master, slaves)
        master.close()


def test_tables_that_cannot_grow_are_read_and_not_changed(disk: SmallDisk, tmp_path: Path) -> None:
    with PostgresServer(data=disk.path / "data") as server, changing(server, tmp_path) as changes:
        assert changes.change() == (200, "")
        disk.fill()
        assert changes.until_refused() == (507, "no_space")
        for _ in range(3):
            assert changes.change() == (507, "no_space")
        assert changes.pages() == {200}
        changes.master.collect()
        assert changes.admin.get("/readyz").status_code == 200
        disk.make_room()
        changes.assert_all_well()


def test_a_server_that_cannot_write_its_log_stops_and_the_master_says_so(disk: SmallDisk, tmp_path: Path) -> None:
    with PostgresServer(log_of_changes=disk.path / "log") as server, changing(server, tmp_path) as changes:
        assert changes.change() == (200, "")
        disk.fill()
        unavailable = (503, "database_unavailable")
        assert changes.until_refused() == unavailable
        eventually(lambda: not server.is_running)
        assert changes.change() == unavailable
        assert changes.pages() == {503}
        assert readiness(changes) == (503, "database_unavailable")
        assert changes.admin.get("/api/health").status_code == 200
        disk.make_room()
        assert changes.change() == unavailable, "it does not start by itself"
        server.start()
        assert changes.pages() == {200}
        changes.assert_all_well()


def readiness(changes: Changing) -> tuple[int, Any]:
    response = changes.admin.get("/readyz")
    return response.status_code, response.get_json()["code"]
