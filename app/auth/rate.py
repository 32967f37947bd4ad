"""Bounds how many logins begin in a minute."""

import threading
from collections import deque
from datetime import datetime, timedelta

from app.auth.errors import TooManyLoginsError
from app.quota.clock import Clock

WINDOW = timedelta(minutes=1)
ALWAYS_ALLOWED = 20


class LoginRate:
    """Counts per process: all logins, and those of one address, in the last minute."""

    def __init__(self, clock: Clock, *, per_minute: int) -> None:
        """One address may use a tenth of `per_minute`, and never less than 20."""
        self._clock = clock
        self._per_minute = per_minute
        self._per_address = max(ALWAYS_ALLOWED, per_minute // 10)
        self._lock = threading.Lock()
        self._begun: deque[tuple[datetime, str]] = deque()

    def check(self, address: str) -> None:
        """Counts a login that begins. TooManyLoginsError, with when to try again."""
        now = self._clock()
        with self._lock:
            while self._begun and not timedelta() <= now - self._begun[0][0] < WINDOW:
                self._begun.popleft()
            own = sum(1 for _, other in self._begun if other == address)
            if len(self._begun) >= self._per_minute or own >= self._per_address:
                raise TooManyLoginsError("Too many logins in the last minute.", retry_after_seconds=60)
            self._begun.append((now, address))
