"""A provider that is down, slow, or talks nonsense: an error page soon, and those who are logged in stay so."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from flask import Response

from app.auth.oidc.errors import ProviderUnavailableError
from app.auth.oidc.http import AT_ONCE, MAX_BYTES, ProviderHttp
from app.bootstrap.master import make_master
from app.settings.master import MasterSettings
from tests.api.auth.browsers import Browser, MasterWithLogin, error_of, oauth_settings, through
from tests.api.auth.providers import LyingProvider, mock_provider
from tests.fakes.fleet_database import HandClock
from tests.fakes.slaves import DrippingSlave, GarbageSlave, HalfAnswerSlave, HangingSlave
from tests.system.stack.programs import wait_until

LONG = 30
"""What no healthy run waits for, in seconds."""
DISCOVERY = "/.well-known/openid-configuration"


def at(master: MasterWithLogin, url: str, clock: HandClock) -> Browser:
    """A browser at a master of the same database that uses the provider at the URL."""
    return Browser(make_master(MasterSettings(), oauth_settings(url), master.database, clock).app.test_client())


@pytest.mark.timeout(60)
def test_a_provider_that_goes_away_ends_logins_not_sessions(tmp_path: Path, clock: HandClock) -> None:
    with mock_provider(clock) as url:
        master = MasterWithLogin(tmp_path, oauth_settings(url), clock)
        inside, under_way = master.browser(), master.browser()
        inside.log_in("user_id=1")
        asked = under_way.begin()
    assert error_of(master.browser().client.get("/auth/login")) == "provider_unavailable"
    assert error_of(under_way.finish(state=asked["state"], code="x")) == "provider_unavailable"
    assert inside.me()["name"] == "alice"
    assert inside.change().status_code == 204
    master.close()


def test_logins_go_on_as_soon_as_the_provider_is_back(
    deceived: MasterWithLogin, liar: LyingProvider, clock: HandClock
) -> None:
    liar.answers[DISCOVERY] = Response("starting", 503)
    browser = deceived.browser()
    assert error_of(browser.client.get("/auth/login")) == "provider_unavailable"
    liar.answers.clear()
    assert error_of(through(browser, liar)) is None


@pytest.mark.timeout(60)
@pytest.mark.parametrize("kind", [HangingSlave, GarbageSlave, HalfAnswerSlave])
def test_a_provider_that_does_not_answer_well_is_unavailable(
    master: MasterWithLogin, clock: HandClock, kind: type[HangingSlave]
) -> None:
    with kind() as bad:
        assert error_of(at(master, bad.url, clock).client.get("/auth/login")) == "provider_unavailable"


@pytest.mark.timeout(60)
def test_an_answer_that_drips_is_given_up() -> None:
    with DrippingSlave() as dripping, pytest.raises(ProviderUnavailableError):
        ProviderHttp(None).within(0.3).get_object(dripping.url)


@pytest.fixture
def dripping_body() -> Iterator[str]:
    """Headers at once, then a byte of the body now and then, without end."""
    over = Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listener.accept()
        with closing(connection):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999\r\n\r\n")
            while not over.wait(0.05):
                connection.sendall(b" ")

    thread = Thread(target=_until_hung_up, args=(drip,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    over.set()
    listener.close()
    thread.join(5)


def _until_hung_up(work: Any) -> None:
    try:
        work()
    except OSError:
        return


@pytest.mark.timeout(60)
def test_a_body_that_drips_is_given_up(dripping_body: str) -> None:
    with pytest.raises(ProviderUnavailableError):
        ProviderHttp(None).within(0.3).get_object(dripping_body)


@pytest.mark.timeout(60)
def test_only_so_many_threads_wait_for_the_provider() -> None:
    """The others fail at once, so that those who are logged in are served."""
    http, started = ProviderHttp(None), Barrier(AT_ONCE + 1)
    failed: list[bool] = []

    def wait() -> None:
        started.wait(LONG)
        with pytest.raises(ProviderUnavailableError):
            http.within(2 * LONG).get_object(endless.url)
        failed.append(True)

    with DrippingSlave() as endless:
        threads = [Thread(target=wait) for _ in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        started.wait(LONG)
        wait_until(lambda: endless.requests == AT_ONCE, LONG, "all of them wait")
        with pytest.raises(ProviderUnavailableError):
            http.within(LONG).get_object(endless.url)
        assert endless.requests == AT_ONCE
    for thread in threads:
        thread.join(LONG)
    assert len(failed) == AT_ONCE


BAD_OBJECTS = [b"[]", b"{", b"", b"\xff", b"null", b"[" * 100_000, b" " * (MAX_BYTES + 1)]


@pytest.mark.parametrize("path", [DISCOVERY, "/jwks", "/token", "/userinfo"])
@pytest.mark.parametrize("body", BAD_OBJECTS, ids=["list", "half", "empty", "binary", "null", "nested", "large"])
def test_what_is_no_object_is_unavailable(
    deceived: MasterWithLogin, liar: LyingProvider, path: str, body: bytes
) -> None:
    liar.claims = {"groups": None}
    liar.answers[path] = Response(body, 200, mimetype="application/json")
    assert failure(deceived, liar) == "provider_unavailable"


@pytest.mark.parametrize("path", [DISCOVERY, "/jwks", "/token", "/userinfo"])
@pytest.mark.parametrize("status", [302, 401, 404, 500, 503])
def test_statuses_other_than_200_are_unavailable_and_redirects_not_followed(
    deceived: MasterWithLogin, liar: LyingProvider, path: str, status: int
) -> None:
    liar.claims = {"groups": None}
    liar.answers[path] = Response("<html>", status, headers={"Location": f"{liar.issuer}/elsewhere"})
    assert failure(deceived, liar) == "provider_unavailable"
    assert liar.asked["/elsewhere"] == 0


@pytest.mark.parametrize(
    "discovery",
    [
        {"authorization_endpoint": None},
        {"token_endpoint": 7},
        {"token_endpoint": "nonsense"},
        {"token_endpoint": "file:///etc/passwd"},
        {"jwks_uri": ["x"]},
        {"jwks_uri": "http://[::1"},
        {"userinfo_endpoint": {}},
        {"token_endpoint_auth_methods_supported": "none"},
    ],
)
def test_a_discovery_document_that_is_not_as_expected(
    deceived: MasterWithLogin, liar: LyingProvider, discovery: dict[str, Any]
) -> None:
    liar.discovery = discovery
    assert error_of(deceived.browser().client.get("/auth/login")) == "provider_unavailable"


@pytest.mark.parametrize("issuer", ["https://other.example", None, 7, ["x"], {}])
def test_a_discovery_document_of_another_issuer_is_refused(
    deceived: MasterWithLogin, liar: LyingProvider, issuer: object
) -> None:
    liar.discovery = {"issuer": issuer}
    assert error_of(deceived.browser().client.get("/auth/login")) == "login_invalid"


@pytest.mark.parametrize("keys", [[], [{"kty": "oct", "k": "c2VjcmV0"}], ["x"], [{"kty": "RSA", "n": 5, "e": "AQAB"}]])
def test_a_provider_without_a_usable_key_is_unavailable(
    deceived: MasterWithLogin, liar: LyingProvider, keys: list[Any]
) -> None:
    liar.published = keys
    assert failure(deceived, liar) == "provider_unavailable"


def test_a_client_secret_goes_the_way_that_the_provider_wants(
    tmp_path: Path, liar: LyingProvider, clock: HandClock
) -> None:
    client = {"url": "http://localhost:8436", "client_secret": "secret-of-the-client"}
    master = MasterWithLogin(tmp_path, oauth_settings(liar.issuer, client=client), clock)
    through(master.browser(), liar)
    liar.discovery = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    through(master.browser(), liar)
    master.close()
    assert [form.get("client_secret") for form in liar.forms] == [None, "secret-of-the-client"]
    assert json.dumps(liar.forms[0]).count("secret-of-the-client") == 0


def test_who_wants_to_log_in_is_told_to_the_mock_provider_only(
    deceived: MasterWithLogin, master: MasterWithLogin
) -> None:
    assert "user_id" not in deceived.browser().begin("/auth/login?user_id=2")
    assert master.browser().begin("/auth/login?user_id=2")["user_id"] == "2"


def failure(master: MasterWithLogin, liar: LyingProvider) -> str | None:
    """The error shown, whether beginning fails or ending."""
    browser = master.browser()
    begun = browser.client.get("/auth/login")
    return error_of(begun) or error_of(through(browser, liar))
