"""Login by the mock provider, all the way, and what of it cannot be misused."""

import base64
import hashlib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
import structlog

from tests.api.auth.browsers import CLIENT_URL, Browser, MasterWithLogin, error_of, oauth_settings
from tests.fakes.fleet_database import HandClock


def test_a_user_and_an_admin_log_in(master: MasterWithLogin) -> None:
    alice, charlie = master.browser(), master.browser()
    assert Browser.sent_to(alice.log_in("user_id=1")) == "/"
    assert Browser.sent_to(charlie.log_in("user_id=2")) == "/"
    assert (alice.me()["name"], alice.me()["is_admin"], alice.me()["demo"]) == ("alice", False, False)
    assert (charlie.me()["name"], charlie.me()["is_admin"]) == ("charlie", True)
    assert alice.client.get("/api/hosts").status_code == 403
    assert charlie.client.get("/api/hosts").status_code == 200


def test_a_person_stays_the_same_over_logins(master: MasterWithLogin) -> None:
    first, second = master.browser(), master.browser()
    first.log_in("user_id=1")
    second.log_in("user_id=1")
    assert first.me()["id"] == second.me()["id"]
    assert first.me()["csrf_token"] != second.me()["csrf_token"]


def test_without_a_user_id_the_provider_asks(browser: Browser, provider_url: str) -> None:
    location = browser.sent_to(browser.client.get("/auth/login"))
    page = requests.get(location, timeout=30)
    assert location.startswith(f"{provider_url}/authorize?")
    assert page.status_code == 200
    assert "alice" in page.text


def test_the_request_has_pkce_state_and_nonce_each_time_anew(browser: Browser) -> None:
    first, second = browser.begin(), browser.begin()
    assert (first["response_type"], first["code_challenge_method"]) == ("code", "S256")
    assert first["redirect_uri"] == f"{CLIENT_URL}/auth/callback"
    assert "openid" in first["scope"].split()
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 32
        assert first[name] != second[name]


def test_the_verifier_fits_the_challenge_and_stays_here(master: MasterWithLogin, browser: Browser) -> None:
    challenge = browser.begin()["code_challenge"]
    with master.database.read() as connection:
        verifier = connection.exec_driver_sql("SELECT code_verifier FROM login_attempt").scalar_one()
    digest = hashlib.sha256(verifier.encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge


@pytest.mark.parametrize("return_to", ["/hosts", "/hosts/h1/device?name=/dev/sda1", "/people?q=a%20b"])
def test_one_comes_back_to_where_one_wanted_to_go(browser: Browser, return_to: str) -> None:
    response = browser.client.get("/auth/login", query_string={"return_to": return_to, "user_id": "1"})
    back = requests.get(browser.sent_to(response), allow_redirects=False, timeout=30).headers["Location"]
    done = browser.client.get(back.removeprefix(CLIENT_URL))
    assert browser.sent_to(done) == return_to


@pytest.mark.parametrize("return_to", ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil", "evil"])
def test_one_is_never_sent_to_another_site(browser: Browser, return_to: str) -> None:
    response = browser.client.get("/auth/login", query_string={"return_to": return_to, "user_id": "1"})
    back = requests.get(browser.sent_to(response), allow_redirects=False, timeout=30).headers["Location"]
    assert browser.sent_to(browser.client.get(back.removeprefix(CLIENT_URL))) == "/"


def callback(browser: Browser, master: MasterWithLogin, query: str = "user_id=1") -> str:
    """The provider's answer to a login of this browser, not yet brought to the master."""
    location = browser.sent_to(browser.client.get(f"/auth/login?{query}"))
    back = requests.get(location, allow_redirects=False, timeout=30).headers["Location"]
    return str(back).removeprefix(CLIENT_URL)


def test_a_state_is_used_once(master: MasterWithLogin, browser: Browser) -> None:
    back = callback(browser, master)
    assert error_of(browser.client.get(back)) is None
    assert error_of(browser.client.get(back)) == "login_expired"


def test_a_state_belongs_to_the_browser_that_began(master: MasterWithLogin) -> None:
    alice, attacker = master.browser(), master.browser()
    back = callback(attacker, master, "user_id=2")
    assert error_of(alice.client.get(back)) == "login_expired"
    alice.begin()
    assert error_of(alice.client.get(back)) == "login_expired"
    assert alice.me() is None
    assert error_of(attacker.client.get(back)) == "login_expired", "asking used it up"


def test_an_unknown_or_missing_state_is_refused(browser: Browser) -> None:
    browser.begin()
    assert error_of(browser.finish(code="x", state="made-up")) == "login_expired"
    assert error_of(browser.finish(code="x")) == "login_expired"


def test_a_login_that_took_too_long_is_refused(master: MasterWithLogin, browser: Browser, clock: HandClock) -> None:
    back = callback(browser, master)
    clock.forward(601)
    assert error_of(browser.client.get(back)) == "login_expired"


def test_a_code_of_another_login_is_refused(master: MasterWithLogin, browser: Browser) -> None:
    """PKCE: the code fits only the verifier of the attempt that it was given to."""
    stolen = urlsplit(callback(master.browser(), master, "user_id=2")).query
    code = dict(part.split("=", 1) for part in stolen.split("&"))["code"]
    asked = browser.begin()
    assert error_of(browser.finish(state=asked["state"], code=code)) == "login_refused"
    assert browser.me() is None


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("access_denied", "login_refused"),
        ("x" * 5000, "login_refused"),
        ("server_error", "provider_unavailable"),
        ("temporarily_unavailable", "provider_unavailable"),
    ],
)
def test_what_the_provider_refuses_is_shown(browser: Browser, said: str, shown: str) -> None:
    assert error_of(browser.finish(state=browser.begin()["state"], error=said)) == shown


def test_neither_code_nor_error_is_a_refusal(browser: Browser) -> None:
    assert error_of(browser.finish(state=browser.begin()["state"])) == "login_refused"


def test_an_answer_of_another_provider_is_refused(browser: Browser) -> None:
    asked = browser.begin()
    answer = browser.finish(state=asked["state"], code="x", iss="https://other.example")
    assert error_of(answer) == "login_invalid"


def test_codes_may_be_long(browser: Browser) -> None:
    assert error_of(browser.finish(state=browser.begin()["state"], code="c" * 4000)) == "login_refused"


def test_without_oauth_config_login_is_not_configured(tmp_path: Path, clock: HandClock) -> None:
    master = MasterWithLogin(tmp_path, None, clock)
    for path in ("/auth/login", "/auth/callback?state=x&code=y"):
        response = master.browser().client.get(path)
        assert response.status_code == 503
        assert response.mimetype == "application/problem+json"
        assert response.get_json()["code"] == "login_not_configured"
    master.close()


def test_the_callback_stands_where_the_settings_say(tmp_path: Path, clock: HandClock, provider_url: str) -> None:
    client = {"url": CLIENT_URL, "redirect_path": "/login/back"}
    master = MasterWithLogin(tmp_path, oauth_settings(provider_url, client=client), clock)
    browser = master.browser()
    assert error_of(browser.log_in("user_id=1")) is None
    assert browser.me()["name"] == "alice"
    master.close()


def test_too_many_logins_are_told_to_wait(tmp_path: Path, clock: HandClock, provider_url: str) -> None:
    master = MasterWithLogin(tmp_path, oauth_settings(provider_url), clock, LOGINS_PER_MINUTE=20)
    browser = master.browser()
    for _ in range(20):
        browser.begin()
    clock.forward(10)
    refused = browser.client.get("/auth/login")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "50")
    assert refused.get_json()["code"] == "too_many_requests"
    clock.forward(50)
    browser.begin()
    master.close()


def test_logs_and_answers_have_no_secrets(master: MasterWithLogin, browser: Browser) -> None:
    with structlog.testing.capture_logs() as logs:
        back = callback(browser, master)
        done = browser.client.get(back)
        browser.client.get(back)
        browser.finish(state=browser.begin()["state"], error="access_denied")
    assert {entry["event"] for entry in logs} == {"logged_in", "login_failed"}
    with master.database.read() as connection:
        attempt = connection.exec_driver_sql("SELECT code_verifier, nonce FROM login_attempt").all()
        kept = connection.exec_driver_sql("SELECT * FROM session").all()
    answer = dict(part.split("=", 1) for part in urlsplit(back).query.split("&"))
    cookie = browser.client.get_cookie("qman_session")
    assert cookie is not None
    secrets = [answer["code"], answer["state"], cookie.value, browser.me()["csrf_token"], *sum(map(tuple, attempt), ())]
    assert [secret for secret in secrets if secret in repr(logs)] == []
    assert cookie.value not in repr(kept), "the database has only its hash"
    assert done.get_data() == b""
