"""`/auth/login`, `/auth/callback`, `/auth/logout`."""

from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Annotated
from urllib.parse import quote, urlencode, urlsplit

import structlog
from flask import request
from pydantic import ConfigDict, Field

from app.auth.caller import Caller
from app.auth.errors import LoginNotConfiguredError
from app.auth.guard import COOKIE, Sessions, hashed
from app.auth.oidc.errors import LoginError
from app.auth.oidc.login import Answer, Login
from app.auth.people import LOCAL_ADMIN, sign_in
from app.auth.rate import LoginRate
from app.db.engine import Database
from app.db.errors import DatabaseUnavailableError, NoSpaceError
from app.db.repositories.people import PersonRepository
from app.quota.clock import Clock
from app.quota.errors import QmanError
from app.settings.keys import is_loopback
from app.web.router import Api, Reply
from app.web.wire import Query, QueryText

log = structlog.get_logger(__name__)

LOGIN_COOKIE = "qman_login"
LOGIN_COOKIE_SECONDS = 600
CALLBACK_PATH = "/auth/callback"
LONGEST_PATH = 2000
"""What is kept of where somebody wanted to go; a longer path is forgotten."""

ProviderText = Annotated[str, Field(max_length=8000)]
"""What providers send: some codes are thousands of characters long."""


class LoginQuery(Query):
    """Where to go after the login, and who: for the mock provider only."""

    return_to: QueryText = "/"
    user_id: QueryText | None = None


class CallbackQuery(Query):
    """What the provider answers; it may add what it likes."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    state: ProviderText = ""
    code: ProviderText | None = None
    error: ProviderText | None = None
    iss: ProviderText | None = None


@dataclass(frozen=True, slots=True)
class LoginPages:
    """What the login routes need; `login` None: not configured, or switched off where `demo`."""

    login: Login | None
    demo: bool
    sessions: Sessions
    database: Database
    clock: Clock
    rate: LoginRate
    secure_cookies: bool
    session_seconds: int

    @property
    def callback_path(self) -> str:
        """Where the provider sends browsers back to."""
        return CALLBACK_PATH if self.login is None else self.login.settings.client.redirect_path

    def cookie(self, name: str, value: str, *, path: str, seconds: int) -> str:
        """A Set-Cookie header: HttpOnly, SameSite=Lax, Secure behind TLS."""
        morsel = SimpleCookie({name: value})[name]
        attributes = {"path": path, "max-age": str(seconds), "samesite": "Lax", "httponly": "1"}
        morsel.update(attributes | ({"secure": "1"} if self.secure_cookies else {}))
        return morsel.OutputString()

    def begin(self, query: LoginQuery) -> Reply:
        """A redirect to the provider; where login is switched off, a session at once."""
        self.rate.check(request.remote_addr or "")
        return_to = local_path(query.return_to)
        if self.demo:
            _refuse_others()
            with self.database.write() as connection:
                person = sign_in(PersonRepository(connection), LOCAL_ADMIN, self.clock())
            return self._logged_in(self.sessions.begin(person), return_to)
        if self.login is None:
            raise LoginNotConfiguredError("Login is not configured: oauth.config.json is missing.")
        try:
            begun = self.login.begin(return_to, user_id=query.user_id)
        except LoginError as error:
            return _failed(error)
        cookie = self.cookie(LOGIN_COOKIE, begun.browser_secret, path="/", seconds=LOGIN_COOKIE_SECONDS)
        return Reply(status=302, headers={"Location": begun.url, "Set-Cookie": cookie})

    def finish(self, query: CallbackQuery) -> Reply:
        """A session and a redirect to where the person wanted to go, or to the login page with what went wrong."""
        if self.login is None:
            raise LoginNotConfiguredError("Login is not configured: oauth.config.json is missing.")
        try:
            answer = Answer(query.state, query.code, query.error, query.iss)
            done = self.login.finish(answer, request.cookies.get(LOGIN_COOKIE, ""))
        except LoginError as error:
            return _failed(error)
        return self._logged_in(done.session_id, done.return_to)

    def _logged_in(self, session_id: str, return_to: str) -> Reply:
        """The browser gets its new session; the one that it had, maybe of somebody else, ends on the server too."""
        if before := request.cookies.get(COOKIE):
            self.sessions.end(hashed(before))
        cookie = self.cookie(COOKIE, session_id, path="/", seconds=self.session_seconds)
        return Reply(status=302, headers={"Location": return_to, "Set-Cookie": cookie})


def add_login(api: Api, pages: LoginPages) -> None:
    """The routes of login and logout."""

    @api.route("GET", "/auth/login", access="public", errors=(429, 503), status=302)
    def begin_login(query: LoginQuery) -> Reply:
        """Sends the browser to the provider."""
        return _for_people(lambda: pages.begin(query))

    @api.route("GET", pages.callback_path, access="public", errors=(503,), status=302)
    def finish_login(query: CallbackQuery) -> Reply:
        """Takes the provider's answer, and sends the browser on with a session."""
        return _for_people(lambda: pages.finish(query))

    @api.route("POST", "/auth/logout", access="user_session", status=204)
    def log_out(caller: Caller) -> Reply:
        """Ends the session, here and everywhere its cookie is."""
        if caller.session_hash is not None:
            pages.sessions.end(caller.session_hash)
        return Reply(status=204, headers={"Set-Cookie": pages.cookie(COOKIE, "", path="/", seconds=0)})


def local_path(wanted: str) -> str:
    """The path within the dashboard that was asked for, or `/`: never another site, whatever browsers make of it."""
    if not wanted.startswith("/") or wanted.startswith("//") or "\\" in wanted or not wanted.isprintable():
        return "/"
    path = quote(wanted, safe="/?&=%#+,;:@!$'()*~-._")
    return path if len(path) <= LONGEST_PATH else "/"


def _refuse_others() -> None:
    """Where everybody is the local admin, only this machine is everybody, under its own name.

    The port may have been opened elsewhere by the command line of a server, or a foreign name may lead to it.
    """
    host = urlsplit(request.host_url).hostname
    if not is_loopback(request.remote_addr or "") or not is_loopback(host or ""):
        raise LoginNotConfiguredError("Login is switched off, which is for this machine itself only.")


def _for_people(answer: Callable[[], Reply]) -> Reply:
    """The answer; where the database fails, somebody who came with a browser reads that on the login page."""
    try:
        return answer()
    except (NoSpaceError, DatabaseUnavailableError) as error:
        if "text/html" not in request.headers.get("Accept", ""):
            raise
        return _failed(error)


def _failed(error: LoginError | QmanError) -> Reply:
    log.warning("login_failed", code=error.code, reason=str(error), address=request.remote_addr)
    return Reply(status=302, headers={"Location": "/login?" + urlencode({"error": error.code})})
