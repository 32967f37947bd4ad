"""A ledger that is kept of a fake engine, with a store in memory."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from app.db.engine import Database
from app.db.repositories.docker_journal import DockerJournalRepository, JournalEntry
from app.docker_quota.accounting import chain_ids
from app.docker_quota.attributing import Evidences, UidsOf
from app.docker_quota.audited import AuditTrail, NamesOf
from app.docker_quota.cache_book import CacheBook
from app.docker_quota.entries import Entry, Key
from app.docker_quota.joining import Attribute
from app.docker_quota.keeping import LedgerKeeper
from app.docker_quota.ledger import Holder, Ledger
from app.docker_quota.objects import EngineInfo, Listing, ObjectKind
from app.docker_quota.store import ContainerSize, LayerSize, Measured
from tests.fakes.engines import FakeEngine
from tests.fakes.slave_app import SettableClock, empty_database

USERS: Mapping[str, int] = {"alice": 1000, "bob": 1001}
OVERHEAD = 7
EACH = 1000
"""What an object takes, unless a test says otherwise."""
FREE = 10**9


def uids_of(names: Collection[str]) -> Mapping[str, int | None]:
    return {name: USERS.get(name) for name in names}


def names_of(uids: Collection[int]) -> Mapping[int, str | None]:
    by_id = {uid: name for name, uid in USERS.items()}
    return {uid: by_id.get(uid) for uid in uids}


@dataclass
class FakeStore:
    """Has every object of the engine, in the sizes that the test gives, and `unlisted` bytes of containers besides."""

    engine: FakeEngine
    sizes: dict[str, int] = field(default_factory=dict)
    cache: dict[str, int] = field(default_factory=dict)
    snapshots: dict[str, str] = field(default_factory=dict)
    unlisted: int = 0
    filesystem_used: int | None = None

    def measure(self, info: EngineInfo) -> Measured:
        containers = {its: ContainerSize(self.size(its), 10) for its in self.engine.containers}
        if self.unlisted:
            containers["unlisted"] = ContainerSize(self.unlisted, 0)
        layers: dict[str, LayerSize] = {}
        for image in self.engine.images.values():
            for diff_id, chain in zip(image.layers, chain_ids(image.layers), strict=True):
                layers[chain] = LayerSize(diff_id, None, self.size(chain))
        volumes = {name: self.size(name) for name in self.engine.volumes}
        parts = [size.bytes for size in containers.values()] + [layer.bytes for layer in layers.values()]
        used = sum(parts) + sum(volumes.values()) + sum(self.cache.values()) + OVERHEAD
        cache = dict(self.cache)
        measured = Measured(used, FREE, OVERHEAD, containers, layers, volumes, cache, self.filesystem_used)
        return replace(measured, snapshots=dict(self.snapshots))

    def size(self, object_id: str) -> int:
        return self.sizes.get(object_id, EACH)


class KeptLedger:
    """A database, an engine, and who keeps the ledger of it."""

    def __init__(
        self,
        directory: Path,
        *,
        trust_labels: bool = True,
        database: Database | None = None,
        audit: AuditTrail | None = None,
        uids_of: UidsOf = uids_of,
        names_of: NamesOf = names_of,
    ) -> None:
        self.database = database or empty_database(directory)
        self.engine = FakeEngine()
        self.store = FakeStore(self.engine)
        self.clock = SettableClock()
        self.ledger = Ledger(self.database)
        self.meanwhile: Callable[[], object] = lambda: None
        """Called in the midst of a look, when it is known whose all is."""
        self.evidences = Evidences(
            self.database, uids_of, names_of, trust_labels=trust_labels, audit=audit, clock=self.clock
        )
        self.cache_book = CacheBook(self.engine, gap=lambda took: 0.0)

    def gather(self, listing: Listing, entries: Mapping[Key, Entry]) -> Attribute:
        attribute = self.evidences.gather(listing, entries)
        self.meanwhile()
        return attribute

    def keeper(self, name: str = "this one") -> LedgerKeeper:
        return LedgerKeeper(
            self.engine,
            self.store.measure,
            self.ledger,
            self.gather,
            self.clock,
            Holder(name, timedelta(seconds=20)),
            self.cache_book,
        )

    def look(self) -> str:
        """A look a second after the last."""
        self.clock.advance(1)
        return self.keeper().look()

    def entry(self, kind: ObjectKind, object_id: str) -> Entry:
        return self.ledger.entries()[kind, object_id]

    def owner(self, kind: ObjectKind, object_id: str) -> tuple[int | None, str, str]:
        its = self.entry(kind, object_id).attribution
        return its.uid, its.method.value, its.certainty.value

    def journal(
        self, kind: str, object_id: str, uid: int | None, at: datetime, user: str | None = None, seconds: float = 0.05
    ) -> None:
        """As the proxy notes what was asked for then, and answered so many seconds later."""
        name = user or (None if uid is None else names_of([uid])[uid])
        ended_at = at + timedelta(seconds=seconds)
        entry = JournalEntry(kind, object_id, uid, name, uid or 0, None, 1, None, at, ended_at)
        with self.database.write() as connection:
            DockerJournalRepository(connection).append([entry])
