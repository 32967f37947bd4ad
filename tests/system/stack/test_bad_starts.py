"""What cannot start says why in one line, and leaves nothing running."""

import json
import shutil
import socket
import time
from pathlib import Path

import pytest

from tests.fakes.ports import free_port
from tests.system.stack.programs import Program
from tests.system.stack.settings import entry, master, mock_slave, oauth, write_json

COMMANDS = ("python run.py", 'gunicorn -w 2 -b 127.0.0.1:0 "run:app"')


def refusal(command: str, checkout: Path) -> tuple[int, str]:
    """The exit status, and all that was said on stderr."""
    with Program(command, checkout) as program:
        status = program.wait(30)
        assert not program.group()
        assert program.said == ""
        return status, program.complained


def assert_one_line(complaint: str, *words: str) -> None:
    assert complaint.count("\n") == 1, complaint
    assert complaint.endswith("\n"), complaint
    assert [word for word in words if word not in complaint] == [], complaint


def test_a_missing_file(checkout: Path) -> None:
    status, complaint = refusal("CONFIG_PATH=nowhere.json python run.py", checkout)
    assert status == 2
    assert_one_line(complaint, "nowhere.json", "missing")


def test_a_file_that_is_no_json(checkout: Path) -> None:
    (checkout / "config.json").write_text('{"ROLE": "master",', encoding="utf-8")
    status, complaint = refusal("python run.py", checkout)
    assert status == 2
    assert_one_line(complaint, "config.json", "JSON")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"COLLECT_INTERVALL": 5}, ["COLLECT_INTERVALL", "unknown"]),
        ({"PORT": "8436"}, ["PORT", '"8436"', "integer"]),
        ({"PORT": 70000}, ["PORT", "70000"]),
        ({"COLLECT_INTERVAL_SECONDS": True}, ["COLLECT_INTERVAL_SECONDS", "true"]),
        ({"SLAVES": [{"id": "h1"}]}, ["SLAVES.0"]),
        ({"SLAVES": [entry("h1", "ftp://h1")]}, ["SLAVES.0.url"]),
    ],
)
def test_a_wrong_key_of_a_master(checkout: Path, wrong: dict[str, object], words: list[str]) -> None:
    write_json(checkout / "config.json", master(free_port(), []) | wrong)
    status, complaint = refusal("python run.py", checkout)
    assert status == 2
    assert_one_line(complaint, "config.json", *words)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"MOCK_HOST_ID": "host9"}, ["MOCK_HOST_ID", "host9"]),
        ({"API_KEYS": []}, ["API_KEYS"]),
        ({"API_KEYS": [{"id": "r", "secret": "short", "scope": "read"}]}, ["API_KEYS.0.secret", "32"]),
        ({"STORAGE_AREAS": [{"name": "a", "roots": {"a": "relative"}}]}, ["STORAGE_AREAS.0.roots"]),
        ({"READ_INTERVAL_SECONDS": "15"}, ["READ_INTERVAL_SECONDS", '"15"']),
    ],
)
def test_a_wrong_key_of_a_slave(checkout: Path, wrong: dict[str, object], words: list[str]) -> None:
    write_json(checkout / "config.slave.json", mock_slave("host1", free_port()) | wrong)
    status, complaint = refusal("CONFIG_PATH=config.slave.json python run.py", checkout)
    assert status == 2
    assert_one_line(complaint, "config.slave.json", *words)


def test_the_secrets_of_an_example_are_refused_on_a_public_address(checkout: Path) -> None:
    example = json.loads((checkout / "config.slave_mock_example1.json").read_text(encoding="utf-8"))
    write_json(checkout / "config.slave.json", example | {"BIND": "0.0.0.0", "PORT": free_port()})
    status, complaint = refusal("CONFIG_PATH=config.slave.json python run.py", checkout)
    assert status == 2
    assert_one_line(complaint, "config.slave.json", "API_KEYS.0.secret", "example")
    assert example["API_KEYS"][0]["secret"] not in complaint


def test_login_switched_off_is_refused_outside_of_loopback(checkout: Path) -> None:
    write_json(checkout / "config.json", master(free_port(), []) | {"BIND": "0.0.0.0"})
    write_json(checkout / "oauth.config.json", oauth(1, 2) | {"enabled": False})
    status, complaint = refusal("python run.py", checkout)
    assert status == 2
    assert_one_line(complaint, "oauth.config.json", "enabled")


@pytest.mark.parametrize("command", COMMANDS)
def test_gunicorn_and_run_say_the_same_line(checkout: Path, command: str) -> None:
    (checkout / "config.json").write_text("[]", encoding="utf-8")
    with Program(command, checkout) as program:
        assert program.wait(30) != 0
        assert "config.json: found list, expected a JSON object" in program.complained
        assert not program.group()


@pytest.mark.parametrize("role", ["master", "slave"])
def test_a_port_in_use_is_one_line_and_nothing_stays(checkout: Path, role: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        write_json(checkout / "config.json", master(port, []) if role == "master" else mock_slave("host1", port))
        started = time.monotonic()
        status, complaint = refusal("python run.py", checkout)
    assert status == 1
    assert time.monotonic() - started < 30
    assert_one_line(complaint, str(port))


def test_a_copied_example_needs_no_more_than_its_name(checkout: Path) -> None:
    shutil.copy(checkout / "config.slave_mock_example1.json", checkout / "config.json")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, complaint = refusal(f"QMAN_PORT={port} python run.py", checkout)
    assert status == 1
    assert_one_line(complaint, str(port))
