"""A ledger that is kept of a real engine, by the turns of a test."""

import time
from datetime import timedelta

from app.bootstrap.docker import measure_at
from app.db.engine import Database
from app.docker_quota.attributing import Evidences
from app.docker_quota.backend import DockerBackend
from app.docker_quota.cache_book import CacheBook
from app.docker_quota.engine import SdkEngine
from app.docker_quota.entries import Entry
from app.docker_quota.keeping import LedgerKeeper
from app.docker_quota.ledger import Holder, Ledger
from app.docker_quota.objects import ObjectKind
from app.docker_quota.rounds import LedgerRounds
from app.quota.clock import utc_now
from app.quota.values import Quota, QuotaType
from tests.fakes.docker_ledger import names_of, uids_of
from tests.fakes.docker_rig import DockerRig

PATIENCE_SECONDS = 60


class RealLedger:
    """The ledger of the rig's engine, kept by the test's turns."""

    def __init__(self, database: Database, engine: SdkEngine, cache: CacheBook | None = None) -> None:
        """Where no `cache` is given the engine is asked about its build cache at each look, as no slave does."""
        self.ledger = Ledger(database)
        evidences = Evidences(database, uids_of, names_of, trust_labels=True)
        holder = Holder("the test", timedelta(seconds=60))
        cache = cache or CacheBook(engine, gap=lambda took: 0.0, patience_seconds=PATIENCE_SECONDS)
        keeper = LedgerKeeper(engine, measure_at(None, engine), self.ledger, evidences.gather, utc_now, holder, cache)
        self.rounds = LedgerRounds(engine, keeper)
        self.keeper = keeper
        self.backend = DockerBackend(self.ledger)

    def quota(self, uid: int) -> Quota:
        return self.backend.get_quota("docker", QuotaType.USER, uid)

    def entries(self, kind: ObjectKind) -> list[Entry]:
        return [entry for entry in self.ledger.entries().values() if entry.kind is kind]

    def turn_until_looked(self) -> str:
        ends = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < ends:
            if (outcome := self.rounds.turn(0.1)) is not None:
                return outcome
        raise AssertionError("nothing made it look")

    def assert_all_adds_up(self, rig: DockerRig) -> None:
        """To what du says, within 1 %."""
        usage, reference = self.backend.get_usage("docker"), rig.du()
        rows = self.backend.iter_quotas("docker", QuotaType.USER)
        assert usage.used == sum(row.block.used for row in rows) + (usage.unattributed or 0)
        assert abs(usage.used - reference) <= reference / 100
