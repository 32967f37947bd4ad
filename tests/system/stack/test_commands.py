"""The commands that people have in their scripts, as they type them; only ports are moved."""

import shutil
import signal
import sqlite3
from pathlib import Path

import pytest

from tests.fakes.ports import free_port
from tests.system.stack.people import ALICE, CHARLIE, Person
from tests.system.stack.programs import Program, printed, wait_until
from tests.system.stack.settings import oauth, with_port, write_json

PORT_IN_EXAMPLES = {"master": 8436, **{f"slave_mock_example{number}": 8436 + number for number in range(1, 5)}}


def test_alembic_makes_the_database(checkout: Path) -> None:
    printed("alembic upgrade head", checkout)
    with sqlite3.connect(checkout / "qman.sqlite") as database:
        tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"host", "quota", "audit", "mapping"} <= tables


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_mock_slave_runs_from_its_example(checkout: Path, number: int) -> None:
    printed(f"cp config.slave_mock_example{number}.json config.slave.json", checkout)
    port = free_port()
    with_port(checkout / "config.slave.json", port)
    with Program("CONFIG_PATH=config.slave.json python run.py", checkout) as slave:
        slave.wait_for(f"http://127.0.0.1:{port}/remote-api/ping")
        assert slave.stop() == 0


@pytest.mark.parametrize("example", ["config.slave_example.json", "config.slave_docker_example.json"])
def test_a_real_slave_runs_from_its_example(checkout: Path, example: str) -> None:
    printed(f"cp {example} config.slave.json", checkout)
    port = free_port()
    with_port(checkout / "config.slave.json", port)
    with Program("CONFIG_PATH=config.slave.json python run.py", checkout) as slave:
        slave.wait_for(f"http://127.0.0.1:{port}/remote-api/ping")
        assert slave.stop() == 0


@pytest.mark.parametrize("command", ["python run.py", 'gunicorn -w 4 -b 127.0.0.1:PORT "run:app"'])
def test_a_master_runs_from_its_example(checkout: Path, command: str) -> None:
    printed("cp config.master_example.json config.json", checkout)
    port, provider_port = free_port(), free_port()
    with_port(checkout / "config.json", port)
    write_json(checkout / "oauth.config.json", oauth(provider_port, port))
    provider_command = f"python -m app.auth.mock_provider --port {provider_port} --config oauth.mock.config.json"
    with (
        Program(provider_command, checkout) as provider,
        Program(command.replace("PORT", str(port)), checkout) as master,
    ):
        provider.wait_for(f"http://localhost:{provider_port}/.well-known/openid-configuration")
        master.wait_for(f"http://127.0.0.1:{port}/api/health")
        assert Person(port, ALICE).me["is_admin"] is False
        charlie = Person(port, CHARLIE)
        assert charlie.me["is_admin"] is True
        assert {item["id"] for item in charlie.get("/api/hosts")["items"]} >= {"host1", "host2", "host3", "host4"}
        assert master.stop() == 0


def test_a_slave_runs_under_gunicorn_too(checkout: Path) -> None:
    shutil.copy(checkout / "config.slave_mock_example1.json", checkout / "config.slave.json")
    port = free_port()
    with Program(f'CONFIG_PATH=config.slave.json gunicorn -w 2 -b 127.0.0.1:{port} "run:app"', checkout) as slave:
        slave.wait_for(f"http://127.0.0.1:{port}/remote-api/ping")
        assert slave.stop() == 0


@pytest.mark.parametrize(
    ("command", "ready"),
    [
        ("celery -A app.celery_app:celery_app worker -Q qman.docker", "ready."),
        ("celery -A app.celery_app:celery_app beat", "beat: Starting..."),
    ],
)
def test_celery_starts_on_the_embedded_broker(checkout: Path, command: str, ready: str) -> None:
    shutil.copy(checkout / "config.slave_mock_example4.json", checkout / "config.slave.json")
    with Program(f"CONFIG_PATH=config.slave.json {command} --loglevel INFO", checkout) as celery:
        wait_until(lambda: ready in celery.said + celery.complained, 90, f"{command} says {ready!r}")
        assert celery.stop(signal.SIGTERM) == 0
