"""Changes of limits, and their audit trail."""

from typing import Annotated, Any, Literal

from pydantic import Field

from app.master.wire.pages import PageOut, SortedQuery
from app.quota.values import QuotaType
from app.web.quota_changes import RowOut
from app.web.quota_rows import LimitsIn
from app.web.wire import Instant, Out, Query, QueryInstant, QueryText, no_default

Outcome = Literal["applied", "refused", "failed", "unknown"]
SettledBy = Literal["answer", "reading", "overtaken"]
Via = Literal["session", "token", "system"]


class ChangeQuery(Query):
    """Which device the change is for."""

    device: Annotated[str, Field(min_length=1, max_length=1000)]


class ChangeIn(LimitsIn):
    """Limits to set, with the reason for the audit trail."""

    reason: Annotated[str, Field(max_length=1000)] = Field(default="", json_schema_extra=no_default)


class ChangeOut(Out):
    """What stands now, as read back from the backend."""

    row: RowOut
    audit_id: str
    warnings: list[Literal["below_usage"]]


class AuditFilters(Query):
    """Which changes; what is left out is any."""

    q: QueryText | None = Field(default=None, description="Text in ids, names, reasons, problems, hosts and devices")
    actor: QueryText | None = Field(default=None, description="The actor's id or name")
    host: QueryText | None = None
    device: QueryText | None = None
    target: QueryText | None = Field(default=None, description="The target's id or name")
    action: QueryText | None = None
    outcome: Outcome | None = None
    change_set: QueryText | None = Field(default=None, description="Only entries of this import, batch or undo")
    since: QueryInstant | None = None
    until: QueryInstant | None = None


class AuditQuery(SortedQuery, AuditFilters):
    """Filters of the audit trail."""

    sortable = ("at", "host", "device", "target_name", "action")


class ActorOut(Out):
    """Who did it."""

    id: str
    name: str


class AuditTokenOut(Out):
    """The API token that a change came with; it may be gone by now."""

    id: str
    name: str


class AuditOut(Out):
    """One change: who, what, why, from where, from what to what."""

    id: str
    at: Instant
    actor: ActorOut
    via: Via
    token: AuditTokenOut | None = Field(description="By which API token, where it was one")
    action: str
    host: str | None
    device: str | None
    quota_type: QuotaType | None
    target_id: str | None
    target_name: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str
    origin: str
    outcome: Outcome
    problem: str | None
    undo_of: str | None
    change_set: str | None = Field(description="The import, batch or undo that it belongs to")
    resend_of: str | None = Field(
        description="The same change as this entry, of which no answer told what became of it"
    )
    settled_at: Instant | None
    settled_by: SettledBy | None = Field(description="What told the outcome; null: nothing yet, or at once")


class AuditPageOut(PageOut):
    """A page of the audit trail, newest first."""

    items: list[AuditOut]
