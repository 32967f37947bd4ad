"""What a mock host has in Docker's store: made up, and kept in the ledger like what is real.

Shares are those of the mock host's device: alice 6 GiB, bob 8, charlie 5.75, and 2 nobody's.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from threading import Event
from typing import Any

from app.db.repositories.docker_ledger import DockerLedgerRepository
from app.docker_quota.accounting import Figures, chain_ids
from app.docker_quota.entries import Entry
from app.docker_quota.ledger import Holder, Ledger, Turn, measured_store
from app.docker_quota.objects import CacheRecord, Container, EngineInfo, Flavour, ObjectKind, Store
from app.docker_quota.values import UNKNOWN, Attribution, Candidate, Certainty, Method
from app.docker_quota.words import Saying
from app.quota.clock import Clock
from app.quota.units import GIB, MIB

RENEWED_SECONDS = 60.0
_INFO = EngineInfo(Flavour.DOCKER, "20.10.24", Store.LAYERDB, "overlay2", "/var/lib/docker")
_TOTAL = 100 * GIB
_OVERHEAD = 256 * MIB
_DELETED_AND_OPEN = 320 * MIB
_CREATED_NS = 1_795_000_000 * 10**9
_HOUR_NS = 3600 * 10**9
_ALICE, _BOB, _CHARLIE = Candidate(1000, "alice"), Candidate(1001, "bob"), Candidate(1002, "charlie")
_OF_ALICE = Attribution.of(_ALICE, Method.PROXY, Certainty.CERTAIN)
_OF_BOB = Attribution.of(_BOB, Method.LABEL, Certainty.CLAIMED)
_OF_CHARLIE = Attribution.of(_CHARLIE, Method.PROXY, Certainty.CERTAIN)
_PERHAPS_CHARLIE = Attribution.of(_CHARLIE, Method.AUDIT, Certainty.PROBABLE)
_ALICE_OR_BOB = Attribution(None, None, Method.AUDIT, Certainty.AMBIGUOUS, (_ALICE, _BOB))
_CACHE = {"pip1t0rch0whe3l0cach3000a": (512 * MIB, _ALICE), "n0de0m0du1e5cach3000000c": (768 * MIB, _CHARLIE)}


def _layer(name: str) -> str:
    return "sha256:" + name.encode().hex().ljust(64, "0")


_UBUNTU, _TORCH, _FLOW, _SQL, _OLD = map(_layer, ("ubuntu", "torch", "flow", "sql", "old"))
_PYTORCH, _TENSORFLOW, _POSTGRES, _UNTAGGED = map(_layer, ("pytorch", "tensorflow", "postgres", "untagged"))


class MockDocker:
    """The store of a mock host: `Rounds` that keep it in the ledger, and its engine when one object is asked for."""

    def __init__(self, ledger: Ledger, clock: Clock, holder: Holder) -> None:
        self._ledger = ledger
        self._clock = clock
        self._holder = holder

    def run(self, stopped: Event) -> None:
        """Keeps it, as of now, every minute until it is told to stop."""
        while not stopped.is_set():
            self.put()
            stopped.wait(RENEWED_SECONDS)

    def put(self) -> None:
        """Keeps it as of now. The first time an admin has said already whose the build cache is."""
        now, seen = self._clock(), self._ledger.find_store()
        known = self._ledger.entries(gone_too=True)
        entries = {entry.key: _as_left(entry, known.get(entry.key)) for entry in _entries()}
        entries = {key: entry for key, entry in entries.items() if entry.gone_at is None}
        used = sum(entry.bytes for entry in entries.values()) + _OVERHEAD
        figures = Figures(used, _TOTAL - used, _OVERHEAD, used + _DELETED_AND_OPEN)
        is_kept = self._ledger.put(Turn(self._holder, seen), measured_store(_INFO, figures, now), _INFO, entries, now)
        if is_kept and seen is None:
            for name, (_, candidate) in _CACHE.items():
                saying = Saying(_CHARLIE.user or "", "by the paths in its records", now)
                self._ledger.override(entries[ObjectKind.CACHE, name], candidate, saying)


def _as_left(entry: Entry, known: Entry | None) -> Entry:
    """What enforcement did to a container of it stays done."""
    if known is None or entry.kind is not ObjectKind.CONTAINER:
        return entry
    return replace(entry, facts={**entry.facts, "state": known.facts["state"]}, gone_at=known.gone_at)


class MockEngine:
    """What enforcement asks of an engine, of a store that is made up: what it does stands in the ledger."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    def list_containers(self) -> Sequence[Container]:
        """See `Engine`."""
        return [
            Container(
                entry.id,
                entry.name,
                entry.facts["image"],
                entry.facts["image_id"],
                entry.facts["state"],
                entry.created_ns // 10**9,
                {},
                (),
            )
            for entry in self._ledger.entries().values()
            if entry.kind is ObjectKind.CONTAINER
        ]

    def stop_container(self, container_id: str, timeout_seconds: int) -> bool:  # noqa: ARG002 - it ends at once
        """See `Engine`."""
        with self._ledger.database.write() as connection:
            rows = DockerLedgerRepository(connection)
            found = [row for row in rows.objects() if (row.kind, row.id) == (ObjectKind.CONTAINER, container_id)]
            rows.put_objects(
                row._replace(facts=json.dumps({**json.loads(row.facts), "state": "exited"})) for row in found
            )
        return bool(found)

    def remove_container(self, container_id: str) -> bool:
        """See `Engine`."""
        key = (ObjectKind.CONTAINER, container_id)
        with self._ledger.database.write() as connection:
            rows = DockerLedgerRepository(connection)
            is_there = key in {(row.kind, row.id) for row in rows.objects()}
            rows.mark_gone([(ObjectKind.CONTAINER.value, container_id)], self._clock())
        return is_there


class MockInspector:
    """Tells of an object what the ledger has."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def inspect(self, kind: str, object_id: str) -> Mapping[str, Any] | None:
        """See `Engine`."""
        entry = self._ledger.entries().get((ObjectKind(kind), object_id))
        if entry is None:
            return None
        shown = {each: entry.facts[each] for each in ("image", "state", "tags", "layers") if each in entry.facts}
        return {"labels": {}, "id": entry.id, "name": entry.name, **shown}


def _entries() -> Iterator[Entry]:
    yield from _containers()
    yield from _images()
    for name, size, mounter, its in (
        ("alice-notebooks", 1536 * MIB, "jupyter", _OF_ALICE.inherited(Method.MOUNT)),
        ("bob-data", GIB, "train-7", _OF_BOB.inherited(Method.MOUNT)),
        ("charlie-db", GIB, "postgres", _OF_CHARLIE.inherited(Method.MOUNT)),
        ("scratch", 512 * MIB, None, UNKNOWN),
    ):
        facts = {"anonymous": False, "first_mount": mounter and _container_id(mounter)}
        yield Entry(ObjectKind.VOLUME, name, name, _CREATED_NS, None, size, facts=facts, attribution=its)
    for name, (size, _) in _CACHE.items():
        facts = CacheRecord(
            _CREATED_NS, _CREATED_NS + 6 * _HOUR_NS, in_use=False, shared=False, usage_count=3
        )._asdict()
        yield Entry(ObjectKind.CACHE, name, name, 0, None, size, facts=facts)


def _containers() -> Iterator[Entry]:
    for hours, (name, size, image, image_id, state, volume, its) in enumerate(
        (
            ("jupyter", GIB, "pytorch:2.9", _PYTORCH, "running", "alice-notebooks", _OF_ALICE),
            ("train-6", 512 * MIB, "tensorflow:2.20", _TENSORFLOW, "exited", "bob-data", _OF_BOB),
            ("train-7", 1536 * MIB, "tensorflow:2.20", _TENSORFLOW, "running", "bob-data", _OF_BOB),
            ("postgres", GIB, "postgres:17", _POSTGRES, "running", "charlie-db", _OF_CHARLIE),
            ("web", GIB, "postgres:17", _POSTGRES, "running", None, _PERHAPS_CHARLIE),
            ("build-tmp", 512 * MIB, _UNTAGGED, _UNTAGGED, "exited", None, _ALICE_OR_BOB),
        )
    ):
        facts = {
            "image": image,
            "image_id": image_id,
            "state": state,
            "auto_remove": False,
            "volumes": [volume] if volume else [],
        }
        created_ns, its_id = _CREATED_NS + hours * _HOUR_NS, _container_id(name)
        yield Entry(ObjectKind.CONTAINER, its_id, name, created_ns, None, size, 64 * MIB, facts, its)


def _container_id(name: str) -> str:
    return name.encode().hex().ljust(64, "0")


def _images() -> Iterator[Entry]:
    """And their layers. The lowest one of alice's image is bob's too: it counts once, for who brought it."""
    sizes = {_UBUNTU: 512 * MIB, _TORCH: 2560 * MIB, _FLOW: 5 * GIB, _SQL: 2 * GIB, _OLD: 768 * MIB}
    seen: set[str] = set()
    for its_id, tags, layers, its in (
        (_PYTORCH, ["pytorch:2.9"], [_UBUNTU, _TORCH], _OF_ALICE),
        (_TENSORFLOW, ["tensorflow:2.20"], [_UBUNTU, _FLOW], _OF_BOB),
        (_POSTGRES, ["postgres:17"], [_SQL], _OF_CHARLIE),
        (_UNTAGGED, [], [_OLD], UNKNOWN),
    ):
        facts = {"tags": tags, "layers": layers, "untagged_at_first": not tags}
        yield Entry(ObjectKind.IMAGE, its_id, (tags or [its_id])[0], _CREATED_NS, None, facts=facts, attribution=its)
        for diff_id, chain in zip(layers, chain_ids(layers), strict=True):
            if chain not in seen:
                seen.add(chain)
                of_layer = its.inherited(Method.LAYER)
                size, what = sizes[diff_id], {"diff_id": diff_id}
                yield Entry(ObjectKind.LAYER, chain, chain, 0, None, size, facts=what, attribution=of_layer)
