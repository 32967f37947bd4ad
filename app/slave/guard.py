"""Who may call: the holder of a key, as its signature shows; and how many at once."""

from collections.abc import Callable
from threading import Lock
from typing import Literal

from flask import Flask, g, request

from app.auth.signatures import AcceptedKey, ScopeMissingError, SignatureVerifier, SignedMessage
from app.quota.errors import QmanError

MOST_IN_FLIGHT = 40
UNCOUNTED = frozenset({"/remote-api/ping", "/healthz", "/readyz"})
"""Answered whatever the load is."""

Access = Literal["open", "read", "write"]


class OverloadedError(QmanError):
    """More requests are under way than the slave takes on."""

    code = "overloaded"


def build_guard(verifier: SignatureVerifier, base_path: str) -> Callable[[str], AcceptedKey | None]:
    """The guard of the routes: `open` for anybody, `read` for every key, `write` for keys of that scope."""

    def guard(access: str) -> AcceptedKey | None:
        if access == "open":
            return None
        message = SignedMessage.from_environ(request.environ, request.get_data(cache=True), base_path=base_path)
        key = verifier.verify(message)
        if access == "write" and key.scope != "write":
            raise ScopeMissingError(f"The key {key.id!r} may read and not write.")
        return key

    return guard


def limit_in_flight(app: Flask, most: int = MOST_IN_FLIGHT) -> None:
    """Refuses requests above that number at once, so that those under way are finished in time."""
    lock = Lock()
    in_flight = 0

    def enter() -> None:
        nonlocal in_flight
        if request.path in UNCOUNTED:
            return
        with lock:
            if in_flight >= most:
                raise OverloadedError(f"More than {most} requests are under way.", retry_after_seconds=1)
            in_flight += 1
            g.is_counted = True

    def leave(_error: BaseException | None) -> None:
        nonlocal in_flight
        if g.pop("is_counted", False):
            with lock:
                in_flight -= 1

    app.before_request(enter)
    app.teardown_request(leave)
