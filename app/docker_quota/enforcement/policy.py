"""Decides what happens to a user in a round: at most one of their containers is touched. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.docker_quota.enforcement import wording
from app.docker_quota.enforcement.values import Case, Kind, Mark, Memory, Order, Rules, Standing, Step, Target

_REMOVING = "removing"


def decide(case: Case, memory: Memory, rules: Rules, now: datetime) -> Sequence[Step]:
    """The steps of this round, in their order; none for who is below and was.

    Steps that touch a container (stop, remove) name the same one. A stop that is not done is followed by no remove.
    """
    if rules.spares(case.uid, case.name):
        return [Step(Kind.FORGET, "")] if memory.standing else []
    if not case.is_above:
        return [Step(Kind.BACK_BELOW, wording.back_below(case, memory.standing))] if memory.standing else []
    standing = memory.standing or Standing(now)
    its = _Round(case, memory, standing, rules, now)
    warned = [] if memory.standing else [Step(Kind.WARN, wording.warned(case, its.next_to_stop(), rules, now))]
    is_outdated = standing.removed_at is not None and case.measured_at <= standing.removed_at
    if now - standing.since < rules.grace or is_outdated:
        return warned
    return [*warned, *its.steps()]


@dataclass(frozen=True, slots=True)
class _Round:
    """One user who is above and whose grace is over."""

    case: Case
    memory: Memory
    standing: Standing
    rules: Rules
    now: datetime

    def steps(self) -> Sequence[Step]:
        waiting = [each for each in self._theirs() if self._waits(each)]
        due = [each for each in waiting if self.rules.removes and self._is_due(each, Mark.STOPPED)]
        if due:
            first = min(due, key=lambda each: (self._at(each, Mark.STOPPED), each.id))
            return [self._remove(first, self._at(first, Mark.STOPPED) or self.now)]
        skipped = [each for each in self._passed_over() if self._at(each, Mark.SKIPPED) is None]
        steps = [self._step(Kind.SKIP, each) for each in skipped]
        chosen = self.next_to_stop()
        if chosen is not None:
            steps.append(self._step(Kind.STOP, chosen))
            is_at_once = self.rules.removes and not self.rules.remove_grace
            return [*steps, self._remove(chosen, self.now)] if is_at_once else steps
        return steps + self._last_resort(waiting)

    def next_to_stop(self) -> Target | None:
        """The first in order that a stop does not delete."""
        return next((each for each in self._running() if not each.auto_remove), None)

    def _last_resort(self, waiting: Sequence[Target]) -> list[Step]:
        """Nothing is left to stop: what a stop deletes has its turn, at the step that removes."""
        deleted_by_stop = [each for each in self._running() if each.auto_remove]
        if self.rules.removes and (waiting or deleted_by_stop):
            due = [each for each in deleted_by_stop if self._is_due(each, Mark.SKIPPED)]
            return [self._remove(due[0], self._at(due[0], Mark.SKIPPED) or self.now)] if due and not waiting else []
        if self.standing.is_exhausted:
            return []
        return [Step(Kind.SKIP, wording.exhausted(self.case, self.standing.since))]

    def _theirs(self) -> list[Target]:
        """What is surely the user's, and may be touched."""
        probable = self.rules.enforce_probable
        return [
            each
            for each in self.case.containers
            if each.attribution.uid == self.case.uid
            and each.attribution.is_enforced(enforce_probable=probable)
            and not each.is_exempt
            and each.state != _REMOVING
            and self._at(each, Mark.REMOVED) is None
        ]

    def _waits(self, target: Target) -> bool:
        """Stopped by an earlier round. One that runs again was started again; a dry run stops nothing."""
        return self._at(target, Mark.STOPPED) is not None and (self.rules.dry_run or not target.is_running)

    def _running(self) -> list[Target]:
        """What can be stopped, in order; what the engine would not stop comes last."""
        running = [each for each in self._theirs() if each.is_running and not self._waits(each)]
        return sorted(running, key=lambda each: (self._at(each, Mark.FAILED) is not None, *self._rank(each)))

    def _passed_over(self) -> list[Target]:
        """What is before the next to stop, and would be deleted by it."""
        running, chosen = self._running(), self.next_to_stop()
        return running if chosen is None else running[: running.index(chosen)]

    def _rank(self, target: Target) -> tuple[int, int, str]:
        if self.rules.order is Order.OLDEST:
            return target.created_ns, 0, target.id
        if self.rules.order is Order.LARGEST:
            return -target.bytes, -target.created_ns, target.id
        return -target.created_ns, 0, target.id

    def _at(self, target: Target, mark: Mark) -> datetime | None:
        marks = self.memory.marks.get(target.id, ())
        return next((each.at for each in marks if each.mark is mark), None)

    def _is_due(self, target: Target, mark: Mark) -> bool:
        """The grace runs from the stop; where the user was below since, from when they were above again."""
        at = self._at(target, mark) or self.now
        return self.now - max(at, self.standing.since) >= self.rules.remove_grace

    def _step(self, kind: Kind, target: Target) -> Step:
        why = wording.Why(self.case, self.standing.since, self.rules, len(self._running()))
        return Step(kind, wording.of_container(kind, target, why), target)

    def _remove(self, target: Target, began_at: datetime) -> Step:
        why = wording.removed(target, self.case, began_at, self.standing.since, self.rules)
        return Step(Kind.REMOVE, why, target)
