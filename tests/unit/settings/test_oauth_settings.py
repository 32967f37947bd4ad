"""How login may be configured, and the one line that says what is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.settings.files import SettingsError
from app.settings.master import MasterSettings
from app.settings.oauth import OAuthSettings, load_oauth_settings, oauth_path

SECRET = "hunter2-of-the-client-hunter2"
MINIMUM: dict[str, Any] = {
    "enabled": True,
    "server": {"url": "http://localhost:8077"},
    "client": {"url": "http://localhost:8436"},
}
PROVIDER = {"url": "https://login.example.org/realms/lab"}
LOCAL, PUBLIC = MasterSettings(), MasterSettings(BIND="0.0.0.0")


@pytest.fixture(autouse=True)
def no_path_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OAUTH_CONFIG_PATH", raising=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "oauth.config.json"


def load(file: Path, master: MasterSettings = LOCAL, **changes: Any) -> OAuthSettings:
    file.write_text(json.dumps(MINIMUM | changes), encoding="utf-8")
    settings = load_oauth_settings(file, master)
    assert settings is not None
    return settings


def refusal(file: Path, master: MasterSettings = LOCAL, **changes: Any) -> str:
    """The line without the file, which it names first."""
    with pytest.raises(SettingsError) as refused:
        load(file, master, **changes)
    line = str(refused.value)
    assert line.startswith(f"{file}: ")
    assert "\n" not in line
    assert SECRET not in line
    return line.removeprefix(f"{file}: ")


def test_three_keys_are_enough(file: Path) -> None:
    settings = load(file)
    assert settings.issuer == "http://localhost:8077"
    assert settings.redirect_uri == "http://localhost:8436/auth/callback"
    assert (settings.client.client_id, settings.client.client_secret) == ("qman", None)
    assert settings.scopes == ["openid", "profile", "email", "groups"]
    assert (settings.claims.name, settings.claims.groups, settings.admin_group) == (
        "preferred_username",
        "groups",
        "admin",
    )


def test_everything_may_be_told(file: Path, tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text("", encoding="ascii")
    settings = load(
        file,
        PUBLIC,
        server=PROVIDER | {"issuer": "https://login.example.org/"},
        client={"url": "https://qman.example.org/", "client_id": "c", "client_secret": SECRET, "redirect_path": "/cb"},
        scopes=["openid"],
        claims={"name": "upn"},
        admin_group="quota-admins",
        ca_file=str(authority),
    )
    assert settings.issuer == "https://login.example.org/", "a slash belongs to it"
    assert settings.redirect_uri == "https://qman.example.org/cb"
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings.model_dump())


@pytest.mark.parametrize("missing", ["enabled", "server", "client"])
def test_what_is_missing_is_named(file: Path, missing: str) -> None:
    file.write_text(json.dumps({name: value for name, value in MINIMUM.items() if name != missing}), encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        load_oauth_settings(file, LOCAL)
    assert str(refused.value) == f"{file}: {missing}: found nothing, expected a value"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"enabled": "true"}, 'enabled: found "true", expected a valid boolean'),
        ({"enabled": 1}, "enabled: found 1"),
        ({"enable": True}, "enable: found an unknown key"),
        ({"server": {}}, "server.url: found nothing"),
        ({"server": "http://localhost"}, 'server: found "http://localhost"'),
        ({"server": {"url": 7}}, "server.url: found 7"),
        ({"server": {"url": ""}}, 'server.url: found ""'),
        ({"server": {"url": "localhost:8077"}}, "server.url: found"),
        ({"server": {"url": "ftp://localhost"}}, "server.url: found"),
        ({"server": {"url": "http://localhost:port"}}, "server.url: found"),
        ({"server": {"url": "http://localhost:0"}}, "server.url: found"),
        ({"server": {"url": "http://localhost:99999"}}, "server.url: found"),
        ({"server": {"url": "http://[::1"}}, "server.url: found"),
        ({"server": {"url": "http:///x"}}, "server.url: found"),
        ({"server": {"url": "http://local host"}}, "server.url: found"),
        ({"server": {"url": "http://localhost/\n"}}, "server.url: found"),
        ({"server": {"url": "http://localhost?"}}, "server.url: found"),
        ({"server": {"url": "http://localhost/#"}}, "server.url: found"),
        ({"server": {"url": "http://localhost/" + "x" * 500}}, "server.url: found"),
        ({"server": PROVIDER | {"issuer": ""}}, 'server.issuer: found ""'),
        ({"server": PROVIDER | {"issuer": "local"}}, 'server.issuer: found "local"'),
        ({"server": PROVIDER | {"secret": SECRET}}, "server.secret: found an unknown key"),
        ({"client": {"url": "/"}}, 'client.url: found "/"'),
        ({"client": {"url": "http://h", "client_id": ""}}, 'client.client_id: found ""'),
        ({"client": {"url": "http://h", "client_secret": 7}}, "client.client_secret: found a int (not shown)"),
        ({"client": {"url": "http://h", "client_secret": [SECRET]}}, "client.client_secret: found a list (not shown)"),
        ({"client": {"url": "http://h", "redirect_path": "auth/callback"}}, "client.redirect_path: found"),
        ({"client": {"url": "http://h", "redirect_path": "/"}}, "client.redirect_path: found"),
        ({"client": {"url": "http://h", "redirect_path": "//evil"}}, "client.redirect_path: found"),
        ({"client": {"url": "http://h", "redirect_path": "/<x>"}}, "client.redirect_path: found"),
        ({"client": {"url": "http://h", "redirect_path": "/{x}"}}, "client.redirect_path: found"),
        ({"client": {"url": "http://h", "redirect_path": "/a?b"}}, "client.redirect_path: found"),
        ({"scopes": "openid"}, 'scopes: found "openid"'),
        ({"scopes": []}, "scopes: found a list of 0, expected a list that has openid"),
        ({"scopes": ["profile"]}, "scopes: found a list of 1, expected a list that has openid"),
        ({"scopes": ["openid", "two words"]}, 'scopes.1: found "two words"'),
        ({"claims": {"name": ""}}, 'claims.name: found ""'),
        ({"claims": {"uid": "x"}}, "claims.uid: found an unknown key"),
        ({"admin_group": ""}, 'admin_group: found ""'),
        ({"admin_group": None}, "admin_group: found null"),
        ({"ca_file": "/nowhere/ca.pem"}, 'ca_file: found "/nowhere/ca.pem", expected a file that can be read'),
    ],
)
def test_each_refusal_names_the_key(file: Path, changes: dict[str, Any], said: str) -> None:
    assert refusal(file, **changes).startswith(said)


@pytest.mark.parametrize(
    "credentials", [f"me:{SECRET}@", f":{SECRET}@", f"{SECRET}@", f"a@b:{SECRET}@", f"x/{SECRET}@"]
)
@pytest.mark.parametrize("key", ["url", "issuer"])
def test_credentials_in_a_url_are_refused_and_not_shown(file: Path, key: str, credentials: str) -> None:
    line = refusal(file, server=PROVIDER | {key: f"https://{credentials}login.example.org"})
    assert line.startswith(f'server.{key}: found "https://(not shown)@login.example.org"')


@pytest.mark.parametrize(
    ("text", "said"), [("", "is not JSON"), ("{", "is not JSON"), ("[]", "found list"), ("null", "found NoneType")]
)
def test_a_file_that_is_no_object_is_refused(file: Path, text: str, said: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=said) as refused:
        load_oauth_settings(file, LOCAL)
    assert str(refused.value).startswith(f"{file}: ")


def test_without_a_file_there_is_no_login(file: Path) -> None:
    assert load_oauth_settings(file, LOCAL) is None


def test_a_file_that_the_environment_names_must_be_there(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTH_CONFIG_PATH", str(file))
    assert oauth_path() == file
    with pytest.raises(SettingsError) as refused:
        load_oauth_settings(oauth_path(), LOCAL)
    assert str(refused.value) == f"{file}: the file is missing (OAUTH_CONFIG_PATH names it)"


@pytest.mark.parametrize("bind", ["0.0.0.0", "::", "192.0.2.1", "qman.example.org", "localhost.example.org"])
def test_no_login_is_refused_outside_loopback(file: Path, bind: str) -> None:
    line = refusal(file, MasterSettings(BIND=bind), enabled=False, server=PROVIDER)
    assert line == f"enabled: found false, expected true (BIND is {bind}, not loopback)"


@pytest.mark.parametrize("bind", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_no_login_is_for_loopback(file: Path, bind: str) -> None:
    assert load(file, MasterSettings(BIND=bind), enabled=False).enabled is False


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"server": {"url": "http://127.0.0.1:8077"}},
        {"server": {"url": "http://[::1]:8077"}},
        {"client": {"url": "https://qman.example.org", "client_secret": SECRET}},
    ],
)
def test_the_mock_provider_is_refused_outside_loopback(file: Path, changes: dict[str, Any]) -> None:
    assert refusal(file, PUBLIC, **changes).startswith("server.url: found a provider on loopback")


def test_a_provider_that_is_found_by_browsers_elsewhere_may_be_asked_on_loopback(file: Path) -> None:
    server = {"url": "http://127.0.0.1:8080/realms/lab", "issuer": PROVIDER["url"]}
    assert load(file, PUBLIC, server=server).issuer == PROVIDER["url"]
