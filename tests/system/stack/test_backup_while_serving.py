"""`qman backup` while a master serves and people change things: one state, with all that was acknowledged before."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import text

from app.db.engine import Database
from tests.fakes.ports import free_port
from tests.fakes.postgres import PostgresServer
from tests.fakes.slaves import FleetOfSlaves
from tests.system.stack.people import CHARLIE, Person
from tests.system.stack.programs import Program, wait_until
from tests.system.stack.settings import master, oauth, write_json
from tests.system.stack.test_doctor_command import qman

PATH = "/api/quotas/h1/users/1001"
DEVICE = "/dev/sda1"


class Changer:
    """An admin who sets limits one after the other, each with its number as the reason."""

    def __init__(self, admin: Person) -> None:
        self.admin = admin
        self.acknowledged = 0
        self._stopped = Event()
        self._thread = Thread(target=self._work)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._stopped.set()
            self._thread.join(30)

    def change(self) -> int:
        number = self.acknowledged + 1
        answer = self.admin.put(PATH, {"block_hard_limit": 2**24 + number, "reason": str(number)}, device=DEVICE)
        self.acknowledged += answer.status_code == 200
        return answer.status_code

    def _work(self) -> None:
        while not self._stopped.is_set() and self.change() == 200:
            pass


def state_in(url: str) -> tuple[list[int], int]:
    """Numbers of the changes that are in the trail as done, and the one that stands in the snapshot."""
    database = Database(url)
    with database.read() as connection:
        entries = connection.execute(text("SELECT reason, outcome FROM audit WHERE action = 'set_limits'")).all()
        limit = connection.execute(
            text("SELECT block_hard_limit FROM quota WHERE quota_id = 1001 AND device = :device"), {"device": DEVICE}
        ).scalar_one()
    database.dispose()
    return sorted(int(reason) for reason, outcome in entries if outcome == "applied"), limit - 2**24


@pytest.mark.timeout(180)
def test_a_backup_while_changes_go_on_is_restored_into_another_database(checkout: Path) -> None:
    port, provider_port = free_port(), free_port()
    provider_command = f"python -m app.auth.mock_provider --port {provider_port} --config oauth.mock.config.json"
    write_json(checkout / "oauth.config.json", oauth(provider_port, port))
    with PostgresServer() as postgres, FleetOfSlaves(hosts=1, users=3, devices=1) as fleet:
        config = master(port, fleet.entries())
        write_json(checkout / "config.json", config)
        with Program(provider_command, checkout) as provider:
            provider.wait_for(f"http://localhost:{provider_port}/.well-known/openid-configuration")
            with Program("python run.py", checkout) as server:
                server.wait_for(f"http://localhost:{port}/readyz", 60)
                admin = Person(port, CHARLIE)
                wait_until(lambda: admin.get("/api/rows")["total"] == 3, 30, "the host is read")
                changer = Changer(admin)
                with changer.at_work():
                    wait_until(lambda: changer.acknowledged >= 10, 30, "ten changes")
                    before = changer.acknowledged
                    done = qman(checkout, "backup", "now.backup")
                    after = changer.acknowledged
                    wait_until(lambda: changer.acknowledged > after, 30, "changes go on")
                assert (done.returncode, done.stderr) == (0, ""), done.stderr
                assert server.stop() == 0
            url = postgres.new_url()
            write_json(checkout / "config.json", config | {"DATABASE_URL": url})
            restored = qman(checkout, "restore", "now.backup")
            assert (restored.returncode, restored.stderr) == (0, "")
            assert restored.stdout.split()[1] == done.stdout.split()[1], "as many rows"
            numbers, stands = state_in(url)
            assert numbers == list(range(1, len(numbers) + 1))
            assert before <= len(numbers) <= after + 1
            assert stands == numbers[-1], "trail and snapshot are of one moment"
            with Program("python run.py", checkout) as server:
                server.wait_for(f"http://localhost:{port}/readyz", 60)
                changer = Changer(Person(port, CHARLIE))
                assert changer.change() == 200
                assert server.stop() == 0
