"""The database takes nothing: somebody with a browser reads that on the login page, a script as a problem."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from app.db.errors import DatabaseUnavailableError
from app.quota.errors import QmanError
from tests.api.auth.browsers import CLIENT_URL, Browser, MasterWithLogin, error_of, oauth_settings
from tests.fakes.failing_database import FULL, FailingDatabase
from tests.fakes.fleet_database import HandClock, new_database

AWAY = DatabaseUnavailableError("The database does not answer.", retry_after_seconds=5)
STATUS = {"no_space": 507, "database_unavailable": 503}
PEOPLE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(params=[FULL, AWAY], ids=["full", "away"])
def failure(request: pytest.FixtureRequest) -> QmanError:
    failure: QmanError = request.param
    return failure


@pytest.fixture
def database(tmp_path: Path) -> FailingDatabase:
    new_database(tmp_path).dispose()
    return FailingDatabase(f"sqlite:///{tmp_path}/qman.sqlite")


@pytest.fixture
def browser(tmp_path: Path, clock: HandClock, provider_url: str, database: FailingDatabase) -> Iterator[Browser]:
    master = MasterWithLogin(tmp_path, oauth_settings(provider_url), clock, database=database)
    yield master.browser()
    master.close()


def assert_told(browser: Browser, path: str, failure: QmanError) -> None:
    assert error_of(browser.client.get(path, headers=PEOPLE)) == failure.code
    told = browser.client.get(path)
    assert (told.status_code, told.get_json()["code"]) == (STATUS[failure.code], failure.code)


def test_a_login_cannot_begin(browser: Browser, database: FailingDatabase, failure: QmanError) -> None:
    database.failure = failure
    assert_told(browser, "/auth/login?user_id=1", failure)
    database.failure = None
    assert Browser.sent_to(browser.log_in("user_id=1")) == "/"


def test_a_login_cannot_end(browser: Browser, database: FailingDatabase, failure: QmanError) -> None:
    location = browser.sent_to(browser.client.get("/auth/login?user_id=1"))
    back = requests.get(location, allow_redirects=False, timeout=30).headers["Location"].removeprefix(CLIENT_URL)
    database.failure = failure
    assert_told(browser, back, failure)
    assert browser.me() is None
    database.failure = None
    assert Browser.sent_to(browser.log_in("user_id=1")) == "/"
