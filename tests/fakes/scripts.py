"""Scripts that call a master with an API token."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.fakes.fleet_database import HandClock
from tests.fakes.people import LoggedIn, MasterWithPeople


@dataclass(frozen=True)
class Script:
    """A program without cookies that has a token."""

    client: FlaskClient
    token: str
    token_id: str

    def send(self, method: str, path: str, body: object = None, **headers: str) -> TestResponse:
        """A call; no header but the token's is needed."""
        given = {"Authorization": f"Bearer {self.token}", **headers}
        if body is None:
            return self.client.open(path, method=method, headers=given)
        return self.client.open(path, method=method, json=body, headers=given)

    def get(self, path: str) -> TestResponse:
        """A reading."""
        return self.send("GET", path)


def token_body(clock: HandClock, *scopes: str, days: float = 30, name: str = "a script") -> dict[str, Any]:
    """What is sent to make a token."""
    return {"name": name, "scopes": list(scopes), "expires_at": (clock() + timedelta(days=days)).isoformat()}


def script_of(master: MasterWithPeople, owner: LoggedIn, *scopes: str, days: float = 30) -> Script:
    """Its owner makes a token for it."""
    made = owner.send("POST", "/api/me/tokens", token_body(master.clock, *scopes, days=days))
    assert made.status_code == 201, made.text
    return Script(master.nobody(), made.get_json()["token"], made.get_json()["id"])


def script_with(master: MasterWithPeople, token: str) -> Script:
    """It has this text for a token."""
    return Script(master.nobody(), token, "")
