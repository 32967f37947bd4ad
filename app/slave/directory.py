"""Directories: where the names of users and groups come from."""

import grp
import pwd
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from app.quota.values import QuotaType

NSSWITCH = Path("/etc/nsswitch.conf")
PROJID = Path("/etc/projid")
_DATABASES = {QuotaType.USER: "passwd", QuotaType.GROUP: "group"}
_LISTED_WHOLE = frozenset({"files", "compat", "systemd"})
"""Sources that tell every entry when they are listed; a directory like LDAP need not."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Names by id that a directory tells without being asked for each. `is_complete`: there are no others."""

    names: Mapping[int, str]
    is_complete: bool


class Directory(Protocol):
    """The host's users, groups and projects. Every method may take long, or hang."""

    def list_names(self, quota_type: QuotaType) -> Listing:
        """The names that can be listed."""

    def find_name(self, quota_type: QuotaType, quota_id: int) -> str | None:
        """The name of the id, None when it has none."""

    def find_uid(self, name: str) -> int | None:
        """The uid of the user, None when there is no such user."""


class NssDirectory:
    """What the operating system says: files, LDAP, SSSD, whatever nsswitch.conf(5) names; of projects, projid(5)."""

    def __init__(self, nsswitch: Path = NSSWITCH, projid: Path = PROJID) -> None:
        self._nsswitch = nsswitch
        self._projid = projid

    def list_names(self, quota_type: QuotaType) -> Listing:
        """See `Directory`. Of several names of an id, the first counts."""
        names: dict[int, str] = {}
        if quota_type is QuotaType.USER:
            for user in pwd.getpwall():
                names.setdefault(user.pw_uid, user.pw_name)
        elif quota_type is QuotaType.GROUP:
            for group in grp.getgrall():
                names.setdefault(group.gr_gid, group.gr_name)
        else:
            names = self._projects()
        return Listing(names, self._lists_all(quota_type))

    def find_name(self, quota_type: QuotaType, quota_id: int) -> str | None:
        """See `Directory`."""
        try:
            if quota_type is QuotaType.USER:
                return pwd.getpwuid(quota_id).pw_name
            return grp.getgrgid(quota_id).gr_name if quota_type is QuotaType.GROUP else self._projects().get(quota_id)
        except (KeyError, OverflowError):
            return None

    def find_uid(self, name: str) -> int | None:
        """See `Directory`."""
        try:
            return pwd.getpwnam(name).pw_uid
        except (KeyError, ValueError):
            return None

    def _projects(self) -> dict[int, str]:
        """Lines of `name:id`; what is none is passed over, as xfs_quota does."""
        try:
            text = self._projid.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return {}
        found: dict[int, str] = {}
        for line in text.splitlines():
            name, separator, number = line.partition(":")
            if separator and name and not name.startswith("#") and number.isascii() and number.strip().isdigit():
                found.setdefault(int(number), name)
        return found

    def _lists_all(self, quota_type: QuotaType) -> bool:
        database = _DATABASES.get(quota_type)
        if database is None:
            return True
        try:
            lines = self._nsswitch.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return False
        words = next((line.split(":", 1)[1].split() for line in lines if line.startswith(f"{database}:")), [])
        return bool(words) and _LISTED_WHOLE.issuperset(words)


@dataclass(frozen=True, slots=True)
class FixedDirectory:
    """Names that are known beforehand: those of a mock host."""

    users: Mapping[int, str]
    groups: Mapping[int, str]
    projects: Mapping[int, str] = field(default_factory=dict)

    def list_names(self, quota_type: QuotaType) -> Listing:
        """See `Directory`."""
        known = {QuotaType.USER: self.users, QuotaType.GROUP: self.groups, QuotaType.PROJECT: self.projects}
        return Listing(known[quota_type], is_complete=True)

    def find_name(self, quota_type: QuotaType, quota_id: int) -> str | None:
        """See `Directory`."""
        return self.list_names(quota_type).names.get(quota_id)

    def find_uid(self, name: str) -> int | None:
        """See `Directory`."""
        return next((uid for uid, known in self.users.items() if known == name), None)
