"""Docker's objects as the ledger has them, and what admins say about whose they are."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from app.docker_quota.accounting import chain_ids
from app.docker_quota.entries import Entry, Key
from app.docker_quota.ledger import Ledger, Store, measured
from app.docker_quota.objects import EngineDown, ObjectKind
from app.docker_quota.values import Attribution, Candidate
from app.docker_quota.words import Saying, Word
from app.quota.clock import Clock
from app.quota.errors import BackendError, DeviceUnavailableError, FieldFault, NotFoundError
from app.quota.values import QuotaType
from app.slave.lanes import Lane
from app.slave.names import NameBook
from app.web.docker_objects import AttributionIn, WithdrawQuery
from app.web.wire import iso_utc

INSPECT_SECONDS = 5.0
"""How long a request waits for the engine."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Shown = dict[str, Any]
"""An object as JSON has it."""


class Inspector(Protocol):
    """Asks the engine for one object."""

    def inspect(self, kind: str, object_id: str) -> Mapping[str, Any] | EngineDown | None:
        """See `Engine`."""


class DockerObjects:
    """Reads the ledger alone, but for `inspect`. DeviceUnavailableError before the store was ever measured."""

    def __init__(
        self, ledger: Ledger, inspector: Inspector, names: NameBook, clock: Clock, reserved_bytes: int = 0
    ) -> None:
        """`reserved_bytes` of the store's filesystem are not Docker's to take."""
        self._reserved = reserved_bytes
        self._ledger = ledger
        self._inspector = inspector
        self._names = names
        self._clock = clock
        self._lane = Lane("Docker's engine", INSPECT_SECONDS)

    def containers(self) -> Sequence[Shown]:
        """All containers, the largest first."""
        at, entries = self._look()
        return [
            {
                **_shown(entry, at),
                "image": entry.facts["image"],
                "state": entry.facts["state"],
                "log_bytes": entry.log_bytes,
            }
            for entry in _of_kind(entries, ObjectKind.CONTAINER)
        ]

    def images(self) -> Sequence[Shown]:
        """All images, the largest first."""
        at, entries = self._look()
        return _images(entries, at)

    def volumes(self) -> Sequence[Shown]:
        """All volumes, the largest first."""
        at, entries = self._look()
        used_by = Counter(name for each in _of_kind(entries, ObjectKind.CONTAINER) for name in each.facts["volumes"])
        return [
            {**_shown(entry, at), "anonymous": entry.facts["anonymous"], "containers": used_by[entry.id]}
            for entry in _of_kind(entries, ObjectKind.VOLUME)
        ]

    def build_cache(self) -> Sequence[Shown]:
        """All records of the build cache, the largest first."""
        at, entries = self._look()
        return [{**_shown(entry, at), **_use(entry)} for entry in _of_kind(entries, ObjectKind.CACHE)]

    def review_queue(self) -> Sequence[Shown]:
        """What is not certainly somebody's, the largest first. Layers follow their images, and stand for these."""
        at, entries = self._look()
        sizes = {shown["id"]: shown["bytes"] for shown in _images(entries, at)}
        of_images = {chain for its in _chains(entries).values() for chain in its}
        shown = [
            {**_shown(entry, at), "kind": entry.kind.value, "bytes": sizes.get(entry.id, entry.bytes)}
            for entry in entries.values()
            if entry.attribution.needs_review() and not (entry.kind is ObjectKind.LAYER and entry.id in of_images)
        ]
        return sorted(shown, key=_largest_first)

    def store(self) -> Shown:
        """The store as a whole, with the shares of users, the largest first."""
        found, account, _ = self._ledger.account()
        store = measured(found)
        figures, names = store.figures, self._names.names_of(QuotaType.USER, account.shares).by_id
        free = figures.free_beside(self._reserved)
        shares = [
            {
                "uid": uid,
                "user": names.get(uid),
                "container_bytes": share.container,
                "image_layer_bytes": share.image_layer,
                "volume_bytes": share.volume,
                "build_cache_bytes": share.build_cache,
                "used_bytes": share.used,
                "claimed_bytes": share.claimed,
            }
            for uid, share in sorted(account.shares.items(), key=lambda item: (-item[1].used, item[0]))
        ]
        return {
            "state": store.state,
            "detail": store.detail,
            "measured_at": _measured_at(store),
            "estimated": store.estimated,
            "lacks": list(store.lacks),
            "used_bytes": figures.used,
            "free_bytes": free,
            "total_bytes": figures.used + free,
            "overhead_bytes": figures.overhead,
            "unattributed_bytes": account.unattributed,
            "difference_bytes": figures.difference,
            "shares": shares,
        }

    def inspect(self, kind: str, object_id: str) -> Mapping[str, Any]:
        """What the engine says of an object that the ledger has, without secrets.

        NotFoundError: neither has it. DeviceUnavailableError, DeviceTimeoutError: the engine does not answer.
        """
        self._find(kind, object_id)
        shown = self._lane.run(lambda: self._inspector.inspect(kind, object_id))
        if isinstance(shown, EngineDown):
            raise DeviceUnavailableError(shown.detail, retry_after_seconds=30)
        if shown is None:
            raise _not_there(kind, object_id)
        return shown

    def attribute(self, body: AttributionIn, key_id: str) -> Shown:
        """Keeps whose an admin says an object is. The same again changes nothing.

        NotFoundError: there is no such object. BackendError: the user database does not say who the uid is.
        """
        entry = self._find(body.kind, body.id)
        candidate = None if body.uid is None else Candidate(body.uid, self._name_of(body.uid))
        self._ledger.override(entry, candidate, Saying(body.by or key_id, body.reason.strip(), self._clock()))
        return self.history(body.kind, body.id)

    def withdraw(self, query: WithdrawQuery, key_id: str) -> Shown:
        """What an admin said no longer holds. Again: nothing. NotFoundError: there is no such object."""
        entry = self._find(query.kind, query.id)
        self._ledger.withdraw(entry, Saying(query.by or key_id, query.reason.strip(), self._clock()))
        return self.history(query.kind, query.id)

    def history(self, kind: str, object_id: str) -> Shown:
        """Whose an object is, and what admins said about it. NotFoundError."""
        entry = self._find(kind, object_id)
        return {
            "kind": entry.kind.value,
            "id": entry.id,
            "name": entry.name,
            "attribution": _attribution(entry.attribution),
            "history": [_word(word) for word in self._ledger.words(entry)],
        }

    def _look(self) -> tuple[str, Mapping[Key, Entry]]:
        store, entries = self._ledger.snapshot()
        return _measured_at(measured(store)), entries

    def _find(self, kind: str, object_id: str) -> Entry:
        _, entries = self._look()
        entry = entries.get((ObjectKind(kind), object_id))
        if entry is None:
            raise _not_there(kind, object_id)
        return entry

    def _name_of(self, uid: int) -> str | None:
        known = self._names.names_of(QuotaType.USER, [uid])
        if uid not in known.by_id:
            raise BackendError("The host's user database does not say who that is.", retry_after_seconds=30)
        return known.by_id[uid]


def _measured_at(store: Store) -> str:
    return iso_utc(store.measured_at or store.asked_at)


def _not_there(kind: str, object_id: str) -> NotFoundError:
    fault = FieldFault("id", object_id[:80], f"the id of a {kind} that is there")
    return NotFoundError(f"There is no such {kind}.", fields=[fault])


def _of_kind(entries: Mapping[Key, Entry], kind: ObjectKind) -> list[Entry]:
    return sorted((each for each in entries.values() if each.kind is kind), key=lambda each: (-each.bytes, each.id))


def _chains(entries: Mapping[Key, Entry]) -> Mapping[str, Sequence[str]]:
    """The layers of each image, by chain id."""
    return {each.id: chain_ids(each.facts["layers"]) for each in entries.values() if each.kind is ObjectKind.IMAGE}


def _images(entries: Mapping[Key, Entry], at: str) -> list[Shown]:
    chains = _chains(entries)
    having = Counter(chain for its in chains.values() for chain in its)
    used_by = Counter(each.facts["image_id"] for each in _of_kind(entries, ObjectKind.CONTAINER))
    sizes = {entry.id: entry.bytes for entry in _of_kind(entries, ObjectKind.LAYER)}
    shown = [
        {
            **_shown(image, at),
            "bytes": sum(sizes.get(chain, 0) for chain in chains[image.id]),
            "tags": image.facts["tags"],
            "unshared_bytes": sum(sizes.get(chain, 0) for chain in chains[image.id] if having[chain] == 1),
            "containers": used_by[image.id],
        }
        for image in _of_kind(entries, ObjectKind.IMAGE)
    ]
    return sorted(shown, key=_largest_first)


def _largest_first(shown: Shown) -> tuple[int, str]:
    return -shown["bytes"], shown["id"]


def _shown(entry: Entry, measured_at: str) -> Shown:
    return {
        "id": entry.id,
        "name": entry.name,
        "created_at": _instant(entry.created_ns or entry.facts.get("created_ns")),
        "bytes": entry.bytes,
        "measured_at": measured_at,
        "attribution": _attribution(entry.attribution),
    }


def _use(entry: Entry) -> Shown:
    """Of a record of the build cache; all null as long as the engine did not tell of it."""
    facts = entry.facts
    return {
        "last_used_at": _instant(facts.get("last_used_ns")),
        "in_use": facts.get("in_use"),
        "shared": facts.get("shared"),
        "usage_count": facts.get("usage_count"),
    }


def _instant(nanoseconds: int | None) -> str | None:
    return iso_utc(_EPOCH + timedelta(microseconds=nanoseconds // 1000)) if nanoseconds else None


def _attribution(its: Attribution) -> Shown:
    return {
        "uid": its.uid,
        "user": its.user,
        "method": its.method.value,
        "certainty": its.certainty.value,
        "candidates": [{"uid": each.uid, "user": each.user} for each in its.candidates],
    }


def _word(word: Word) -> Shown:
    return {
        "at": iso_utc(word.saying.at),
        "by": word.saying.by,
        "action": "withdrawn" if word.is_withdrawn else "set",
        "uid": word.candidate.uid if word.candidate else None,
        "user": word.candidate.user if word.candidate else None,
        "reason": word.saying.reason,
        "before": _attribution(word.before),
    }
