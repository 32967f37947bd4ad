"""The disk under a database is full: reading goes on, a change is refused, nothing is lost, and space mends it all."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.fakes.ports import free_port
from tests.system.stack.people import ALICE, CHARLIE, Person
from tests.system.stack.programs import Program, wait_until
from tests.system.stack.settings import entry, master, mock_slave, oauth, write_json
from tests.system.stack.small_disk import SmallDisk, needs_root

pytestmark = [needs_root, pytest.mark.timeout(180)]

LARGE = 2**30
PAGES = ("/api/me", "/api/me/quotas", "/api/rows", "/api/hosts", "/api/overview", "/api/admin/audit", "/api/quotas")


class Full:
    """A master and a slave, of which one has its database on a small disk."""

    def __init__(self, disk: SmallDisk, port: int, slave_port: int) -> None:
        self.disk = disk
        self.port = port
        self.admin = Person(port, CHARLIE)
        self.slave_url = f"http://127.0.0.1:{slave_port}"
        wait_until(self.taken_at, 30, "the host is read")
        rows = self.admin.get("/api/rows", host="h1")["items"]
        self.row = next(row for row in rows if row["name"] == "alice")

    def taken_at(self) -> Any:
        return self.admin.host("h1")["taken_at"]

    def change(self, limit: int) -> requests.Response:
        path = f"/api/quotas/h1/users/{self.row['id']}"
        return self.admin.put(
            path, {"block_hard_limit": LARGE + limit, "reason": str(limit)}, device=self.row["device"]
        )

    def trail(self) -> list[tuple[str, str]]:
        entries = self.admin.get("/api/admin/audit", action="set_limits")["items"]
        return [(each["reason"], each["outcome"]) for each in entries][::-1]

    def limit(self) -> int:
        rows = self.admin.get("/api/rows", host="h1", device=self.row["device"])["items"]
        return int(next(row for row in rows if row["id"] == self.row["id"])["block_hard_limit"])

    def assert_pages(self) -> None:
        for page in PAGES:
            self.admin.get(page)

    def assert_collected_anew(self) -> None:
        before = self.taken_at()
        wait_until(lambda: self.taken_at() > before, 30, "the host is read again")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with SmallDisk(tmp_path) as disk:
        yield disk


@pytest.fixture(params=["master", "slave"])
def full(request: pytest.FixtureRequest, checkout: Path, disk: SmallDisk) -> Iterator[Full]:
    port, provider_port, slave_port = free_port(), free_port(), free_port()
    on_disk = {"DATABASE_URL": f"sqlite:///{disk.path}/qman.sqlite"}
    settings = {
        "master": master(port, [entry("h1", f"http://127.0.0.1:{slave_port}")]),
        "slave": mock_slave("h1", slave_port),
    }
    settings[request.param] |= on_disk
    write_json(checkout / "config.json", settings["master"])
    write_json(checkout / "config.slave.json", settings["slave"])
    write_json(checkout / "oauth.config.json", oauth(provider_port, port))
    provider = f"python -m app.auth.mock_provider --port {provider_port} --config oauth.mock.config.json"
    with ExitStack() as programs:
        started = [
            (Program(provider, checkout), f"http://localhost:{provider_port}/.well-known/openid-configuration"),
            (Program("CONFIG_PATH=config.slave.json python run.py", checkout), f"http://127.0.0.1:{slave_port}/readyz"),
            (Program("python run.py", checkout), f"http://127.0.0.1:{port}/api/health"),
        ]
        for program, _ in started:
            programs.enter_context(program)
        for program, url in started:
            program.wait_for(url, 60)
        yield Full(disk, port, slave_port)


def test_reading_goes_on_changes_are_refused_and_space_mends_it(full: Full, request: pytest.FixtureRequest) -> None:
    is_master = "[master]" in request.node.name
    assert full.change(4096).status_code == 200
    stood = full.limit()
    full.disk.fill()
    for limit in (8192, 8193):
        refused = full.change(limit)
        assert (refused.status_code, refused.json()["code"]) == (507, "no_space"), refused.text
    full.assert_pages()
    assert full.limit() == stood
    login = requests.get(f"http://localhost:{full.port}/auth/login", params={"user_id": ALICE}, timeout=30)
    if is_master:
        assert (login.status_code, login.json()["code"]) == (507, "no_space")
        page = requests.get(login.url, headers={"Accept": "text/html"}, timeout=30)
        assert (page.status_code, page.url.partition("/login")[2]) == (200, "?error=no_space")
        assert page.headers["Content-Type"].startswith("text/html")
    else:
        assert login.status_code == 200
        full.assert_collected_anew()
    full.disk.make_room()
    full.assert_collected_anew()
    assert full.limit() == stood, "what was refused was not done"
    assert full.change(12288).status_code == 200
    assert full.limit() == LARGE + 12288
    between = [] if is_master else [("8192", "refused"), ("8193", "refused")]
    assert full.trail() == [("4096", "applied"), *between, ("12288", "applied")]
    assert Person(full.port, ALICE).me["name"]
