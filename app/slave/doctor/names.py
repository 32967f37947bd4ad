"""The host's user database: how long it takes to say that there is no such user."""

import time
from collections.abc import Iterator

from app.quota.values import QuotaType
from app.slave.directory import Directory
from app.slave.doctor.findings import Finding, error, warning

SLOW_SECONDS = 0.5
_NOBODYS_UID = 2_147_480_001
_NOBODYS_NAME = "qman-doctor-no-such-user"
_SUBJECT = "user database"
_MEND = (
    "getent -s sss passwd 0; systemctl status sssd nslcd   # nsswitch.conf(5) names what is asked: mend or remove it"
)

HANGING = error(
    "names_hang",
    _SUBJECT,
    found="a user that there is not was looked up, and no answer came",
    why="Rows are shown as #1234 without names, and nobody can be found by name.",
    mend=_MEND,
)


def of_duration(seconds: float) -> Iterator[Finding]:
    """How long two look-ups took."""
    if seconds > SLOW_SECONDS:
        yield warning(
            "names_slow",
            _SUBJECT,
            found=f"two look-ups took {seconds:.1f} seconds",
            why="With many users, rows are shown as #1234 for a while until their names are known.",
            mend=_MEND,
        )


def measure(directory: Directory) -> float:
    """Seconds for two look-ups that no cache of files can answer."""
    began_at = time.monotonic()
    directory.find_name(QuotaType.USER, _NOBODYS_UID)
    directory.find_uid(_NOBODYS_NAME)
    return time.monotonic() - began_at
