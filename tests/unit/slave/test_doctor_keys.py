"""What the doctor says of the file with the keys of an enrolled host."""

import os
from pathlib import Path

import pytest

from app.settings.keys import KeyPair
from app.settings.keys_file import HeldKeys, HeldPair, write_keys
from app.slave.doctor.keys_file import KeysFile, look_at_keys_file, of_keys_file

SETTINGS = Path("/etc/qman/my config.json")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    write_keys(path, HeldKeys(pairs=(HeldPair(**dict(KeyPair.new("lab7"))),)))
    return path


def told(seen: KeysFile, *, has_other_keys: bool = False) -> list[tuple[str, str]]:
    found = list(of_keys_file(seen, SETTINGS, has_other_keys=has_other_keys))
    assert all(each.subject and each.found and each.why and each.mend for each in found)
    return [(each.code, each.severity.value) for each in found]


def test_a_file_as_enrolling_writes_it_is_well(file: Path) -> None:
    assert told(look_at_keys_file(file)) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_file_that_others_can_open(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert told(look_at_keys_file(file)) == [("keys_file_open", "error")]


@pytest.mark.parametrize("text", ["{", "[]", '{"pairs": [{"read": 1}]}', "\x00"])
def test_a_file_that_makes_no_sense(file: Path, text: str) -> None:
    file.write_text(text)
    assert told(look_at_keys_file(file)) == [("keys_file_unreadable", "error")]


@pytest.mark.parametrize("has_other_keys", [True, False])
def test_a_file_that_is_not_there_or_empty(file: Path, *, has_other_keys: bool) -> None:
    severity = "warning" if has_other_keys else "error"
    write_keys(file, HeldKeys())
    assert told(look_at_keys_file(file), has_other_keys=has_other_keys) == [("keys_file_missing", severity)]
    file.unlink()
    (finding,) = of_keys_file(look_at_keys_file(file), SETTINGS, has_other_keys=has_other_keys)
    assert (finding.code, finding.severity.value) == ("keys_file_missing", severity)
    assert "'/etc/qman/my config.json'" in finding.mend


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    seen = look_at_keys_file(tmp_path / "nowhere" / "keys.json")
    assert told(seen) == [("keys_file_missing", "error"), ("keys_file_fixed", "warning")]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else for a moment")
def test_files_and_folders_of_somebody_else(file: Path) -> None:
    """Asked in a child with the rights of nobody."""
    for folder in (file.parent, *file.parent.parents[:-2]):
        folder.chmod(folder.stat().st_mode | 0o011)
    child = os.fork()
    if child == 0:
        found = list[tuple[str, str]]()
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            found = told(look_at_keys_file(file))
        finally:
            os._exit(0 if found == [("keys_file_unreadable", "error"), ("keys_file_fixed", "warning")] else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
