"""Makes the cases of a round: the ledger, what the engine lists now, and names in; users with containers out."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.db.engine import Database
from app.db.repositories.docker_journal import DockerJournalRepository
from app.docker_quota.accounting import Account, Share, is_presumed
from app.docker_quota.audited import NamesOf
from app.docker_quota.enforcement.values import ROOT, Case, Rules, Target
from app.docker_quota.entries import Entry
from app.docker_quota.ledger import Ledger
from app.docker_quota.objects import Container, ObjectKind
from app.docker_quota.values import Counting
from app.quota.values import Limits

_KINDS = {
    ObjectKind.CONTAINER: "container",
    ObjectKind.LAYER: "image layer",
    ObjectKind.VOLUME: "volume",
    ObjectKind.CACHE: "build cache",
}
_SHORT = 19
"""Of a digest so much is shown: `sha256:` and 12 characters."""


@dataclass(frozen=True, slots=True)
class Cases:
    """What of this database makes a case, under these rules."""

    database: Database
    ledger: Ledger
    names_of: NamesOf
    rules: Rules

    def of(self, listed: Sequence[Container], standing: Collection[int], measured_at: datetime) -> Sequence[Case]:
        """Whoever has a hard limit or stands to be above, by uid; who cannot be told from the exempt is left out."""
        _, account, limits = self.ledger.account()
        entries = self.ledger.entries()
        of_root = self._of_root(listed)
        by_uid: dict[int, list[Target]] = {}
        for container in listed:
            entry = entries.get((ObjectKind.CONTAINER, container.id))
            if entry is not None:
                target = _target(container, entry, self.rules, by_root=container.id in of_root)
                by_uid.setdefault(target.attribution.uid or 0, []).append(target)
        uids = sorted({*standing, *(uid for uid, its in limits.items() if its.hard is not None)})
        names = self._names(uids, entries.values())
        most = _most(entries.values())
        return [
            Case(
                uid,
                names[uid],
                _used(account, uid),
                limits.get(uid, Limits(None, None)).hard,
                measured_at,
                by_uid.get(uid, ()),
                most.get(uid),
            )
            for uid in uids
            if uid in names
        ]

    def _of_root(self, listed: Iterable[Container]) -> set[str]:
        """The containers that root of this host asked for, through the proxy."""
        with self.database.read() as connection:
            entries = DockerJournalRepository(connection).entries("container", [each.id for each in listed])
        seen = [each for each in entries if each.uid is not None]  # else it may have run in a container
        return {each.object_id for each in seen if each.peer_uid == ROOT and each.container_id is None}

    def _names(self, uids: Collection[int], entries: Iterable[Entry]) -> Mapping[int, str | None]:
        """By uid; without those that nobody can name now, unless nobody is exempt by name."""
        known = {each.attribution.uid: each.attribution.user for each in entries if each.attribution.user}
        found = self.names_of(uids)
        answered = {uid: found[uid] for uid in uids if uid in found}
        remembered = {uid: name for uid in uids if (name := known.get(uid)) is not None}
        unnamed: dict[int, str | None] = {} if self.rules.exempt_users else dict.fromkeys(uids)
        return {**unnamed, **remembered, **answered}


def _target(listed: Container, entry: Entry, rules: Rules, *, by_root: bool) -> Target:
    return Target(
        id=listed.id,
        name=listed.name,
        created_ns=entry.created_ns,
        bytes=entry.bytes,
        state=listed.state,
        attribution=entry.attribution,
        auto_remove=bool(entry.facts.get("auto_remove")),
        is_exempt=rules.exempts(listed.labels, entry.attribution, by_root=by_root),
    )


def _used(account: Account, uid: int) -> int:
    return account.shares.get(uid, Share()).held


def _most(entries: Iterable[Entry]) -> Mapping[int, tuple[str, int]]:
    """The largest thing that counts for each user."""
    largest: dict[int, Entry] = {}
    for entry in entries:
        its = entry.attribution
        if entry.kind not in _KINDS or its.uid is None or its.counts() is not Counting.USED:
            continue
        if is_presumed(entry.kind, its):
            continue
        if entry.bytes > largest.get(its.uid, entry).bytes or its.uid not in largest:
            largest[its.uid] = entry
    return {uid: (f"{_KINDS[entry.kind]} {entry.name[:_SHORT]}", entry.bytes) for uid, entry in largest.items()}
