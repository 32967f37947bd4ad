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


class InFlight:
    """The requests under way in this process, never more than `most`."""

    def __init__(self, most: int = MOST_IN_FLIGHT, on_refused: Callable[[], None] = lambda: None) -> None:
        """`on_refused` is told of each one that is turned away."""
        self.count = 0
        self._most = most
        self._on_refused = on_refused
        self._lock = Lock()

    def enter(self) -> None:
        """One more. OverloadedError: there are as many as may be."""
        with self._lock:
            if self.count < self._most:
                self.count += 1
                return
        self._on_refused()
        raise OverloadedError(f"More than {self._most} requests are under way.", retry_after_seconds=1)

    def leave(self) -> None:
        """One less."""
        with self._lock:
            self.count -= 1


def limit_in_flight(app: Flask, in_flight: InFlight) -> None:
    """Refuses requests above its number at once, so that those under way are finished in time."""

    def enter() -> None:
        if request.path not in UNCOUNTED:
            in_flight.enter()
            g.is_counted = True

    def leave(_error: BaseException | None) -> None:
        if g.pop("is_counted", False):
            in_flight.leave()

    app.before_request(enter)
    app.teardown_request(leave)
