"""What enforcement keeps in the slave's database, each method one transaction under the lease of who acts."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from app.db.engine import Database
from app.db.repositories.docker_enforcement import (
    DockerEnforcementRepository,
    DockerOutboxRepository,
    StoredDecision,
    StoredEvent,
    StoredStanding,
)
from app.db.repositories.leases import LeaseRepository
from app.docker_quota.enforcement.events import Told, as_event
from app.docker_quota.enforcement.values import Case, Kind, Mark, Marked, Memory, Standing, Step
from app.docker_quota.ledger import Holder

LEASE = "docker_enforcement"
BETWEEN_DEEDS = timedelta(seconds=10)
"""How long the lease lasts while nothing is being done: who lost it finds out before the next deed."""
REMEMBERED = timedelta(days=90)
"""How long events are kept, delivered or not."""


class LeaseLostError(Exception):
    """Another round has the lease by now, or had it since: nothing was written, and what is known here is old."""


class _Tables(NamedTuple):
    rows: DockerEnforcementRepository
    outbox: DockerOutboxRepository


@dataclass(frozen=True, slots=True)
class Decision:
    """Something that a round decided to do to a container, and recorded before."""

    container_id: str
    kind: Kind
    uid: int
    event_id: str


class EnforcementBook:
    """Whoever holds the lease writes. DatabaseUnavailableError and NoSpaceError from every method.

    `holder` has the name of this round, and the time that a deed takes at most.
    """

    def __init__(self, database: Database, host_id: str, holder: Holder, *, dry_run: bool) -> None:
        self._database = database
        self._host_id = host_id
        self._holder = holder
        self._dry_run = dry_run

    def acquire(self, now: datetime) -> bool:
        """Takes the lease; False while another round is at work, or one that was killed might be."""
        with self._database.write() as connection:
            return LeaseRepository(connection).acquire(LEASE, self._holder.name, now, BETWEEN_DEEDS)

    def release(self) -> None:
        """Gives the lease up."""
        with self._database.write() as connection:
            LeaseRepository(connection).release(LEASE, self._holder.name)

    def open_decisions(self) -> Sequence[Decision]:
        """What was decided and not seen to be done: a round ended in between."""
        with self._database.read() as connection:
            rows = DockerEnforcementRepository(connection).decisions()
        return [Decision(row.container_id, Kind(row.step), row.uid, row.event_id) for row in rows if not row.done_at]

    def memories(self) -> Mapping[int, Memory]:
        """What earlier rounds left, by uid, of those who are or were above; a dry run sees dry runs alone."""
        with self._database.read() as connection:
            rows = DockerEnforcementRepository(connection)
            standings, decisions = rows.standings(), rows.decisions()
        marks: dict[int, dict[str, list[Marked]]] = {}
        for row in decisions:
            if row.dry_run == self._dry_run and row.done_at is not None:
                its = marks.setdefault(row.uid, {}).setdefault(row.container_id, [])
                its.append(Marked(Mark(row.step), row.decided_at))
        by_uid = {row.uid: _standing(row) for row in standings if row.dry_run == self._dry_run}
        return {uid: Memory(by_uid.get(uid), marks.get(uid, {})) for uid in {*by_uid, *marks}}

    def note(self, case: Case, memory: Memory, step: Step, now: datetime) -> None:
        """Keeps a step that touches nothing, with its event. LeaseLostError."""
        event = as_event(Told(self._host_id, now, dry_run=self._dry_run), case, step)
        with self._writing(now, BETWEEN_DEEDS) as (rows, outbox):
            if step.kind is Kind.WARN:
                rows.put_standing(StoredStanding(case.uid, self._dry_run, now, None, is_exhausted=False))
            elif step.kind in {Kind.BACK_BELOW, Kind.FORGET}:
                rows.remove_standing(case.uid)
            elif step.container is not None:
                rows.put_decision(self._decision(case, step, event, now)._replace(done_at=now))
            else:
                its = memory.standing or Standing(now)
                rows.put_standing(StoredStanding(case.uid, self._dry_run, its.since, its.removed_at, is_exhausted=True))
            if step.kind is not Kind.FORGET:
                outbox.add(event)

    def begin(self, case: Case, step: Step, now: datetime) -> Decision:
        """Records a stop or a removal before it is done; the lease lasts until that is over. LeaseLostError."""
        event = as_event(Told(self._host_id, now, dry_run=self._dry_run), case, step)
        row = self._decision(case, step, event, now)
        with self._writing(now, self._holder.duration) as (rows, _):
            rows.put_decision(row)
        return Decision(row.container_id, Kind(row.step), row.uid, row.event_id)

    def finish(self, decision: Decision, now: datetime) -> None:
        """Records that it was done, with its event: once, however often it is called."""
        with self._database.write() as connection:
            rows = DockerEnforcementRepository(connection)
            found = [row for row in rows.decisions() if row.event_id == decision.event_id]
            if found and rows.settle(decision.event_id, now):
                rows.set_acted(decision.uid, now if decision.kind is Kind.REMOVE else None)
                state = "dry_run" if found[0].dry_run else "queued"
                event = StoredEvent(decision.event_id, found[0].event, found[0].decided_at, state)
                DockerOutboxRepository(connection).add(event)

    def drop(self, decision: Decision, now: datetime) -> None:
        """Forgets what is seen not to be done. LeaseLostError: another round may be doing it."""
        with self._writing(now, BETWEEN_DEEDS) as (rows, _):
            rows.drop(decision.event_id)

    def fail(self, decision: Decision, now: datetime) -> None:
        """Keeps that the engine would not. The decision stays open: it may yet be seen to be done."""
        mark = (decision.container_id, Mark.FAILED.value, self._dry_run, decision.uid, "", "")
        with self._database.write() as connection:
            DockerEnforcementRepository(connection).put_decision(StoredDecision(*mark, decided_at=now, done_at=now))

    def tidy(self, listed: Collection[str], now: datetime) -> None:
        """Forgets what is over: containers that are gone, old events, and who stood there in the other mode."""
        with self._database.write() as connection:
            rows = DockerEnforcementRepository(connection)
            rows.remove_standings_of_mode(dry_run=not self._dry_run)
            settled = {row.container_id for row in rows.decisions() if row.done_at is not None}
            rows.forget_containers(settled - set(listed))
            DockerOutboxRepository(connection).forget(now - REMEMBERED)

    @contextmanager
    def _writing(self, now: datetime, duration: timedelta) -> Iterator[_Tables]:
        with self._database.write() as connection:
            if not LeaseRepository(connection).renew(LEASE, self._holder.name, now, duration):
                raise LeaseLostError
            yield _Tables(DockerEnforcementRepository(connection), DockerOutboxRepository(connection))

    def _decision(self, case: Case, step: Step, event: StoredEvent, now: datetime) -> StoredDecision:
        container_id = step.container.id if step.container else ""
        return StoredDecision(
            container_id, step.kind.value, self._dry_run, case.uid, event.id, event.body, now, done_at=None
        )


def _standing(row: StoredStanding) -> Standing:
    return Standing(row.since, row.removed_at, row.is_exhausted)
