"""A master in the test's process, and people who are logged in to it without a provider."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.auth.guard import COOKIE, CSRF_HEADER, Sessions
from app.auth.people import Identity, sign_in
from app.bootstrap.master import Master, make_master
from app.db.engine import Database
from app.db.repositories.people import PersonRepository
from app.settings.master import MasterSettings
from app.settings.oauth import OAuthSettings
from tests.fakes.fleet_database import HandClock, new_database, sync

OAUTH = OAuthSettings.model_validate(
    {"enabled": True, "server": {"url": "http://localhost:1"}, "client": {"url": "http://localhost:8436"}}
)


@dataclass(frozen=True)
class LoggedIn:
    """Somebody's browser: their session's cookie, and the token for changes."""

    client: FlaskClient
    csrf_token: str
    person_id: str

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> TestResponse:
        """A reading."""
        return self.client.get(path, headers=dict(headers or {}))

    def json(self, path: str) -> Any:
        """The body of a reading that succeeds."""
        response = self.get(path)
        assert response.status_code == 200, response.get_data(as_text=True)
        return response.get_json()

    def send(self, method: str, path: str, body: object = None) -> TestResponse:
        """A change, with the token."""
        headers = {CSRF_HEADER: self.csrf_token}
        if body is None:
            return self.client.open(path, method=method, headers=headers)
        return self.client.open(path, method=method, json=body, headers=headers)


class MasterWithPeople:
    """A master on a database of its own, over the given hosts."""

    def __init__(
        self,
        folder: Path,
        entries: list[dict[str, Any]],
        *,
        clock: HandClock | None = None,
        database: Database | None = None,
        **settings: Any,
    ) -> None:
        self.clock = clock or HandClock()
        self.database_folder = folder
        self.settings = MasterSettings.model_validate({"SLAVES": entries, **settings})
        self.database = database or new_database(folder)
        self.master: Master = make_master(self.settings, OAUTH, self.database, self.clock)
        hosts = self.master.fleet.entries.values()
        sync(self.database, [(host.id, host.label, host.url) for host in hosts])

    def collect(self) -> None:
        """One reading of every host."""
        rounds = self.master.new_rounds()
        rounds.read_hosts(self.master.fleet.entries)
        rounds.close()

    def carry_out(self, seconds: float = 60) -> None:
        """Runs the change sets that wait to their end."""
        deadline = time.monotonic() + seconds
        while self.master.runner.tick():
            assert time.monotonic() < deadline, "change sets still under way"
            self.master.runner.wait(0.05)

    def log_in(self, name: str, *, is_admin: bool = False, subject: str | None = None) -> LoggedIn:
        """Somebody logs in under this name."""
        identity = Identity("https://provider", subject or f"sub-{name}", name, f"{name}@example.org", is_admin)
        with self.database.write() as connection:
            person = sign_in(PersonRepository(connection), identity, self.clock())
        session_id = Sessions(self.database, self.clock, timedelta(hours=12)).begin(person)
        client = self.master.app.test_client()
        client.set_cookie(COOKIE, session_id, domain="localhost")
        return LoggedIn(client, client.get("/api/me").get_json()["csrf_token"], person.id)

    def nobody(self) -> FlaskClient:
        """A browser without a session."""
        return self.master.app.test_client()

    def close(self) -> None:
        """Closes connections."""
        self.master.client.close()
        self.database.dispose()
