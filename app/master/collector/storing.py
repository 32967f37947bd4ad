"""Stores what readings brought, many in one transaction. Only what changed is written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from app.db.engine import Database
from app.db.errors import DatabaseUnavailableError, NoSpaceError
from app.db.repositories.audit import AuditRepository
from app.db.repositories.change_sets import ChangeSetRepository
from app.db.repositories.schedule import Claim, Contents, Failure, HeldHost, ScheduleRepository, Success
from app.db.repositories.snapshots import SnapshotRepository
from app.master.changes.settling import Settling
from app.master.collector.pace import Pace
from app.master.collector.slave_client import FetchError
from app.master.collector.snapshot_writer import Snapshot, newer_than_ours
from app.master.fleet import Fleet
from app.quota.clock import Clock

log = structlog.get_logger(__name__)

NOT_STORABLE = FetchError("garbage", "The host answered with figures that cannot be stored.")


@dataclass(frozen=True, slots=True)
class Answer:
    """A slave's answer; `snapshot` None: nothing has changed since the last one."""

    snapshot: Snapshot | None
    etag: str | None
    version: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the reading of a claimed host went; `result` None: it was not read."""

    claim: Claim
    begun_at: datetime
    result: Answer | FetchError | None


class Storing:
    """Writes outcomes of readings to the database."""

    def __init__(self, database: Database, fleet: Fleet, clock: Clock, pace: Pace) -> None:
        self._database = database
        self._fleet = fleet
        self._clock = clock
        self._pace = pace

    def store(self, outcomes: Sequence[Outcome]) -> None:
        """Stores them in one transaction; where that fails, each in its own, so that none takes others along."""
        if not outcomes:
            return
        try:
            self._store(outcomes)
        except (NoSpaceError, DatabaseUnavailableError) as error:
            log.warning("readings_not_stored", hosts=len(outcomes), reason=error.code)
        except Exception:
            if len(outcomes) > 1:
                for outcome in outcomes:
                    self.store([outcome])
                return
            host_id = outcomes[0].claim.host_id
            log.exception("reading_not_stored", host=host_id)
            if outcomes[0].result is not NOT_STORABLE:
                self.store([Outcome(outcomes[0].claim, outcomes[0].begun_at, NOT_STORABLE)])

    def _store(self, outcomes: Sequence[Outcome]) -> None:
        """A claim that does not stand any more stores nothing: somebody else reads the host."""
        hosts = len(self._fleet.entries)
        with self._database.write() as connection:
            schedule, snapshots = ScheduleRepository(connection), SnapshotRepository(connection)
            held = schedule.held(outcome.claim for outcome in outcomes)
            now = self._clock()  # no earlier than a change that was waited for
            mine = [(held[outcome.claim.host_id], outcome) for outcome in outcomes if outcome.claim.host_id in held]
            settled = [(host, each) for host, each in mine if each.result and not _is_outdated(host, each, now)]
            schedule.record_failures(self._failures(settled))
            schedule.record_contents(_contents(settled, snapshots))
            schedule.record_successes(self._successes(settled, hosts))
            settling = Settling(AuditRepository(connection), ChangeSetRepository(connection), snapshots)
            settling.settle_unknown(_good_readings(settled), now)
            done = {each.claim for _, each in settled}
            schedule.give_back(each.claim for _, each in mine if each.claim not in done)

    def _failures(self, settled: Iterable[tuple[HeldHost, Outcome]]) -> Iterable[Failure]:
        for host, outcome in settled:
            if isinstance(error := outcome.result, FetchError):
                due_at = self._pace.after_failure(outcome.begun_at, host.failures + 1)
                yield Failure(host.id, outcome.begun_at, due_at, host.failures + 1, error.code, error.detail)

    def _successes(self, settled: Iterable[tuple[HeldHost, Outcome]], hosts: int) -> Iterable[Success]:
        for host, outcome in settled:
            if isinstance(answer := outcome.result, Answer):
                fullest = host.fullest if answer.snapshot is None else answer.snapshot.fullest
                due_at = self._pace.after_success(outcome.begun_at, host.next_due_at, fullest, hosts)
                yield Success(host.id, outcome.begun_at, due_at, answer.etag, answer.version)


def _contents(settled: Iterable[tuple[HeldHost, Outcome]], snapshots: SnapshotRepository) -> Iterable[Contents]:
    given = {
        host.id: newer_than_ours(outcome.result.snapshot, host, snapshots)
        for host, outcome in settled
        if isinstance(outcome.result, Answer) and outcome.result.snapshot is not None
    }
    changed = snapshots.store_many({host_id: (each.devices, each.quotas) for host_id, each in given.items()})
    return [Contents(host_id, len(each.devices), each.fullest, host_id in changed) for host_id, each in given.items()]


def _good_readings(settled: Iterable[tuple[HeldHost, Outcome]]) -> dict[str, datetime]:
    return {host.id: outcome.begun_at for host, outcome in settled if isinstance(outcome.result, Answer)}


def _is_outdated(host: HeldHost, outcome: Outcome, now: datetime) -> bool:
    """A limit was changed there since the reading began: it may show the state before.

    A change later than now says nothing: the clock was set back since.
    """
    return host.changed_at is not None and outcome.begun_at <= host.changed_at <= now
