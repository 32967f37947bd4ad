"""Change sets: begun, run, cancelled."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import structlog

from app.auth.caller import Caller
from app.db.engine import Database
from app.db.repositories.change_sets import ChangeSet, ChangeSetRepository
from app.master.changes.trail import Actor, Trail
from app.master.errors import ChangeSetNotFoundError, ChangeSetStateError
from app.quota.clock import Clock

log = structlog.get_logger(__name__)


def new_set(
    kind: str, actor: Actor, reason: str, at: datetime, *, state: str, undo_of: str | None = None, force: bool = False
) -> ChangeSet:
    """A set that begins now, in this state."""
    return ChangeSet(
        id=str(uuid4()),
        kind=kind,
        state=state,
        created_at=at,
        started_at=None if state == "draft" else at,
        ended_at=at if state == "done" else None,
        **_members(actor),
        reason=reason.strip(),
        undo_of=undo_of,
        force=force,
    )


def _members(actor: Actor) -> dict[str, Any]:
    return {
        "actor_id": actor.id,
        "actor_name": actor.name,
        "via": actor.via,
        "origin": actor.origin,
        "token_id": actor.token_id,
        "token_name": actor.token_name,
    }


def actor_of(change_set: ChangeSet) -> Actor:
    """In whose name it is carried out."""
    return Actor(
        change_set.actor_id,
        change_set.actor_name,
        change_set.via,
        change_set.origin,
        change_set.token_id,
        change_set.token_name,
    )


def get_set(sets: ChangeSetRepository, set_id: str) -> ChangeSet:
    """The set. ChangeSetNotFoundError."""
    found = sets.find(set_id)
    if found is None:
        raise ChangeSetNotFoundError("There is no change set of this id.")
    return found


@dataclass(frozen=True, slots=True)
class ChangeSets:
    """What an admin does with a change set as a whole. `wake`: tells the runner of this process that there is work."""

    database: Database
    trail: Trail
    clock: Clock
    wake: Callable[[], None]

    def run(self, caller: Caller, set_id: str, reason: str) -> None:
        """Has a preview carried out in the background, in the name of whoever says so.

        ChangeSetNotFoundError, ChangeSetStateError: somebody ran it already. InvalidInputError: a reason is required.
        """
        self.trail.check_reason(reason)
        with self.database.write() as connection:
            sets = ChangeSetRepository(connection)
            get_set(sets, set_id)
            if not sets.start(set_id, self.clock(), _members(Actor.of(caller)), reason.strip()):
                raise ChangeSetStateError("It was run already.")
        log.info("change_set_started", change_set=set_id)
        self.wake()

    def retry(self, caller: Caller, set_id: str) -> None:
        """Has what is not done of a set sent again, for its own reason, in the name of whoever says so.

        Lines that are wrong stay wrong. ChangeSetNotFoundError, ChangeSetStateError: it is not over, or all is done.
        InvalidInputError: a reason is required by now, and it has none.
        """
        with self.database.write() as connection:
            sets = ChangeSetRepository(connection)
            self.trail.check_reason(get_set(sets, set_id).reason)
            if not sets.start_again(set_id, _members(Actor.of(caller))):
                raise ChangeSetStateError("It is not over: cancel it, or wait for its end.")
            lines = sets.wait_once_more(set_id)
            if lines == 0:
                raise ChangeSetStateError("Nothing of it can be tried again.")
        log.info("change_set_tried_again", change_set=set_id, lines=lines)
        self.wake()

    def cancel(self, set_id: str) -> None:
        """Sends nothing more of it; what is done stays done. ChangeSetNotFoundError, ChangeSetStateError."""
        with self.database.write() as connection:
            sets = ChangeSetRepository(connection)
            if get_set(sets, set_id).state != "running":
                raise ChangeSetStateError("It is not under way.")
            sets.cancel(set_id)
            sets.end(set_id, self.clock(), "cancelled")
        log.info("change_set_cancelled", change_set=set_id)
