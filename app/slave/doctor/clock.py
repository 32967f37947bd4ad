"""The clock: signatures hold for 60 seconds, and grace periods end by it."""

import ctypes
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import requests

from app.slave.doctor.findings import Finding, error, warning

MOST_SECONDS_OFF = 30.0
MASTER_SECONDS = 3.0
_STA_UNSYNC = 0x40
_STATUS_AT = 40
_TIMEX_SIZE = 208
_SYNC = "timedatectl set-ntp true"


def of_synchronisation(*, is_synchronised: bool) -> Iterator[Finding]:
    """The kernel's own word on its clock."""
    if not is_synchronised:
        yield warning(
            "clock_unsynchronised",
            "clock",
            found="the kernel says that nothing keeps the clock right",
            why="Signed calls are refused when the clocks of master and slave differ by more than 60 seconds.",
            mend=_SYNC,
        )


def of_difference(url: str, seconds: float) -> Iterator[Finding]:
    """How far this clock is ahead of the master's."""
    if abs(seconds) > MOST_SECONDS_OFF:
        direction = "ahead of" if seconds > 0 else "behind"
        yield error(
            "clock_off",
            "clock",
            found=f"it is {abs(seconds):.0f} seconds {direction} that of the master at {url}",
            why="Signed calls are refused when the clocks of master and slave differ by more than 60 seconds.",
            mend=f"{_SYNC}   # here and on the master",
        )


def of_master(url: str) -> Iterator[Finding]:
    """Asks the master that events go to for its time. Takes some seconds at most where it does not answer."""
    parts = urlsplit(url)
    health = f"{parts.scheme}://{parts.netloc}/api/health"
    try:
        with requests.Session() as session:
            session.trust_env = False
            began_at = time.time()
            answer = session.get(health, timeout=MASTER_SECONDS, allow_redirects=False, stream=True)
            said = parsedate_to_datetime(answer.headers["Date"])
    except (requests.RequestException, KeyError, ValueError) as problem:
        yield warning(
            "master_unreachable",
            "master",
            found=f"{health} does not answer as a master does ({type(problem).__name__})",
            why="Events of this host do not reach people, and its clock cannot be compared.",
            mend=f"curl -v {health}   # the address is in MASTER_EVENT_CALLBACK_URL",
        )
        return
    here = datetime.fromtimestamp((began_at + time.time()) / 2, UTC)
    yield from of_difference(health, (here - said).total_seconds())


def is_synchronised() -> bool:
    """adjtimex(2) without changing anything: STA_UNSYNC. struct timex on 64-bit machines has `status` at byte 40."""
    buffer = ctypes.create_string_buffer(_TIMEX_SIZE)
    ctypes.CDLL(None, use_errno=True).adjtimex(buffer)
    return not int.from_bytes(buffer.raw[_STATUS_AT : _STATUS_AT + 4], "little") & _STA_UNSYNC
