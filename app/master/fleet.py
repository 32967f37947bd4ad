"""The hosts of the master: those that the settings name and those enrolled, with the keys to talk to them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.master.errors import HostNotEnrolledError, HostNotFoundError
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
class HostListing:
    """The hosts as of one moment. `without_keys` are listed too: they wait to be enrolled, once or again.

    `shadowed` are enrolled, and stand in the settings too, which win.
    """

    entries: Mapping[str, HostEntry]
    without_keys: frozenset[str] = frozenset()
    shadowed: frozenset[str] = frozenset()

    def get(self, host_id: str) -> HostEntry:
        """The host. HostNotFoundError; HostNotEnrolledError: there are no keys to talk to it."""
        entry = self.entries.get(host_id)
        if entry is not None:
            return entry
        if host_id in self.without_keys:
            raise HostNotEnrolledError("The host is not enrolled: the master has no keys for it.")
        raise HostNotFoundError("There is no host of this id.")


class Fleet:
    """All hosts by id, as of a second or two ago whichever process changed them.

    What `entries` gives never changes: ask again for what is new. A host may be gone by the next time.
    """

    def __init__(self, entries: Mapping[str, HostEntry], *, listing: Callable[[], HostListing] | None = None) -> None:
        """The given hosts for good; or those of `listing`, asked for each time."""
        settled = HostListing(entries)
        self.listing: Callable[[], HostListing] = listing or (lambda: settled)

    @property
    def entries(self) -> Mapping[str, HostEntry]:
        """The hosts that the master has keys for, suspended ones too."""
        return self.listing().entries

    def get(self, host_id: str) -> HostEntry:
        """See `HostListing.get`."""
        return self.listing().get(host_id)
