"""What travels between a caller and a simulated host."""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qs

import orjson

from app.web.problems import PROBLEMS

REASONS = {200: "OK", 302: "Found", 304: "Not Modified", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}


class Request(NamedTuple):
    """One request as it came; header names are in lower case, `target` is path and query."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """Without the query."""
        return self.target.partition("?")[0]

    def query(self, name: str) -> str | None:
        """The first value of a parameter."""
        return parse_qs(self.target.partition("?")[2]).get(name, [None])[0]


class Answer(NamedTuple):
    """What a host says."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = {}

    def on_the_wire(self) -> bytes:
        """The whole answer in HTTP/1.1; the connection stays open."""
        headers = {"Content-Type": "application/json", "Content-Length": str(len(self.body))} | dict(self.headers)
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Unusual')}\r\n{lines}\r\n".encode() + self.body


def in_json(value: object, **headers: str) -> Answer:
    """A good answer."""
    return Answer(200, orjson.dumps(value), {"Qman-Version": "simulated", **headers})


def problem(code: str, detail: str = "Said by a simulated host.") -> Answer:
    """A refusal as slaves word it."""
    status, title = PROBLEMS[code]
    body = {"type": f"urn:qman:problem:{code}", "title": title, "status": status, "code": code, "detail": detail}
    return Answer(status, orjson.dumps(body | {"request_id": "0" * 32}), {"Content-Type": "application/problem+json"})
