"""`qman doctor` as a person types it."""

import json
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.ports import free_port
from tests.system.stack.programs import Program, environment
from tests.system.stack.settings import master, mock_slave, write_json

FIELDS = {"code", "severity", "subject", "found", "why", "mend"}


def qman(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = ["python", "-m", "app.cli", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment(variables), capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def settings_file(checkout: Path, port: int) -> Path:
    file = write_json(checkout / "config.slave.json", mock_slave("host2", port, "host2"))
    file.chmod(0o600)
    return file


def findings(folder: Path, **variables: str) -> dict[str, dict[str, Any]]:
    ended = qman(folder, "doctor", "--json", **variables)
    found = json.loads(ended.stdout)
    assert ended.returncode == (1 if found else 0)
    assert all(each.keys() == FIELDS and all(each.values()) for each in found)
    return {each["code"]: each for each in found}


@pytest.mark.timeout(240)
def test_a_slave_that_runs_is_well_and_one_that_does_not_is_told(
    checkout: Path, settings_file: Path, port: int
) -> None:
    variables = {"CONFIG_PATH": settings_file.name}
    unsynchronised = {"clock_unsynchronised"}
    assert findings(checkout, **variables).keys() - unsynchronised == {"slave_not_running"}
    with Program(f"CONFIG_PATH={settings_file.name} python run.py", checkout) as slave:
        slave.wait_for(f"http://127.0.0.1:{port}/readyz", 60)
        assert findings(checkout, **variables).keys() <= unsynchronised
        ended = qman(checkout, "doctor", "--config", settings_file.name)
    assert ended.stdout.count("\n\n") == ended.returncode, "a block for the clock, where nothing keeps it right"
    assert f"Checked: the settings in {settings_file.name}, the slave's database, " in ended.stdout
    assert ("All right." in ended.stdout) == (ended.returncode == 0)
    assert "\x1b" not in ended.stdout, "colours are for terminals"


@pytest.mark.timeout(120)
def test_each_finding_is_a_block_with_the_command_that_mends_it(checkout: Path, settings_file: Path, port: int) -> None:
    settings_file.chmod(0o644)
    with socket.create_server(("127.0.0.1", port)):
        ended = qman(checkout, "doctor", "--config", settings_file.name)
    assert ended.returncode == 1
    blocks = ended.stdout.split("\n\n")
    assert blocks[0].splitlines()[0].endswith("[slave_silent]")
    assert blocks[1].splitlines() == [
        f"ERROR  {settings_file.name}: its mode is 0644: anybody on this host can read it  [settings_open]",
        "  why   Who knows the keys in it can read all quotas of this host, and set them.",
        f"  mend  chmod o-rwx,g-w {settings_file.name}",
    ]
    assert ended.stdout.splitlines()[-1].startswith("2 errors")
    subprocess.run(blocks[1].splitlines()[2].removeprefix("  mend"), shell=True, cwd=checkout, check=True)  # noqa: S602 - as a person would
    assert "settings_open" not in findings(checkout, CONFIG_PATH=settings_file.name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "the file is missing"),
        ("{", "is not JSON"),
        ('{"SLAVE_HOST_ID": "h", "API_KEYS": []}', "API_KEYS: found"),
        ('{"ROLE": "master", "PORT": "x"}', "PORT: found"),
    ],
)
def test_wrong_settings_are_one_line_and_status_2(checkout: Path, text: str | None, said: str) -> None:
    file = checkout / "some.json"
    if text is not None:
        file.write_text(text)
    ended = qman(checkout, "doctor", "--config", "some.json")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("qman: some.json: ")
    assert said in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_the_commands_are_listed_and_unknown_ones_refused(checkout: Path) -> None:
    assert all(word in qman(checkout, "--help").stdout for word in ("doctor", "openapi"))
    assert "Exit status" in qman(checkout, "doctor", "--help").stdout
    assert qman(checkout, "operate").returncode == 2
    assert json.loads(qman(checkout, "openapi", "slave").stdout)["info"]["title"] == "qman slave"


@pytest.mark.timeout(120)
def test_a_master_is_examined_too(checkout: Path) -> None:
    file = write_json(checkout / "config.json", master(free_port(), []))
    file.chmod(0o644)
    assert findings(checkout).keys() == {"settings_open"}
    file.chmod(0o600)
    ended = qman(checkout, "doctor")
    assert (ended.returncode, ended.stdout) == (
        0,
        "All right. Checked: the settings in config.json, the key of enrolled hosts' keys.\n",
    )
    assert not (checkout / "qman.sqlite").exists()
