"""What was measured of directories into which nobody writes any more: it is not measured again.

dockerd's overlay2 driver (daemon/graphdriver/overlay2, `Get` and `Put`) makes a directory `merged` beside `diff` while
a layer or a container is mounted, and removes it then: whoever writes into `diff` through dockerd changes the time of
the directory above. A layer is in the layer database only when it is complete.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from app.docker_quota.walking import Account, Remembered, Tally

MERGED = "merged"
_OVERLAY = "overlay2"
_INIT = "-init"
"""Of a container: what dockerd puts between its image and what it writes."""
_RACY_NS = 10**9
"""A directory changed so shortly before it was seen may change again within the same tick of the filesystem's clock."""
_KEPT_NS = 3600 * 10**9
"""After so long it is measured again, whatever its time says: somebody may have written there past dockerd."""


def may_settle(path: Account, names: Collection[str]) -> bool:
    """Whether it is a layer's or container's directory, with these names in it, that is not mounted now."""
    return len(path) == 2 and path[0] == _OVERLAY and MERGED not in names  # noqa: PLR2004 - overlay2/<id>


@dataclass(frozen=True, slots=True)
class _Kept:
    remembered: Remembered
    until_ns: int


class Settled:
    """The memory of one store; empty at first."""

    def __init__(self, monotonic_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._monotonic_ns = monotonic_ns
        self._kept: Mapping[Account, _Kept] = {}

    def remembered(self) -> Mapping[Account, Remembered]:
        """By path, what need not be walked where it is still the same directory."""
        now = self._monotonic_ns()
        return {path: each.remembered for path, each in self._kept.items() if each.until_ns > now}

    def learn(self, tally: Tally, claimed: Collection[str], began_ns: int) -> None:
        """Keeps what this walk, begun then by the wall clock, saw of `claimed`, and forgets everything else.

        `claimed` are the ids that were a layer's or a container's before the walk began.
        """
        now = self._monotonic_ns()
        until = now + _KEPT_NS
        kept: dict[Account, _Kept] = {}
        for path, each in _settled(tally):
            before = self._kept.get(path)
            if before is not None and before.until_ns > now and before.remembered.is_same(each):
                kept[path] = before
            elif path[1].removesuffix(_INIT) in claimed and each.changed_ns < began_ns - _RACY_NS:
                kept[path] = _Kept(each, until)
        self._kept = kept


def _settled(tally: Tally) -> Iterator[tuple[Account, Remembered]]:
    linked: dict[Account, dict[int, Account]] = {}
    for inode, account in tally.linked.items():
        linked.setdefault(account, {})[inode] = account
    for path, (inode, changed_ns) in tally.settled.items():
        accounts = [account for account in (("overlay", path[1]), ("diff", path[1])) if account in tally.bytes_of]
        if tally.sharing.isdisjoint(accounts):
            its = {number: account for each in accounts for number, account in linked.get(each, {}).items()}
            yield path, Remembered(inode, changed_ns, {each: tally.bytes_of[each] for each in accounts}, its)
