"""Bounds how many logins, or enrolments, begin in a minute."""

import math
import threading
from collections import deque
from datetime import datetime, timedelta

import structlog

from app.auth.errors import TooManyLoginsError
from app.quota.clock import Clock

log = structlog.get_logger(__name__)

WINDOW = timedelta(minutes=1)
ALWAYS_ALLOWED = 20


class LoginRate:
    """Counts per process: all logins, and those of one address, in the last minute.

    Remembers at most `per_minute` of them.
    """

    def __init__(self, clock: Clock, *, per_minute: int, path: str = "/auth/login") -> None:
        """One address may use a tenth of `per_minute`, and never less than 20. `path` is for the log."""
        self._path = path
        self._clock = clock
        self._per_minute = per_minute
        self._per_address = max(ALWAYS_ALLOWED, per_minute // 10)
        self._lock = threading.Lock()
        self._begun: deque[tuple[datetime, str]] = deque()
        self._logged_at: datetime | None = None

    def check(self, address: str) -> None:
        """Counts a login that begins. TooManyLoginsError, with when to try again."""
        now = self._clock()
        with self._lock:
            while self._begun and not timedelta() <= now - self._begun[0][0] < WINDOW:
                self._begun.popleft()
            own = [begun for begun, other in self._begun if other == address]
            full = [self._begun[0][0]] if len(self._begun) >= self._per_minute else []
            full += own[:1] if len(own) >= self._per_address else []
            if full:
                self._log(now, address)
                wait = math.ceil((max(full) + WINDOW - now).total_seconds())
                raise TooManyLoginsError("Too many attempts in the last minute.", retry_after_seconds=wait)
            self._begun.append((now, address))

    def _log(self, now: datetime, address: str) -> None:
        """Once a second at most: a flood of logins is not a flood of logs."""
        if self._logged_at is None or not timedelta() <= now - self._logged_at < timedelta(seconds=1):
            self._logged_at = now
            log.warning("request_refused", code=TooManyLoginsError.code, path=self._path, address=address)
