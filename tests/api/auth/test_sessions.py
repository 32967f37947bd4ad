"""What a session's cookie is, when it counts, and which changes it may make."""

from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
import structlog

from app.auth.guard import COOKIE, CSRF_HEADER
from app.auth.routes import LOGIN_COOKIE
from tests.api.auth.browsers import CLIENT_URL, Browser, MasterWithLogin, error_of, oauth_settings
from tests.fakes.fleet_database import HandClock

FOREIGN = ("https://evil.example", "null", "http://localhost:8437", "https://localhost:8436", "http://[")


@pytest.fixture
def alice(master: MasterWithLogin) -> Browser:
    browser = master.browser()
    browser.log_in("user_id=1")
    return browser


def cookie_of(browser: Browser, name: str = COOKIE) -> str:
    cookie = browser.client.get_cookie(name)
    assert cookie is not None
    return cookie.value


@pytest.mark.parametrize(("client_url", "secure"), [("http://localhost:8436", False), ("https://qman.example", True)])
def test_cookies_are_out_of_reach(
    tmp_path: Path, clock: HandClock, provider_url: str, client_url: str, *, secure: bool
) -> None:
    demo = oauth_settings(provider_url, enabled=False, client={"url": client_url})
    asking = oauth_settings(provider_url, client={"url": client_url})
    for settings, name in ((demo, COOKIE), (asking, LOGIN_COOKIE)):
        master = MasterWithLogin(tmp_path, settings, clock)
        sent = SimpleCookie(master.browser().client.get("/auth/login").headers["Set-Cookie"])
        assert list(sent) == [name]
        assert (sent[name]["httponly"], sent[name]["samesite"], sent[name]["path"]) == (True, "Lax", "/")
        assert bool(sent[name]["secure"]) is secure
        assert sent[name]["domain"] == ""
        assert len(sent[name].value) >= 43, "256 bits"
        master.close()


def test_a_session_id_that_somebody_planted_is_not_taken(master: MasterWithLogin) -> None:
    victim, planted = master.browser(), "p" * 43
    victim.client.set_cookie(COOKIE, planted)
    victim.log_in("user_id=1")
    assert cookie_of(victim) != planted
    attacker = master.browser()
    attacker.client.set_cookie(COOKIE, planted)
    assert attacker.me() is None


def test_a_new_login_ends_the_browser_s_old_session(master: MasterWithLogin, alice: Browser) -> None:
    kept = master.browser()
    kept.client.set_cookie(COOKIE, cookie_of(alice))
    assert kept.me() is not None
    alice.log_in("user_id=2")
    assert alice.me()["name"] == "charlie"
    assert kept.me() is None


def test_sessions_of_other_browsers_stay(master: MasterWithLogin, alice: Browser) -> None:
    other = master.browser()
    other.log_in("user_id=1")
    alice.change()
    assert other.me() is not None


def test_logging_out_ends_the_session_on_the_server(master: MasterWithLogin, alice: Browser) -> None:
    copied = master.browser()
    copied.client.set_cookie(COOKIE, cookie_of(alice))
    done = alice.change()
    assert done.status_code == 204
    assert f"{COOKIE}=;" in done.headers["Set-Cookie"].replace('""', "")
    assert copied.me() is None
    assert alice.client.post("/auth/logout").status_code == 401


def test_sessions_expire(master: MasterWithLogin, alice: Browser, clock: HandClock) -> None:
    clock.forward(timedelta(hours=12).total_seconds() - 1)
    assert alice.me() is not None
    clock.forward(1)
    assert alice.me() is None
    assert alice.client.get("/api/me").get_json()["code"] == "unauthenticated"


def test_expired_sessions_and_logins_are_cleared_away(
    master: MasterWithLogin, alice: Browser, clock: HandClock
) -> None:
    alice.begin()
    clock.forward(timedelta(hours=13).total_seconds())
    alice.log_in("user_id=1")
    alice.begin()
    with master.database.read() as connection:
        counts = [
            connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()  # noqa: S608 - names of this test
            for table in ("session", "login_attempt")
        ]
    assert counts == [1, 1]


@pytest.mark.parametrize("cookie", ["", "x", "x" * 3000, "a; b", "ü", '"'])
def test_cookies_that_nobody_gave_are_worth_nothing(browser: Browser, cookie: str) -> None:
    browser.client.set_cookie(COOKIE, cookie)
    assert browser.me() is None


def test_changes_need_the_token(master: MasterWithLogin, alice: Browser) -> None:
    other = master.browser()
    other.log_in("user_id=2")
    wrong = ("", "x", "ü", other.me()["csrf_token"], alice.me()["csrf_token"][:-1])
    for token in (None, *wrong):
        headers = {} if token is None else {CSRF_HEADER: token}
        refused = alice.client.post("/auth/logout", headers=headers)
        assert (refused.status_code, refused.get_json()["code"]) == (403, "csrf")
        assert alice.me()["csrf_token"] not in refused.get_data(as_text=True)
    assert alice.me() is not None


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_foreign_origin_is_refused_even_with_the_right_token(alice: Browser, origin: str) -> None:
    with structlog.testing.capture_logs() as logs:
        refused = alice.change(Origin=origin)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "csrf")
    assert [entry["code"] for entry in logs] == ["csrf"]
    assert alice.me()["csrf_token"] not in repr(logs)


@pytest.mark.parametrize("origin", [CLIENT_URL, "http://localhost", "HTTP://LOCALHOST:8436", "http://localhost:80"])
def test_the_dashboard_s_origin_and_the_host_s_own_may_change(alice: Browser, origin: str) -> None:
    assert alice.change(Origin=origin).status_code == 204


def test_what_a_browser_calls_cross_site_is_refused(alice: Browser) -> None:
    assert alice.change(Sec_Fetch_Site="cross-site").status_code == 403
    assert alice.change(Sec_Fetch_Site="same-origin").status_code == 204


def test_a_get_never_ends_a_session(alice: Browser) -> None:
    assert alice.client.get("/auth/logout").status_code in {404, 405}
    assert alice.me() is not None


@pytest.fixture
def demo(tmp_path: Path, clock: HandClock) -> MasterWithLogin:
    return MasterWithLogin(tmp_path, oauth_settings("http://localhost:1", enabled=False), clock)


def test_where_login_is_off_everybody_here_is_the_local_admin(demo: MasterWithLogin) -> None:
    browser = demo.browser()
    assert browser.sent_to(browser.client.get("/auth/login?return_to=/hosts")) == "/hosts"
    me = browser.me()
    assert (me["name"], me["is_admin"], me["demo"]) == ("admin", True, True)
    with demo.database.read() as connection:
        assert connection.exec_driver_sql("SELECT username, matched_name FROM person").one() == (None, None)
    demo.close()


@pytest.mark.parametrize(
    ("address", "host"),
    [("192.0.2.7", "localhost:8436"), ("127.0.0.1", "evil.example:8436"), ("127.0.0.1", "[::1"), ("", "localhost")],
)
def test_where_login_is_off_nobody_else_gets_in(demo: MasterWithLogin, address: str, host: str) -> None:
    response = demo.browser().client.get(
        "/auth/login", headers={"Host": host}, environ_overrides={"REMOTE_ADDR": address}
    )
    assert response.status_code in {400, 422, 503}
    assert "Set-Cookie" not in response.headers
    demo.close()


def test_the_local_admin_ends_when_login_is_on_again(demo: MasterWithLogin, clock: HandClock) -> None:
    browser = demo.browser()
    browser.client.get("/auth/login")
    on_again = Browser(demo.restarted(oauth_settings("http://localhost:1"), clock).app.test_client())
    on_again.client.set_cookie(COOKIE, cookie_of(browser))
    assert browser.me() is not None
    assert on_again.me() is None
    assert error_of(on_again.client.get("/auth/login")) == "provider_unavailable"
    demo.close()
