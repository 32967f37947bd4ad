"""Somebody who is logged in, through the real login."""

from typing import Any

import requests

ALICE = "1"
CHARLIE = "2"


class Person:
    """A browser's session, without the browser."""

    def __init__(self, master_port: int, user_id: str) -> None:
        """Logs in by the mock provider, which asks nothing where `user_id` is given."""
        self.url = f"http://localhost:{master_port}"
        self.session = requests.Session()
        self.session.trust_env = False
        login = self.session.get(f"{self.url}/auth/login", params={"user_id": user_id}, timeout=60)
        assert login.ok, f"{login.url}: {login.status_code} {login.text[:300]}"
        self.me = self.get("/api/me")
        self.session.headers["X-CSRF-Token"] = self.me["csrf_token"]

    def get(self, path: str, **query: str) -> Any:
        """The JSON at a path; anything but 200 fails the test."""
        answer = self.session.get(self.url + path, params=query, timeout=60)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
        return answer.json()

    def status(self, path: str) -> int:
        """The status of a GET."""
        return self.session.get(self.url + path, timeout=60).status_code

    def put(self, path: str, body: Any, **query: str) -> requests.Response:
        """The answer to a change."""
        return self.session.put(self.url + path, json=body, params=query, timeout=60)

    def host(self, host_id: str) -> Any:
        """One host as the list has it."""
        return next(item for item in self.get("/api/hosts")["items"] if item["id"] == host_id)
