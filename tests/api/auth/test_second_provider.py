"""Login at a provider that others wrote: other paths, RS256, a page to click on, claims in userinfo."""

from collections.abc import Iterator
from pathlib import Path

import oidc_provider_mock  # type: ignore[import-untyped]  # it carries no marker for its types
import pytest
import requests

from app.quota.clock import utc_now
from tests.api.auth.browsers import CLIENT_URL, Browser, MasterWithLogin, error_of, oauth_settings

PEOPLE = [
    oidc_provider_mock.User(
        sub="4711", claims={"preferred_username": "dora", "email": "dora@example.org", "groups": ["staff", "admin"]}
    ),
    oidc_provider_mock.User(sub="4712", claims={"preferred_username": "emil", "email": "emil@example.org"}),
]


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with oidc_provider_mock.run_server_in_thread(user_claims=PEOPLE, require_nonce=True) as server:
        client = {"url": CLIENT_URL, "client_secret": "of-the-client"}
        settings = oauth_settings(f"http://localhost:{server.server_port}", client=client)
        master = MasterWithLogin(tmp_path, settings, utc_now)
        yield master.browser()
        master.close()


def click(browser: Browser, **form: str) -> str:
    """Goes to the provider's page and sends its form; where the browser is led back to."""
    page = browser.sent_to(browser.client.get("/auth/login?return_to=/hosts&user_id=2"))
    assert "user_id" not in page
    answer = requests.post(page, data=form, allow_redirects=False, timeout=30)
    return answer.headers["Location"].removeprefix(CLIENT_URL)


def test_an_admin_of_another_provider_logs_in(browser: Browser) -> None:
    assert browser.sent_to(browser.client.get(click(browser, sub="4711"))) == "/hosts"
    me = browser.me()
    assert (me["name"], me["is_admin"]) == ("dora", True)
    assert browser.change().status_code == 204
    assert browser.me() is None


def test_a_user_of_another_provider_logs_in(browser: Browser) -> None:
    browser.client.get(click(browser, sub="4712"))
    me = browser.me()
    assert (me["name"], me["is_admin"]) == ("emil", False)


def test_who_says_no_there_is_not_logged_in_here(browser: Browser) -> None:
    back = click(browser, action="deny")
    assert "state=" not in back, "it forgets the state, so that the login cannot be told"
    assert error_of(browser.client.get(back)) == "login_expired"
    assert browser.me() is None
