"""Which subvolumes are whose, and what that makes of their figures."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal

from app.backends.btrfs.patterns import UserNames
from app.backends.btrfs.trees import Qgroup
from app.quota.rules import MAX_ID
from app.quota.values import UNLIMITED, Limits, Quota, ResourceQuota

UidsOf = Callable[[Collection[str]], Mapping[str, int | None]]
"""Gives the uids of users by name, None for a name of nobody. BackendError: the user database does not answer."""
LimitKind = Literal["referenced", "exclusive"]

_NUMBER = re.compile(r"#(0|[1-9][0-9]{0,9})")


def subvolumes_by_uid(
    paths: Mapping[int, str], names_in: UserNames, uids_of: UidsOf, owner_of: Callable[[int], int | None]
) -> dict[int, list[int]]:
    """The ids of each user's subvolumes, of those that a pattern matches. BackendError of `uids_of`.

    A subvolume is that of the user whose name it has, or whose uid as in `#1234`. One that is called otherwise is its
    owner's, as long as that one has none by name.
    """
    candidates = {its: list(dict.fromkeys(names_in(path))) for its, path in paths.items()}
    known = uids_of({name for names in candidates.values() for name in names})
    named: dict[int, list[int]] = {}
    owned: dict[int, list[int]] = {}
    for subvolume_id, names in sorted(candidates.items()):
        if names:
            uid = next((uid for name in names if (uid := _uid(name, known)) is not None), None)
            if uid is not None:
                named.setdefault(uid, []).append(subvolume_id)
            elif (owner := owner_of(subvolume_id)) is not None:
                owned.setdefault(owner, []).append(subvolume_id)
    return owned | named


def quota_of(uid: int, qgroups: Sequence[Qgroup], kind: LimitKind) -> Quota:
    """The quota of a user with these qgroups: added up, and unlimited where one of them is.

    A limit of 0 bytes, which Btrfs knows, is told as 1: 0 on the wire is unlimited.
    """
    if kind == "referenced":
        pairs = [(each.referenced, each.max_referenced) for each in qgroups]
    else:
        pairs = [(each.exclusive, each.max_exclusive) for each in qgroups]
    limits = [limit for _, limit in pairs if limit is not None]
    hard = max(sum(limits), 1) if limits and len(limits) == len(pairs) else None
    return Quota(uid, ResourceQuota(sum(used for used, _ in pairs), Limits(None, hard)), ResourceQuota(0, UNLIMITED))


def _uid(name: str, known: Mapping[str, int | None]) -> int | None:
    uid = known.get(name)
    if uid is None and (number := _NUMBER.fullmatch(name)):
        uid = int(number[1])
    return uid if uid is None or uid <= MAX_ID else None
