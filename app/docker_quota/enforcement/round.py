"""A round of enforcement: who is above their hard limit is warned, has containers stopped, then removed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from app.docker_quota.enforcement.book import Decision, EnforcementBook, LeaseLostError
from app.docker_quota.enforcement.cases import Cases
from app.docker_quota.enforcement.policy import decide
from app.docker_quota.enforcement.values import RUNNING, Case, Kind, Memory, Rules, Step
from app.docker_quota.ledger import OK, Ledger, Store
from app.docker_quota.objects import Container, EngineDown, EngineState
from app.quota.clock import Clock
from app.quota.errors import BackendError

log = structlog.get_logger(__name__)

FRESH = timedelta(minutes=15)
"""Figures older than this are no reason to stop anything: the ledger is brought up to date every 5 minutes."""
ANSWER_TIME = timedelta(seconds=50)
"""What a stop and a removal take at most, besides the time that the container has to stop."""

BUSY = "busy"
LEASE_LOST = "lease_lost"
NOT_MEASURED = "not_measured"
ENGINE_DOWN = "engine_down"
NO_NAMES = "no_names"


class ContainerEngine(Protocol):
    """What a round needs of an `Engine`."""

    def list_containers(self) -> Sequence[Container] | EngineDown:
        """See `Engine`."""

    def stop_container(self, container_id: str, timeout_seconds: int) -> bool | EngineDown:
        """See `Engine`."""

    def remove_container(self, container_id: str) -> bool | EngineDown:
        """See `Engine`."""


class _EngineLostError(Exception):
    """Ends a round: what it was about stays open."""


@dataclass(frozen=True, slots=True)
class EnforcementRound:
    """One round at a time, however many workers there are: who holds the lease acts."""

    engine: ContainerEngine
    ledger: Ledger
    cases: Cases
    book: EnforcementBook
    rules: Rules
    clock: Clock

    def run(self) -> str:
        """`ok`, or why nothing was done: `busy`, `not_measured`, `engine_down`, `no_names`, `lease_lost`.

        What was decided is recorded before it is done, so that a round that is killed is taken up by the next.
        DatabaseUnavailableError, NoSpaceError: nothing that was not recorded was done.
        """
        if not self.book.acquire(self.clock()):
            return BUSY
        try:
            return self._hold()
        except LeaseLostError:
            return LEASE_LOST
        finally:
            self.book.release()

    def plan(self) -> Sequence[tuple[Case, Sequence[Step]]] | str:
        """What `run` would do now, by user, or why it would do nothing. Nothing is done, recorded or told.

        DatabaseUnavailableError.
        """
        listed = self._listed()
        found = listed if isinstance(listed, str) else self._cases(listed)
        if isinstance(found, str):
            return found
        planned = [(case, decide(case, memory, self.rules, self.clock())) for case, memory in found]
        return [(case, steps) for case, steps in planned if steps]

    def _hold(self) -> str:
        listed = self._listed()
        if isinstance(listed, str):
            return listed
        self._settle({each.id: each for each in listed})
        self.book.tidy([each.id for each in listed], self.clock())
        found = self._cases(listed)
        if isinstance(found, str):
            return found
        try:
            for case, memory in found:
                self._take(case, memory, decide(case, memory, self.rules, self.clock()))
        except _EngineLostError:
            return ENGINE_DOWN
        return OK

    def _listed(self) -> Sequence[Container] | str:
        listed = self.engine.list_containers()
        if isinstance(listed, EngineDown):
            log.warning("docker_enforcement_waits", state=listed.state.value, detail=listed.detail)
            return ENGINE_DOWN
        return listed

    def _cases(self, listed: Sequence[Container]) -> Sequence[tuple[Case, Memory]] | str:
        """Whom a round is about, each with what earlier rounds left; or why it is about nobody."""
        measured_at = self._measured_at(self.ledger.find_store())
        if measured_at is None:
            return NOT_MEASURED
        memories = self.book.memories()
        standing = [uid for uid, memory in memories.items() if memory.standing is not None]
        try:
            cases = self.cases.of(listed, standing, measured_at)
        except BackendError as error:
            log.warning("docker_enforcement_waits", state=error.code, detail=error.detail)
            return NO_NAMES
        return [(case, memories.get(case.uid, Memory())) for case in cases]

    def _measured_at(self, store: Store | None) -> datetime | None:
        """When the ledger was last right; None where that is too long ago."""
        if store is None or store.state != OK or store.measured_at is None:
            return None
        return store.measured_at if self.clock() - store.measured_at <= FRESH else None

    def _settle(self, listed: Mapping[str, Container]) -> None:
        """What a round decided that was killed: it was done if it is seen to be, else it is decided anew."""
        for decision in self.book.open_decisions():
            found = listed.get(decision.container_id)
            is_stopped = decision.kind is Kind.STOP and found is not None and found.state not in RUNNING
            if found is None or is_stopped:
                self.book.finish(decision, self.clock())
            else:
                self.book.drop(decision, self.clock())

    def _take(self, case: Case, memory: Memory, steps: Sequence[Step]) -> None:
        for step in steps:
            now = self.clock()
            if step.kind not in {Kind.STOP, Kind.REMOVE} or step.container is None:
                self.book.note(case, memory, step, now)
            else:
                decision = self.book.begin(case, step, now)
                if not self._act(decision, must_stop=step.container.auto_remove):
                    self.book.fail(decision, self.clock())
                    return
                self.book.finish(decision, self.clock())
            log.info("docker_enforcement", uid=case.uid, step=step.kind.value, explanation=step.explanation)

    def _act(self, decision: Decision, *, must_stop: bool) -> bool:
        """Does it; False where the engine would not. A container that is gone is as one that was dealt with."""
        if self.rules.dry_run:
            return True
        answer: bool | EngineDown = True
        if decision.kind is Kind.STOP or must_stop:
            answer = self.engine.stop_container(decision.container_id, self.rules.stop_timeout_seconds)
        if decision.kind is Kind.REMOVE and not isinstance(answer, EngineDown):
            answer = self.engine.remove_container(decision.container_id)
        if isinstance(answer, EngineDown):
            log.warning("docker_enforcement_failed", container=decision.container_id, detail=answer.detail)
            if answer.state not in {EngineState.FAILING, EngineState.SLOW}:
                raise _EngineLostError
            return False
        return True
