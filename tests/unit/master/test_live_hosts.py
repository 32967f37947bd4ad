"""The hosts of the settings and of the database, as every server process sees them."""

from pathlib import Path

import pytest

from app.auth.vault import SecretsKeyLostError, Vault
from app.db.engine import Database
from app.db.repositories.enrolled_hosts import EnrolledHostRepository, HostSuspensions
from app.master.errors import HostNotEnrolledError, HostNotFoundError
from app.master.fleet import Fleet
from app.master.hosts.keys import HostKeys
from app.master.hosts.listing import LiveHosts
from app.settings.keys import KeyPair
from tests.fakes.fleet_database import NOON, entry, fleet_of, new_database, sync

KEY = "a-key-of-the-tests-that-seals-0123456789"


def pair(mark: str) -> KeyPair:
    return KeyPair.model_validate(
        {
            name: {"id": f"{name}-{mark}", "secret": f"secret-{mark}-{name}-0123456789-abcdefghijklm"}
            for name in ("read", "write", "event")
        }
    )


def enrol(database: Database, vault: Vault, host_id: str, keys: HostKeys) -> None:
    with database.write() as connection:
        hosts = EnrolledHostRepository(connection)
        if hosts.find(host_id) is None:
            hosts.add(host_id, host_id.upper(), f"http://{host_id}:8437", None)
        stored = hosts.find(host_id)
        assert stored is not None
        assert hosts.put_keys(stored, keys.sealed(vault), None, keys_at=NOON)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return new_database(tmp_path)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(KEY, tmp_path / "none")


def live_fleet(database: Database, vault: Vault, every: float = 0) -> tuple[Fleet, LiveHosts]:
    settled = fleet_of([entry("h1", "http://h1:8437")]).entries
    live = LiveHosts(settled, database, vault, look_every_seconds=every)
    return Fleet(settled, listing=live), live


def test_what_another_process_enrols_rotates_suspends_and_removes_is_seen(database: Database, vault: Vault) -> None:
    fleet, live = live_fleet(database, vault)
    assert set(fleet.entries) == {"h1"}
    sync(database, [("h1", "", "http://h1:8437"), ("h2", "", "http://h2:8437")])
    enrol(database, vault, "h2", HostKeys(pair("a")))
    assert (fleet.get("h2").read_key.id, fleet.get("h2").label) == ("read-a", "H2")
    enrol(database, vault, "h2", HostKeys(pair("b"), previous=pair("a")))
    assert fleet.get("h2").write_key == pair("b").write
    assert [key.id for key in live.event_keys("h2")] == ["event-b", "event-a"]
    with database.write() as connection:
        HostSuspensions(connection).put("h1", NOON)
        HostSuspensions(connection).put("h2", NOON)
    assert [entry.suspended for entry in fleet.entries.values()] == [True, True]
    with database.write() as connection:
        EnrolledHostRepository(connection).remove("h2")
    with pytest.raises(HostNotFoundError):
        fleet.get("h2")


def test_within_its_second_nobody_asks_the_database(database: Database, vault: Vault) -> None:
    fleet, live = live_fleet(database, vault, every=3600)
    before = fleet.entries
    enrol(database, vault, "h2", HostKeys(pair("a")))
    assert fleet.entries is before
    live.outdate()
    assert set(fleet.entries) == {"h1", "h2"}


def test_nothing_is_read_again_while_the_revision_stands(database: Database, vault: Vault) -> None:
    fleet, _ = live_fleet(database, vault)
    enrol(database, vault, "h2", HostKeys(pair("a")))
    assert fleet.entries is fleet.entries


def test_the_settings_win(database: Database, vault: Vault) -> None:
    fleet, live = live_fleet(database, vault)
    enrol(database, vault, "h1", HostKeys(pair("a")))
    assert fleet.get("h1").read_key.id == "h1-read"
    assert live.event_keys("h1") == ()


def test_a_host_that_waits_for_its_keys_is_told_from_one_that_is_not_there(database: Database, vault: Vault) -> None:
    fleet, _ = live_fleet(database, vault)
    with database.write() as connection:
        EnrolledHostRepository(connection).add("h2", "", "http://h2:8437", None)
    assert "h2" not in fleet.entries
    with pytest.raises(HostNotEnrolledError):
        fleet.get("h2")


def test_a_lost_key_costs_the_enrolled_hosts_and_not_the_others(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    enrol(database, vault, "h2", HostKeys(pair("a")))
    fleet, _ = live_fleet(database, Vault("another-key-of-the-tests-0123456789-abc", tmp_path / "none"))
    assert set(fleet.entries) == {"h1"}
    with pytest.raises(HostNotEnrolledError):
        fleet.get("h2")


def test_a_database_that_does_not_answer_leaves_what_was_known(database: Database, vault: Vault) -> None:
    enrol(database, vault, "h2", HostKeys(pair("a")))
    fleet, _ = live_fleet(database, vault)
    assert set(fleet.entries) == {"h1", "h2"}
    path = Path(str(database.url.database))
    database.dispose()
    for file in path.parent.glob("qman.sqlite*"):
        file.unlink()
    path.mkdir()
    assert set(fleet.entries) == {"h1", "h2"}


def test_two_that_change_the_keys_at_once_are_told_apart(database: Database, vault: Vault) -> None:
    enrol(database, vault, "h2", HostKeys(pair("a")))
    with database.write() as connection:
        hosts = EnrolledHostRepository(connection)
        stored = hosts.find("h2")
        assert stored is not None
        assert hosts.put_keys(stored, HostKeys(pair("b")).sealed(vault), None)
        assert not hosts.put_keys(stored, HostKeys(pair("c")).sealed(vault), None)


def test_no_secret_stands_in_the_database(database: Database, vault: Vault) -> None:
    keys = HostKeys(pair("a"), next=pair("b"))
    enrol(database, vault, "h2", keys)
    with database.read() as connection:
        stored = EnrolledHostRepository(connection).find("h2")
    assert stored is not None
    assert stored.sealed_keys is not None
    assert HostKeys.opened(stored.sealed_keys, vault) == keys
    raw = b"".join(file.read_bytes() for file in Path(str(database.url.database)).parent.glob("qman.sqlite*"))
    assert b"secret-" not in raw


def test_the_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "qman-secrets.key"
    token = Vault(None, path).seal({"a": 1}, is_first=True)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Vault(None, path).open(token) == {"a": 1}
    assert Vault(None, path).open(Vault(None, path).seal({"a": 2}, is_first=True)) == {"a": 2}
    assert [file.name for file in tmp_path.iterdir()] == ["qman-secrets.key"]


def test_a_new_first_line_seals_and_the_old_one_opens_still(tmp_path: Path) -> None:
    path = tmp_path / "qman-secrets.key"
    token = Vault(None, path).seal({"a": 1}, is_first=True)
    path.write_text(f"{'n' * 40}\n{path.read_text()}")
    assert Vault(None, path).open(token) == {"a": 1}
    path.write_text(f"{'n' * 40}\n")
    with pytest.raises(SecretsKeyLostError, match="another key"):
        Vault(None, path).open(token)


@pytest.mark.parametrize("content", [None, "", "short\n", f"{'n' * 40}\nshort\n"])
def test_a_key_file_that_is_lost_is_told_and_never_made_anew(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "qman-secrets.key"
    if content is not None:
        path.write_text(content)
    with pytest.raises(SecretsKeyLostError, match=r"qman-secrets\.key"):
        Vault(None, path).seal({})
    assert path.exists() == (content is not None)
