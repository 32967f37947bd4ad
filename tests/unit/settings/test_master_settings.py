"""What a master's settings may be, and the one line that says what is wrong with others."""

from pathlib import Path
from typing import Any

import pytest

from app.settings.files import SettingsError
from app.settings.master import MasterSettings, load_master_settings

FILE = Path("config.master.json")
SECRET = "k" * 40
SHORT = "k" * 31
EXAMPLE = "example-read-secret-of-host1-0123456789abcdef"
KEY = {"id": "r1", "secret": SECRET}


def slave(**changes: Any) -> dict[str, Any]:
    return {"id": "host1", "url": "http://127.0.0.1:8437", "read_key": KEY, "write_key": KEY} | changes


def load(**values: Any) -> MasterSettings:
    return load_master_settings(FILE, values)


def refusal(**values: Any) -> str:
    """The line without the file, which it names first."""
    with pytest.raises(SettingsError) as refused:
        load(**values)
    line = str(refused.value)
    assert line.startswith(f"{FILE}: ")
    assert "\n" not in line
    for secret in (SECRET, SHORT, EXAMPLE):
        assert secret not in line
    return line.removeprefix(f"{FILE}: ")


@pytest.fixture(autouse=True)
def no_overrides(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "CELERY_BROKER_URL", *(f"QMAN_{name}" for name in MasterSettings.model_fields)):
        monkeypatch.delenv(name, raising=False)


def test_defaults() -> None:
    settings = load()
    assert (settings.BIND, settings.PORT, settings.COLLECT_INTERVAL_SECONDS) == ("127.0.0.1", 8436, 60)
    assert (settings.SESSION_HOURS, settings.EMBEDDED_COLLECTOR, settings.SLAVES) == (12, True, [])
    assert settings.DATABASE_URL == "sqlite:///qman.sqlite"
    assert settings.in_development


def test_secrets_are_not_in_its_text() -> None:
    settings = load(
        SLAVES=[slave()],
        SLAVE_EVENT_KEYS=[{"host": "host1", "id": "e", "secret": SECRET}],
        SLAVE_EVENT_SECRET=SECRET,
        SMTP_PASSWORD=SECRET,
        NOTIFICATION_OAUTH_ACCESS_TOKEN=SECRET,
    )
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings.model_dump())


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"SLAVE": []}, "SLAVE: found an unknown key"),
        ({"port": 8436}, "port: found an unknown key"),
        ({"ROLE": "slave"}, 'ROLE: found "slave"'),
        ({"PORT": "8436"}, 'PORT: found "8436", expected a valid integer'),
        ({"PORT": 8436.0}, "PORT: found 8436.0"),
        ({"PORT": True}, "PORT: found true"),
        ({"PORT": 0}, "PORT: found 0"),
        ({"PORT": 65536}, "PORT: found 65536"),
        ({"BIND": None}, "BIND: found null"),
        ({"COLLECT_INTERVAL_SECONDS": 0}, "COLLECT_INTERVAL_SECONDS: found 0"),
        ({"SESSION_HOURS": 0}, "SESSION_HOURS: found 0"),
        ({"SESSION_HOURS": 721}, "SESSION_HOURS: found 721"),
        ({"LOGINS_PER_MINUTE": 19}, "LOGINS_PER_MINUTE: found 19, expected greater than or equal to 20"),
        ({"REQUIRE_REASON": "yes"}, 'REQUIRE_REASON: found "yes"'),
        ({"SMTP_TLS": "ssl"}, 'SMTP_TLS: found "ssl"'),
        ({"SMTP_PASSWORD": 7}, "SMTP_PASSWORD: found a int (not shown)"),
        ({"DATABASE_URL": 7}, "DATABASE_URL: found a int (not shown)"),
        *(
            ({"CELERY_BROKER_URL": url}, "CELERY_BROKER_URL: found a str (not shown), expected a URL like redis://")
            for url in ("redis", "http://h:6379", "redis://:6379", "redis://h:x", "redis://h/x", "amqp://:password@h")
        ),
        ({"SLAVES": {}}, "SLAVES: found an object"),
        ({"SLAVES": [7]}, "SLAVES.0: found 7"),
        ({"SLAVES": [slave(extra=1)]}, "SLAVES.0.extra: found an unknown key"),
        ({"SLAVES": [slave(), slave(id="")]}, 'SLAVES.1.id: found ""'),
        ({"SLAVES": [slave(id="../x")]}, 'SLAVES.0.id: found "../x"'),
        ({"SLAVES": [slave(), slave()]}, "SLAVES: each id once (found host1 twice)"),
        ({"SLAVES": [slave(url="host1:8437")]}, 'SLAVES.0.url: found "host1:8437"'),
        ({"SLAVES": [slave(url="http://h?x=1")]}, "SLAVES.0.url: found"),
        ({"SLAVES": [slave(url="http://h:x")]}, "SLAVES.0.url: found"),
        (
            {"SLAVES": [slave(read_key={"id": "r1", "secret": SHORT})]},
            "SLAVES.0.read_key.secret: found a str (not shown)",
        ),
        ({"SLAVES": [slave(read_key={"id": "r1"})]}, "SLAVES.0.read_key.secret: found nothing"),
        ({"SLAVES": [slave(read_key=SECRET)]}, "SLAVES.0.read_key: found a str (not shown)"),
        ({"SLAVES": [slave(write_key=None)]}, "SLAVES.0.write_key: found a NoneType (not shown)"),
        ({"SLAVES": [slave(write_key={"id": "ü", "secret": SECRET})]}, 'SLAVES.0.write_key.id: found "ü"'),
        ({"SLAVE_EVENT_KEYS": [{"host": "h", "id": "e", "secret": SHORT}]}, "SLAVE_EVENT_KEYS.0.secret: found a str"),
        ({"SLAVE_EVENT_KEYS": [{"id": "e", "secret": SECRET}]}, "SLAVE_EVENT_KEYS.0.host: found nothing"),
    ],
)
def test_each_refusal_names_the_key(values: dict[str, Any], said: str) -> None:
    assert refusal(**values).startswith(said)


@pytest.mark.parametrize("missing", ["id", "url", "read_key", "write_key"])
def test_a_host_needs_its_keys(missing: str) -> None:
    entry = {name: value for name, value in slave().items() if name != missing}
    assert refusal(SLAVES=[entry]) == f"SLAVES.0.{missing}: found nothing, expected a value"


@pytest.mark.parametrize("credentials", [f"me:{SECRET}@", f":{SECRET}@", f"{SECRET}@"])
def test_credentials_in_a_host_s_url_are_refused_and_not_shown(credentials: str) -> None:
    line = refusal(SLAVES=[slave(url=f"http://{credentials}host1:8437")])
    assert line.startswith('SLAVES.0.url: found "http://(not shown)@host1:8437"')


def test_a_host_may_have_a_base_path() -> None:
    assert load(SLAVES=[slave(url="https://h:8436/slaves/h1/")]).SLAVES[0].url == "https://h:8436/slaves/h1"


@pytest.mark.parametrize("key", ["read_key", "write_key"])
def test_the_example_s_secrets_are_for_loopback(key: str) -> None:
    entry = slave(**{key: {"id": "r1", "secret": EXAMPLE}})
    assert load(SLAVES=[entry]).SLAVES
    line = refusal(BIND="0.0.0.0", SLAVES=[slave(id="h0"), entry])
    assert line.startswith(f"SLAVES.1.{key}.secret: found the example's secret")


def test_the_environment_goes_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QMAN_PORT", "9000")
    monkeypatch.setenv("QMAN_REQUIRE_REASON", "true")
    monkeypatch.setenv("DATABASE_URL", "sqlite:///other.sqlite")
    settings = load(PORT=8436)
    assert (settings.PORT, settings.REQUIRE_REASON) == (9000, True)
    assert settings.DATABASE_URL == "sqlite:///other.sqlite"


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("QMAN_PORT", "http", 'environment QMAN_PORT: PORT: found "http"'),
        ("QMAN_SESSION_HOURS", "0", "environment QMAN_SESSION_HOURS: SESSION_HOURS: found 0"),
        ("QMAN_SMTP_TLS", "x", 'environment QMAN_SMTP_TLS: SMTP_TLS: found "x"'),
    ],
)
def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as refused:
        load()
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "{'PORT': 1}", "\ufeff{}"])
def test_a_file_that_is_no_object_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        load_master_settings(file)
    assert str(refused.value).startswith(f"{file}: ")
    assert "\n" not in str(refused.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe\x00")
    for file, said in (
        (tmp_path / "none.json", "is missing"),
        (tmp_path, "cannot be read"),
        (binary, "cannot be read"),
    ):
        with pytest.raises(SettingsError, match=said) as refused:
            load_master_settings(file)
        assert str(refused.value).startswith(f"{file}: ")
