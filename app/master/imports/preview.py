"""The use case "an admin imports a CSV file": a preview that changes nothing, kept for a day until it is run."""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from app.auth.caller import Caller
from app.db.engine import Database
from app.db.repositories.change_sets import ChangeLine, ChangeSetRepository
from app.db.repositories.snapshots import SnapshotRepository
from app.master.changes.sending import problem_of
from app.master.changes.sets import new_set
from app.master.changes.trail import Actor
from app.master.fleet import Fleet
from app.master.imports.csv_lines import read_csv
from app.master.imports.judge import Judge, Judged
from app.quota.clock import Clock

log = structlog.get_logger(__name__)

DRAFTS_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Imports:
    """Reads a file and keeps what would become of each line. No host is asked, nothing is changed."""

    database: Database
    fleet: Fleet
    clock: Clock

    def preview(self, caller: Caller, csv: str) -> str:
        """The id of the draft that stands for the file. InvalidInputError: it cannot be read as a whole."""
        given = read_csv(csv)
        now = self.clock()
        draft = new_set("import", Actor.of(caller), "", now, state="draft")
        with self.database.read() as connection:
            judge = Judge(self.fleet, SnapshotRepository(connection))
            lines = [_line(draft.id, judge.judge(line)) for line in given]
        with self.database.write() as connection:
            sets = ChangeSetRepository(connection)
            sets.forget_drafts(now - DRAFTS_FOR)
            sets.add(draft, lines)
        log.info("import_previewed", change_set=draft.id, lines=len(lines))
        return draft.id


def _line(set_id: str, judged: Judged) -> ChangeLine:
    line, problem = judged.line, judged.problem
    return ChangeLine(
        change_set_id=set_id,
        number=line.number,
        host_id=line.host,
        device=line.device,
        quota_type=line.quota_type.value,
        quota_id=judged.quota_id,
        name=judged.name,
        limits=dict(line.limits),
        before=None if judged.before is None else dict(judged.before),
        expected=None,
        outcome="waiting" if problem is None else "wrong",
        below_usage=judged.below_usage,
        problem=None if problem is None else problem_of(problem).model_dump(mode="json"),
    )
