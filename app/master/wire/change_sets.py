"""Change sets: imports and their preview, progress, undo."""

from typing import Annotated, Any, Literal

from pydantic import Field

from app.master.wire.batch import Reason
from app.master.wire.changes import ActorOut, Via
from app.master.wire.pages import PageOut, PageQuery
from app.quota.values import QuotaType
from app.web.quota_changes import ChangeProblemOut, ChangeWarning, DefaultsOut, DeviceGraceOut, RowOut
from app.web.quota_rows import AnyId
from app.web.wire import In, Instant, Out, no_default

MOST_CSV_CHARACTERS = 1_000_000

SetKind = Literal["import", "batch", "undo"]
SetState = Literal["draft", "running", "done", "cancelled"]
LineOutcome = Literal["wrong", "waiting", "sent", "applied", "refused", "failed", "unknown", "cancelled"]


class ImportIn(In):
    """A CSV file of changes: `host,device,quota_type,id,name` and the four limits, named in its first line."""

    csv: Annotated[str, Field(min_length=1, max_length=MOST_CSV_CHARACTERS)]


class RunIn(In):
    """Says that a preview is to be carried out, and why."""

    reason: Reason = Field(default="", json_schema_extra=no_default)


class UndoIn(In):
    """Says why something is undone, and whether even what somebody else has changed since."""

    reason: Reason = Field(default="", json_schema_extra=no_default)
    force: bool = Field(default=False, description="Undo although it was changed since")


class SetCountsOut(Out):
    """How many lines of a change set are how far; all but `below_usage` add up to `total`."""

    total: int
    wrong: int = Field(description="Will not be carried out; each says why")
    waiting: int = Field(description="Not sent yet, or being sent")
    done: int
    failed: int = Field(description="The host refused it, or failed before it was sent")
    unknown: int = Field(description="The host may have done it; the next reading tells")
    cancelled: int
    below_usage: int = Field(description="Not wrong, but somebody uses more than the new limit")


class ChangeSetOut(Out):
    """An import, a batch, or the undo of one."""

    id: str
    kind: SetKind
    state: SetState
    created_at: Instant
    started_at: Instant | None
    ended_at: Instant | None
    actor: ActorOut
    via: Via
    reason: str
    undo_of: str | None
    undone_by: str | None = Field(description="The newest undo of this set")
    counts: SetCountsOut


class ChangeSetsOut(PageOut):
    """Change sets that were begun, the newest first."""

    items: list[ChangeSetOut]


class LinesQuery(PageQuery):
    """Which lines of a change set."""

    only: Literal["wrong", "below_usage", "waiting", "done", "failed", "unknown", "cancelled", "problems"] | None = (
        Field(default=None, description="`problems`: wrong, failed and unknown")
    )


class ChangeLineOut(Out):
    """One quota of a change set: what stood, what is to stand, and what became of it."""

    line: int = Field(description="The line of the file; in an undo, a count")
    host: str
    device: str
    quota_type: QuotaType
    id: AnyId | None
    name: str
    before: dict[str, Any] | None = Field(description="As last read; once sent, as it stood then")
    after: dict[str, int] = Field(description="The limits to set; others stay")
    outcome: LineOutcome
    warnings: list[ChangeWarning]
    problem: ChangeProblemOut | None
    audit_id: str | None


class ChangeLinesOut(PageOut):
    """Lines of a change set in the order of the file."""

    items: list[ChangeLineOut]


class UndoneOut(Out):
    """The change that undid another, and what stands now: a row, default limits, or grace periods."""

    audit_id: str
    undo_of: str
    row: RowOut | None = Field(default=None, json_schema_extra=no_default)
    defaults: DefaultsOut | None = Field(default=None, json_schema_extra=no_default)
    grace: DeviceGraceOut | None = Field(default=None, json_schema_extra=no_default)
    warnings: list[ChangeWarning] = Field(default=[], json_schema_extra=no_default)
