"""What the doctor says of a master: its settings, and the key that opens the stored keys of hosts."""

from pathlib import Path
from typing import Any

import pytest

from app.auth.vault import Vault
from app.bootstrap.doctor_of_master import examine_master, of_secrets_key
from app.db.repositories.enrolled_hosts import EnrolledHostRepository
from app.settings.master import MasterSettings
from tests.fakes.fleet_database import new_database

KEY = "a-key-of-the-tests-that-is-long-enough-0123456789"


def settings(folder: Path, **changes: Any) -> MasterSettings:
    values = {
        "DATABASE_URL": f"sqlite:///{folder}/qman.sqlite",
        "SECRETS_KEY_FILE": str(folder / "secrets.key"),
        **changes,
    }
    return MasterSettings.model_validate(values)


def enrol(folder: Path, *hosts: str, key: str | None = None) -> None:
    """Hosts with keys, sealed with this key, or with that of the file."""
    vault, database = Vault(key, folder / "secrets.key"), new_database(folder)
    with database.write() as connection:
        repository = EnrolledHostRepository(connection)
        for host in hosts:
            repository.add(host, "", f"http://{host}", None)
            found = repository.find(host)
            assert found is not None
            assert repository.put_keys(found, vault.seal({"any": "thing"}, is_first=True), None)
    database.dispose()


def told(folder: Path, **changes: Any) -> list[tuple[str, str]]:
    found = list(of_secrets_key(settings(folder, **changes)))
    assert all(each.subject and each.found and each.why and each.mend for each in found)
    return [(each.code, each.severity.value) for each in found]


def test_a_master_without_enrolled_hosts_needs_no_key(tmp_path: Path) -> None:
    assert told(tmp_path) == []
    assert list(tmp_path.iterdir()) == [], "nothing is made"
    new_database(tmp_path).dispose()
    assert told(tmp_path) == []


def test_a_file_as_the_master_makes_it_is_well(tmp_path: Path) -> None:
    enrol(tmp_path, "h1", "h2")
    assert told(tmp_path) == []
    assert told(tmp_path, SECRETS_KEY=KEY) == [("secrets_key_lost", "error")]


def test_a_key_that_is_gone_empty_or_another(tmp_path: Path) -> None:
    enrol(tmp_path, "h1", "h2")
    file = tmp_path / "secrets.key"
    for text in (None, "", "short\n", KEY):
        if text is None:
            file.unlink()
        else:
            file.write_text(text)
            file.chmod(0o600)
        (finding,) = of_secrets_key(settings(tmp_path))
        assert (finding.code, finding.subject) == ("secrets_key_lost", str(file))
        assert "2 of 2 enrolled hosts" in finding.found
        assert KEY not in finding.found


def test_a_key_that_opens_some(tmp_path: Path) -> None:
    enrol(tmp_path, "h1", key=KEY)
    enrol(tmp_path, "h2", key=f"another-{KEY}")
    (finding,) = of_secrets_key(settings(tmp_path, SECRETS_KEY=KEY))
    assert (finding.code, finding.subject) == ("secrets_key_lost", "SECRETS_KEY")
    assert "1 of 2 enrolled hosts" in finding.found


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_open(tmp_path: Path, mode: int) -> None:
    enrol(tmp_path, "h1")
    (tmp_path / "secrets.key").chmod(mode)
    assert told(tmp_path) == [("secrets_key_open", "error")]


def test_a_database_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "qman.sqlite").write_text("no database, and long enough to be looked at as one" * 100)
    assert told(tmp_path) == [("database_unreadable", "error")]


def test_settings_that_others_can_read(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text("{}")
    file.chmod(0o644)
    (finding,) = examine_master(file, settings(tmp_path)).findings
    assert (finding.code, "of all hosts" in finding.why) == ("settings_open", True)
    file.chmod(0o600)
    assert examine_master(file, settings(tmp_path)).findings == ()
