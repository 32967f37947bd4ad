"""Rounds of enforcement on a ledger that is kept of a fake engine."""

import json
from pathlib import Path
from typing import Any

from app.bootstrap.enforcement import enforcement_round
from app.db.engine import Database
from app.db.repositories.docker_enforcement import DockerOutboxRepository
from app.db.repositories.docker_journal import DockerJournalRepository, JournalEntry
from app.docker_quota.audited import NamesOf
from app.docker_quota.enforcement.round import EnforcementRound
from app.docker_quota.objects import Engine
from app.quota.clock import utc_now
from app.quota.values import Limits
from app.settings.slave import SlaveSettings
from tests.fakes.docker_ledger import KeptLedger, names_of
from tests.fakes.slave_app import slave_settings

ALICE, BOB = 1000, 1001
GRACE, REMOVE_GRACE = 900, 86_400


def events_of(database: Database, state: str | None = None) -> list[dict[str, Any]]:
    """In the order in which they were told."""
    with database.read() as connection:
        rows = DockerOutboxRepository(connection).events(state, most=1000)
    return [json.loads(row.body) for row in rows]


def told(database: Database) -> list[tuple[str, str | None]]:
    """Type and container of each event."""
    return [
        (event["type"].removeprefix("docker."), event["container"] and event["container"]["name"])
        for event in events_of(database)
    ]


def by_root(database: Database, container_id: str, uid: int = 1000, user: str = "alice") -> None:
    """Notes, as the proxy does, that root created a container for somebody."""
    entry = JournalEntry("container", container_id, uid, user, 0, uid, 1, None, utc_now(), utc_now())
    with database.write() as connection:
        DockerJournalRepository(connection).append([entry])


class KilledError(BaseException):
    """What a round sees of its own end."""


class KillingEngine:
    """An engine in front of which the round is killed: before it stops or removes something, or right after it did."""

    def __init__(self, engine: Engine, *, before: bool) -> None:
        self._engine, self._before = engine, before

    def __getattr__(self, name: str) -> object:
        return getattr(self._engine, name)

    def stop_container(self, container_id: str, timeout_seconds: int) -> bool:
        if not self._before:
            self._engine.stop_container(container_id, timeout_seconds)
        raise KilledError

    def remove_container(self, container_id: str) -> bool:
        if not self._before:
            self._engine.remove_container(container_id)
        raise KilledError


class Enforced:
    """A fake engine with its ledger, and the rounds that enforce limits of 1,500 bytes for alice and bob."""

    def __init__(self, directory: Path, database: Database | None = None, **settings: Any) -> None:
        self.kept = KeptLedger(directory, database=database)
        self.engine, self.database, self.clock = self.kept.engine, self.kept.database, self.kept.clock
        self.names_of: NamesOf = names_of
        self.settings: SlaveSettings = slave_settings(**settings)
        for uid in (ALICE, BOB):
            self.kept.ledger.set_limits(uid, Limits(None, 1500))
        assert self.kept.look() == "ok"

    def container(self, name: str, user: str = "alice", state: str = "running", **labels: str) -> str:
        """A container of 1,000 bytes."""
        its = self.engine.add_container(name, labels={"qman.user": user, **labels})
        return self.engine.run(its, state)

    def round(self, engine: Engine | None = None) -> EnforcementRound:
        return enforcement_round(self.settings, self.database, engine or self.engine, self.names_of, self.clock)

    def after(self, seconds: float) -> str:
        """A look so many seconds later, and a round."""
        self.clock.advance(seconds)
        assert self.kept.look() == "ok"
        return self.round().run()

    def warned(self, *names: str) -> None:
        """Alice gets these containers, and is warned in this moment; the first round is over then."""
        for name in names:
            self.container(name)
        assert self.after(0) == "ok"
        assert self.told == [("warned", None)]

    def due(self, *names: str) -> None:
        """As `warned`, and then her grace is over: the next round has something to do."""
        self.warned(*names)
        self.clock.advance(GRACE)
        self.kept.look()

    @property
    def told(self) -> list[tuple[str, str | None]]:
        return told(self.database)
