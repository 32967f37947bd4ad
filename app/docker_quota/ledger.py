"""The ledger of the Docker device, in the slave's database: written by one job, read by every request."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from app.db.engine import Database
from app.db.repositories.docker_enforcement import DockerEnforcementRepository
from app.db.repositories.docker_ledger import DockerLedgerRepository, StoredStore
from app.db.repositories.docker_words import DockerWordRepository
from app.db.repositories.leases import LeaseRepository
from app.docker_quota.accounting import Account, Figures, Holding, account
from app.docker_quota.entries import Entry, Key, from_row, to_row
from app.docker_quota.objects import EngineDown, EngineInfo, ObjectKind
from app.docker_quota.values import Attribution, Candidate
from app.docker_quota.words import Overrides, Saying, Word, as_said, before_words, overrides_of, say, withdraw, word_of
from app.quota.errors import DeviceUnavailableError
from app.quota.values import Limits

LEASE = "docker_ledger"
OK = "ok"
REMEMBERED = timedelta(days=30)
"""How long an object that is gone is known, should it come back: a disk that was not mounted when dockerd started."""
NOTHING = Figures(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Store:
    """The store when it was last measured, and how its engine answered last (`state` is `ok`, or why it does not).

    `measured_at` is None before the first time; figures are nothing then.
    """

    state: str
    detail: str
    asked_at: datetime
    measured_at: datetime | None = None
    figures: Figures = NOTHING
    data_root: str = ""
    driver: str = ""
    version: str = ""
    estimated: bool = False
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Holder:
    """Who keeps the ledger: only who holds the lease may write."""

    name: str
    duration: timedelta


class Turn(NamedTuple):
    """A look: who takes it, and the store as it stood in the ledger when it began.

    Where that is another by now, somebody else has looked since, whoever holds the lease; clocks are not asked.
    """

    holder: Holder
    seen: Store | None


class Change(NamedTuple):
    """What changes the ledger, or makes it old, without an event of the engine that comes after it."""

    word: int
    removed_at: datetime | None


class Ledger:
    """The ledger in this database. DatabaseUnavailableError and NoSpaceError from every method."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def find_store(self) -> Store | None:
        """The store; None before anybody looked at its engine."""
        with self.database.read() as connection:
            row = DockerLedgerRepository(connection).find_store()
        return None if row is None else _store(row)

    def entries(self, *, gone_too: bool = False) -> Mapping[Key, Entry]:
        """The objects that are there; with `gone_too` also those remembered."""
        with self.database.read() as connection:
            return _entries(DockerLedgerRepository(connection), gone_too=gone_too)

    def snapshot(self, *, gone_too: bool = False) -> tuple[Store | None, Mapping[Key, Entry]]:
        """The store and the objects that are there, with `gone_too` also those remembered, as of one moment."""
        with self.database.read() as connection:
            rows = DockerLedgerRepository(connection)
            row, entries = rows.find_store(), _entries(rows, gone_too=gone_too)
        return None if row is None else _store(row), entries

    def account(self) -> tuple[Store | None, Account, Mapping[int, Limits]]:
        """The store, who has how much of it, and the limits by uid, as of one moment."""
        with self.database.read() as connection:
            rows = DockerLedgerRepository(connection)
            row, entries, limits = rows.find_store(), _entries(rows), rows.limits()
        holdings = [Holding(each.kind, each.bytes, each.attribution) for each in entries.values()]
        by_uid = {uid: Limits(soft, hard) for uid, (soft, hard) in limits.items()}
        store = None if row is None else _store(row)
        return store, account(holdings, store.figures.overhead if store else 0), by_uid

    def overrides(self) -> Overrides:
        """An admin's word by kind, id and second of creation; None: it is nobody's."""
        with self.database.read() as connection:
            return overrides_of(DockerLedgerRepository(connection).overrides())

    def override(self, entry: Entry, candidate: Candidate | None, saying: Saying) -> None:
        """Keeps an admin's word on the object, with what stood before. It counts at once; the same again is nothing."""
        with self.database.write() as connection:
            say(DockerLedgerRepository(connection), DockerWordRepository(connection), entry, candidate, saying)

    def withdraw(self, entry: Entry, saying: Saying) -> None:
        """What an admin said about the object no longer holds; what stood before does. Or nothing was said: nothing."""
        with self.database.write() as connection:
            withdraw(DockerLedgerRepository(connection), DockerWordRepository(connection), entry, saying)

    def words(self, entry: Entry) -> Sequence[Word]:
        """All that admins said about this very object, in order."""
        with self.database.read() as connection:
            rows = DockerWordRepository(connection).of_object(entry.kind.value, entry.id)
        return [word_of(row) for row in rows if row.created_ns == entry.created_ns]

    def newest_change(self) -> Change:
        """Another one than before: an admin said something since, or enforcement removed something."""
        with self.database.read() as connection:
            removed_at = DockerEnforcementRepository(connection).newest_removal()
            return Change(DockerWordRepository(connection).newest(), removed_at)

    def before_words(self, kind: ObjectKind) -> Mapping[tuple[str, int], Attribution]:
        """What was known of objects, by id and creation, before admins said whose they are."""
        with self.database.read() as connection:
            return before_words(DockerWordRepository(connection).of_kind(kind.value))

    def set_limits(self, uid: int, limits: Limits) -> None:
        """Keeps the limits of blocks, in bytes."""
        with self.database.write() as connection:
            DockerLedgerRepository(connection).put_limits(uid, limits.soft, limits.hard)

    def acquire(self, holder: Holder, now: datetime) -> bool:
        """Takes or renews the lease; False while it is another's."""
        with self.database.write() as connection:
            return LeaseRepository(connection).acquire(LEASE, holder.name, now, holder.duration)

    def release(self, holder: Holder) -> None:
        """Gives the lease up."""
        with self.database.write() as connection:
            LeaseRepository(connection).release(LEASE, holder.name)

    def put(self, turn: Turn, store: Store, info: EngineInfo, entries: Mapping[Key, Entry], now: datetime) -> bool:
        """Keeps a full look; what it lacks is gone. False, and nothing is kept: its turn is over."""
        with self.database.write() as connection:
            rows = DockerLedgerRepository(connection)
            if not _may_write(LeaseRepository(connection), rows, turn, now):
                return False
            stored = {(row.kind, row.id): row for row in rows.objects(gone_too=True)}
            new = {(entry.kind.value, entry.id): to_row(entry) for entry in entries.values()}
            rows.put_objects(row for key, row in new.items() if stored.get(key) != row)
            rows.mark_gone((key for key, row in stored.items() if key not in new and row.gone_at is None), now)
            rows.forget_gone(now - REMEMBERED)
            rows.put_store(_row(store, info))
        return True

    def put_down(self, turn: Turn, down: EngineDown, now: datetime) -> bool:
        """Keeps that the engine does not answer, and changes nothing else. False: its turn is over."""
        with self.database.write() as connection:
            rows = DockerLedgerRepository(connection)
            if not _may_write(LeaseRepository(connection), rows, turn, now):
                return False
            last = rows.find_store() or StoredStore("", "", now, "{}", None, 0, 0, 0, None)
            rows.put_store(last._replace(state=down.state.value, detail=down.detail, asked_at=now))
        return True


def _may_write(leases: LeaseRepository, rows: DockerLedgerRepository, turn: Turn, now: datetime) -> bool:
    holder = turn.holder
    if not leases.acquire(LEASE, holder.name, now, holder.duration):
        return False
    row = rows.find_store()  # after the lease: writers at once wait for each other there
    return (None if row is None else _store(row)) == turn.seen


def measured_store(info: EngineInfo, figures: Figures, now: datetime) -> Store:
    """The store as it was just measured."""
    return Store(OK, "", now, now, figures, info.data_root, info.driver, info.version, info.estimated, info.lacks)


def measured(store: Store | None) -> Store:
    """The store, where it was ever measured. DeviceUnavailableError: it was not yet."""
    if store is None:
        raise DeviceUnavailableError("Docker's store was not measured yet.", retry_after_seconds=10)
    if store.measured_at is None:
        why = "" if store.state == OK else f": {store.detail}"
        raise DeviceUnavailableError(f"Docker's store was never measured{why}", retry_after_seconds=30)
    return store


def _entries(rows: DockerLedgerRepository, *, gone_too: bool = False) -> Mapping[Key, Entry]:
    stored = map(from_row, rows.objects(gone_too=gone_too))
    return {entry.key: entry for entry in as_said(stored, overrides_of(rows.overrides()))}


def _row(store: Store, info: EngineInfo) -> StoredStore:
    engine = {
        "data_root": info.data_root,
        "driver": info.driver,
        "version": info.version,
        "estimated": info.estimated,
        "lacks": list(info.lacks),
    }
    figures = store.figures
    return StoredStore(
        store.state,
        store.detail,
        store.asked_at,
        json.dumps(engine),
        store.measured_at,
        figures.used,
        figures.free,
        figures.overhead,
        figures.filesystem_used,
    )


def _store(row: StoredStore) -> Store:
    engine = json.loads(row.engine)
    figures = Figures(row.used, row.free, row.overhead, row.filesystem_used)
    store = Store(row.state, row.detail, row.asked_at, row.measured_at, figures)
    return replace(store, **{**engine, "lacks": tuple(engine["lacks"])}) if engine else store
