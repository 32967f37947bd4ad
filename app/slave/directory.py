"""Directories: where the names of users and groups come from."""

import grp
import pwd
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.quota.values import QuotaType


class Directory(Protocol):
    """The host's users and groups. Every method may take long, or hang."""

    def find_name(self, quota_type: QuotaType, quota_id: int) -> str | None:
        """The name of the id, None when it has none."""

    def find_uid(self, name: str) -> int | None:
        """The uid of the user, None when there is no such user."""

    def list_users(self) -> Sequence[tuple[int, str]]:
        """The users that the directory tells without being asked for each; sorted by uid."""


class NssDirectory:
    """What the operating system says: files, LDAP, SSSD, whatever nsswitch.conf names."""

    def find_name(self, quota_type: QuotaType, quota_id: int) -> str | None:
        """See `Directory`."""
        try:
            if quota_type is QuotaType.USER:
                return pwd.getpwuid(quota_id).pw_name
            return grp.getgrgid(quota_id).gr_name if quota_type is QuotaType.GROUP else None
        except (KeyError, OverflowError):
            return None

    def find_uid(self, name: str) -> int | None:
        """See `Directory`."""
        try:
            return pwd.getpwnam(name).pw_uid
        except (KeyError, ValueError):
            return None

    def list_users(self) -> Sequence[tuple[int, str]]:
        """See `Directory`."""
        first: dict[int, str] = {}
        for entry in pwd.getpwall():
            first.setdefault(entry.pw_uid, entry.pw_name)
        return sorted(first.items())


@dataclass(frozen=True, slots=True)
class FixedDirectory:
    """Names that are known beforehand: those of a mock host."""

    users: Mapping[int, str]
    groups: Mapping[int, str]

    def find_name(self, quota_type: QuotaType, quota_id: int) -> str | None:
        """See `Directory`."""
        known = {QuotaType.USER: self.users, QuotaType.GROUP: self.groups}
        return known.get(quota_type, {}).get(quota_id)

    def find_uid(self, name: str) -> int | None:
        """See `Directory`."""
        return next((uid for uid, known in self.users.items() if known == name), None)

    def list_users(self) -> Sequence[tuple[int, str]]:
        """See `Directory`."""
        return sorted(self.users.items())
