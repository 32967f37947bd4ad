"""New keys for a host without a gap, and a master that dies at any step of it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.auth.enrolment.errors import SealBrokenError
from app.master.collector.slave_client import Reading, SlaveClient
from app.master.fleet import HostEntry
from app.master.hosts.rotation import Rotation
from app.master.hosts.trail import Actor
from app.settings.keys_file import read_keys
from tests.fakes.enrolling import HostToEnrol, add_host, enrolling_master
from tests.fakes.fleet_database import entry
from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.served_master import EavesdroppingProxy, ServedApp
from tests.fakes.served_slave import ServedSlave

ACTOR = Actor("p1", "charlie", "session", "127.0.0.1")


class MasterKilledError(BaseException):
    """`kill -9`: nothing of the master runs after it."""


class DyingClient(SlaveClient):
    """A client whose process is killed at its n-th call: before it is sent, or when the answer has come."""

    def __init__(self, clock: Any, *, at: int, answered: bool) -> None:
        super().__init__(clock, hosts=1)
        self._left, self._answered = at, answered

    def change(self, *args: Any) -> Any:
        return self._call(lambda: super(DyingClient, self).change(*args))

    def read(self, host: HostEntry, etag: str | None) -> Reading:
        reading: Reading = self._call(lambda: super(DyingClient, self).read(host, etag))
        return reading

    def _call(self, call: Any) -> Any:
        self._left -= 1
        if self._left == 0 and not self._answered:
            raise MasterKilledError
        answer = call()
        if self._left == 0:
            raise MasterKilledError
        return answer


@pytest.fixture
def slave(tmp_path: Path) -> Iterator[ServedSlave]:
    folder = tmp_path / "host"
    with ServedSlave(folder, API_KEYS=None, API_KEYS_FILE=str(folder / "keys.json")) as slave:
        yield slave


@pytest.fixture
def proxy(slave: ServedSlave) -> Iterator[EavesdroppingProxy]:
    with EavesdroppingProxy(slave.url) as proxy:
        yield proxy


@pytest.fixture
def rotating(tmp_path: Path, slave: ServedSlave) -> Iterator[MasterWithPeople]:
    """A master with host1 enrolled and read."""
    master = enrolling_master(tmp_path, [entry("settled", "http://127.0.0.1:1")])
    boss = master.log_in("charlie", is_admin=True)
    with ServedApp(master.master.app) as served:
        code = add_host(boss, "host1", slave.url)
        HostToEnrol(tmp_path / "host", served.url, master.clock, "host1").enrolment.exchange(code)
    master.collect()
    yield master
    master.close()


@pytest.fixture
def boss(rotating: MasterWithPeople) -> LoggedIn:
    return rotating.log_in("charlie", is_admin=True)


def rotation(master: MasterWithPeople, client: SlaveClient | None = None) -> Rotation:
    hosts = master.master.hosts
    return Rotation(master.database, hosts.live, hosts.vault, client or master.master.client, master.clock)


def can_read(master: MasterWithPeople, host: HostEntry) -> bool:
    master.master.client.read(host, None)
    return True


def accepted(tmp_path: Path) -> list[str]:
    return [pair.read.id for pair in read_keys(tmp_path / "host" / "keys.json").pairs if pair.until is None]


def test_keys_are_changed_and_the_old_ones_end_half_a_minute_later(
    tmp_path: Path, rotating: MasterWithPeople, boss: LoggedIn, slave: ServedSlave
) -> None:
    before = rotating.master.fleet.get("host1")
    answer = boss.send("POST", "/api/hosts/host1/rotate")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    after = rotating.master.fleet.get("host1")
    assert {before.read_key.id, before.write_key.id}.isdisjoint({after.read_key.id, after.write_key.id})
    assert accepted(tmp_path) == [after.read_key.id]
    assert can_read(rotating, before)
    assert can_read(rotating, after)
    slave.slave.clock.advance(30)
    with pytest.raises(Exception, match="does not accept the master's key"):
        can_read(rotating, before)
    entry = boss.json("/api/admin/audit?action=rotate_keys")["items"][0]
    assert (entry["before"]["read_key"], entry["after"]["read_key"]) == (before.read_key.id, after.read_key.id)
    assert boss.json("/api/hosts/host1")["enrolment"]["rotation"] is None


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_master_killed_at_any_step_still_reads_and_changes_and_the_next_run_finishes(
    tmp_path: Path, rotating: MasterWithPeople, boss: LoggedIn, slave: ServedSlave, call: int, answered: bool
) -> None:
    before = rotating.master.fleet.get("host1")
    dying = DyingClient(rotating.clock, at=call, answered=answered)
    with pytest.raises(MasterKilledError):
        rotation(rotating, dying).rotate(ACTOR, "host1")
    dying.close()
    slave.slave.clock.advance(40)
    again = enrolling_master(tmp_path, [entry("settled", "http://127.0.0.1:1")], database=rotating.database)
    again.clock.forward(40)
    assert can_read(again, again.master.fleet.get("host1"))
    device = boss.json("/api/rows?host=host1&q=alice")["items"][0]["device"]
    changed = boss.send("PUT", f"/api/quotas/host1/users/1000?device={device}", {"block_hard_limit": 200_000_000})
    assert changed.status_code == 200, changed.get_data(as_text=True)
    rotation(again).rotate(ACTOR, "host1")
    after = again.master.fleet.get("host1")
    assert after.read_key.id != before.read_key.id
    assert accepted(tmp_path) == [after.read_key.id]
    assert len(boss.json("/api/admin/audit?action=rotate_keys")["items"]) == 1
    again.master.client.close()


def test_an_unfinished_rotation_is_shown(rotating: MasterWithPeople, boss: LoggedIn) -> None:
    dying = DyingClient(rotating.clock, at=2, answered=False)
    with pytest.raises(MasterKilledError):
        rotation(rotating, dying).rotate(ACTOR, "host1")
    assert boss.json("/api/hosts/host1")["enrolment"]["rotation"] == "confirming"


def test_a_host_that_does_not_answer_keeps_its_keys(rotating: MasterWithPeople, boss: LoggedIn) -> None:
    before = rotating.master.fleet.get("host1")
    with rotating.database.write() as connection:
        connection.exec_driver_sql("UPDATE enrolled_host SET url = 'http://127.0.0.1:1'")
        connection.exec_driver_sql("UPDATE fleet_revision SET revision = revision + 1")
    answer = boss.send("POST", "/api/hosts/host1/rotate")
    assert (answer.status_code, answer.get_json()["code"]) == (502, "host_refused")
    assert rotating.master.fleet.get("host1").read_key == before.read_key


def test_keys_that_somebody_between_altered_are_refused(
    rotating: MasterWithPeople, boss: LoggedIn, proxy: EavesdroppingProxy
) -> None:
    before = rotating.master.fleet.get("host1")
    proxy.alter_answer = lambda body: body.replace(b'"sealed":"', b'"sealed":"AAAA')
    through = replace(before, url=proxy.url)
    with pytest.raises(SealBrokenError):
        rotation(rotating)._order(through)
    assert rotating.master.fleet.get("host1") == before


def test_who_listens_learns_no_key(rotating: MasterWithPeople, proxy: EavesdroppingProxy, tmp_path: Path) -> None:
    rotation(rotating)._order(replace(rotating.master.fleet.get("host1"), url=proxy.url))
    heard = proxy.everything.decode()
    pairs = read_keys(tmp_path / "host" / "keys.json").pairs
    assert len(pairs) == 2
    assert not any(key.secret.get_secret_value() in heard for pair in pairs for key in (pair.read, pair.write))


def test_two_that_rotate_at_once_leave_one_pair_that_is_good(
    tmp_path: Path, rotating: MasterWithPeople, boss: LoggedIn
) -> None:
    """The other one ordered keys, and died, after ours were stored."""

    class Interrupted(SlaveClient):
        def read(self, host: HostEntry, etag: str | None) -> Reading:
            dying = DyingClient(rotating.clock, at=1, answered=True)
            with pytest.raises(MasterKilledError):
                rotation(rotating, dying)._order(rotating.master.fleet.get("host1"))
            self.read = super().read  # type: ignore[method-assign]  # once
            return super().read(host, etag)

    rotation(rotating, Interrupted(rotating.clock, hosts=1)).rotate(ACTOR, "host1")
    after = rotating.master.fleet.get("host1")
    assert can_read(rotating, after)
    assert accepted(tmp_path) == [after.read_key.id]


@pytest.mark.parametrize(
    ("host", "status", "code"), [("settled", 409, "host_in_settings"), ("nobody", 404, "host_not_found")]
)
def test_what_cannot_be_rotated_says_why(
    rotating: MasterWithPeople, boss: LoggedIn, host: str, status: int, code: str
) -> None:
    answer = boss.send("POST", f"/api/hosts/{host}/rotate")
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


def test_a_suspended_or_waiting_host_is_not_rotated(rotating: MasterWithPeople, boss: LoggedIn) -> None:
    boss.send("POST", "/api/hosts/host1/suspend")
    assert boss.send("POST", "/api/hosts/host1/rotate").get_json()["code"] == "host_suspended"
    add_host(boss, "h2")
    assert boss.send("POST", "/api/hosts/h2/rotate").get_json()["code"] == "host_not_enrolled"
