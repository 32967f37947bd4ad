"""A master that hosts are enrolled at, and such a host."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.settings.keys_file import HeldKeys, read_keys
from app.slave.enrol.exchange import HostEnrolment
from app.slave.enrol.master import Master
from tests.fakes.fleet_database import HandClock
from tests.fakes.people import LoggedIn, MasterWithPeople

SEALING_KEY = "a-key-of-the-tests-that-seals-0123456789"


def enrolling_master(folder: Path, entries: list[dict[str, Any]] | None = None, **settings: Any) -> MasterWithPeople:
    """With a key for the stored secrets."""
    return MasterWithPeople(folder, entries or [], SECRETS_KEY=SEALING_KEY, **settings)


def add_host(admin: LoggedIn, host_id: str, url: str = "http://127.0.0.1:1") -> str:
    """Adds the host and gives its code."""
    answer = admin.send("POST", "/api/hosts", {"id": host_id, "label": "A host", "url": url})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    code: str = answer.get_json()["code"]
    return code


class HostToEnrol:
    """`qman enrol` on a host, without the command line; nobody waits."""

    def __init__(
        self,
        folder: Path,
        url: str,
        clock: HandClock,
        host_id: str = "h1",
        waits: Callable[[float], None] = lambda _: None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.keys_file = folder / "keys.json"
        self.enrolment = HostEnrolment(host_id, self.keys_file, Master(url, None, clock), clock, waits)

    @property
    def held(self) -> HeldKeys:
        """What stands in its keys file."""
        return read_keys(self.keys_file)
