"""A master with a login by a provider, and browsers that go through it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.auth.guard import CSRF_HEADER
from app.bootstrap.master import Master, make_master
from app.db.engine import Database
from app.quota.clock import Clock
from app.settings.master import MasterSettings
from app.settings.oauth import OAuthSettings
from tests.api.auth.providers import CODE
from tests.fakes.fleet_database import new_database

CLIENT_URL = "http://localhost:8436"


def oauth_settings(url: str, **changes: Any) -> OAuthSettings:
    """Login by the provider at the URL; `changes` go over the whole."""
    values = {"enabled": True, "server": {"url": url}, "client": {"url": CLIENT_URL}}
    return OAuthSettings.model_validate(values | changes)


@dataclass
class Browser:
    """Somebody's browser at the master."""

    client: FlaskClient

    def begin(self, path: str = "/auth/login") -> dict[str, str]:
        """Goes to log in; what the provider is asked with."""
        location = self.sent_to(self.client.get(path))
        return dict(parse_qsl(urlsplit(location).query)) | {"endpoint": location.partition("?")[0]}

    def finish(self, **answer: str) -> TestResponse:
        """Comes back from the provider with these parameters."""
        return self.client.get("/auth/callback", query_string=answer)

    def log_in(self, query: str) -> TestResponse:
        """All the way through a provider that asks nothing (`user_id=1`); the master's answer to the callback."""
        location = self.sent_to(self.client.get(f"/auth/login?{query}"))
        back = requests.get(location, allow_redirects=False, timeout=30).headers["Location"]
        return self.client.get(back.removeprefix(CLIENT_URL))

    def me(self) -> Any:
        """Who the master says this is; None where nobody is logged in."""
        response = self.client.get("/api/me")
        return response.get_json() if response.status_code == 200 else None

    def change(self, path: str = "/auth/logout", **headers: str) -> TestResponse:
        """A POST with the right token, unless another is given."""
        token = {} if "token" in headers else {CSRF_HEADER: self.me()["csrf_token"]}
        given = {name.replace("_", "-"): value for name, value in headers.items() if name != "token"}
        return self.client.post(path, headers=token | given)

    @staticmethod
    def sent_to(response: TestResponse) -> str:
        """Where an answer leads."""
        assert response.status_code == 302, response.get_data(as_text=True)
        return str(response.headers["Location"])


class MasterWithLogin:
    """A master on a database of its own."""

    def __init__(
        self,
        folder: Path,
        oauth: OAuthSettings | None,
        clock: Clock,
        *,
        database: Database | None = None,
        **settings: Any,
    ) -> None:
        self.database: Database = database or new_database(folder)
        self.master: Master = make_master(MasterSettings.model_validate(settings), oauth, self.database, clock)

    def browser(self) -> Browser:
        """A browser without cookies."""
        return Browser(self.master.app.test_client())

    def restarted(self, oauth: OAuthSettings, clock: Clock) -> Master:
        """Another master on the same database."""
        return make_master(MasterSettings(), oauth, self.database, clock)

    def close(self) -> None:
        """Closes connections."""
        self.master.client.close()
        self.database.dispose()


def through(browser: Browser, provider: Any) -> TestResponse:
    """A login at a lying provider, all the way."""
    asked = browser.begin()
    provider.nonce = asked["nonce"]
    return browser.finish(state=asked["state"], code=CODE)


def error_of(response: TestResponse) -> str | None:
    """What the login page is told to show; None after a login that worked."""
    parts = urlsplit(Browser.sent_to(response))
    return dict(parse_qsl(parts.query)).get("error") if parts.path == "/login" else None
