"""The hosts that the settings name, with the keys to talk to them."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.master.errors import HostNotFoundError
from app.settings.keys import SigningKey


@dataclass(frozen=True, slots=True)
class HostEntry:
    """One host: where its slave answers, and the keys that it accepts. `ca_file`: its own authority, for https.

    A suspended host is neither read nor changed.
    """

    id: str
    label: str
    url: str
    read_key: SigningKey
    write_key: SigningKey
    ca_file: str | None = None
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Fleet:
    """All hosts by id."""

    entries: Mapping[str, HostEntry]

    def get(self, host_id: str) -> HostEntry:
        """The host, or HostNotFoundError."""
        entry = self.entries.get(host_id)
        if entry is None:
            raise HostNotFoundError("There is no host of this id.")
        return entry
