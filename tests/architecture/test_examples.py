"""The examples that people copy are settings that load."""

import importlib
import json
from urllib.parse import urlsplit

import pytest

from app.settings.master import MasterSettings, load_master_settings
from app.settings.slave import SlaveSettings, load_slave_settings
from tests.architecture.sources import ROOT

MOCK_SLAVES = tuple(f"config.slave_mock_example{number}.json" for number in range(1, 5))
SLAVES = ("config.slave_example.json", "config.slave_docker_example.json", *MOCK_SLAVES)


@pytest.fixture(autouse=True)
def no_overrides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)


def master() -> MasterSettings:
    return load_master_settings(ROOT / "config.master_example.json")


def slave(name: str) -> SlaveSettings:
    return load_slave_settings(ROOT / name)


@pytest.mark.parametrize("name", SLAVES)
def test_each_slave_example_loads(name: str) -> None:
    assert slave(name).SLAVE_HOST_ID


def test_the_master_example_lists_the_mock_hosts_with_their_keys() -> None:
    entries = {entry.id: entry for entry in master().SLAVES}
    assert {"host1", "host2", "host3", "host4"} <= entries.keys()
    for number in range(1, 5):
        settings, entry = slave(f"config.slave_mock_example{number}.json"), entries[f"host{number}"]
        keys = {key.id: (key.scope, key.secret) for key in settings.API_KEYS}
        assert number == settings.PORT - 8436
        assert entry.url.endswith(f":{settings.PORT}")
        assert keys[entry.read_key.id] == ("read", entry.read_key.secret)
        assert keys[entry.write_key.id] == ("write", entry.write_key.secret)


def test_the_mock_login_has_a_user_and_an_admin() -> None:
    users = json.dumps(json.loads((ROOT / "oauth.mock.config.json").read_text(encoding="utf-8")))
    assert "alice" in users
    assert "charlie" in users
    assert json.loads((ROOT / "oauth.config.json").read_text(encoding="utf-8"))["enabled"] is True


def test_the_broker_of_the_docker_example_is_spoken() -> None:
    url = slave("config.slave_docker_example.json").CELERY_BROKER_URL
    assert url is not None
    assert importlib.import_module(f"kombu.transport.{urlsplit(url).scheme}")
