"""Imports, change sets and undo, for admins."""

from dataclasses import dataclass

from app.auth.caller import Caller
from app.master.changes.sets import ChangeSets
from app.master.changes.undo import Undo
from app.master.imports.preview import Imports
from app.master.pages.change_sets import ChangeSetPages
from app.master.wire.change_sets import (
    ChangeLinesOut,
    ChangeSetOut,
    ChangeSetsOut,
    ImportIn,
    LinesQuery,
    RunIn,
    UndoIn,
    UndoneOut,
)
from app.master.wire.pages import PageQuery
from app.web.router import Api


@dataclass(frozen=True, slots=True)
class SetCases:
    """The use cases behind these routes."""

    imports: Imports
    sets: ChangeSets
    undo: Undo
    pages: ChangeSetPages


def add_change_sets(api: Api, cases: SetCases) -> None:
    """`/api/admin/imports`, `/api/admin/change-sets/…`, `/api/admin/audit/{audit_id}/undo`."""
    _add_reading(api, cases.pages)
    _add_undo(api, cases)

    @api.route("POST", "/api/admin/imports", access="admin", errors=(507,), status=201)
    def preview_import(caller: Caller, body: ImportIn) -> ChangeSetOut:
        """Reads a CSV file of changes and says what would become of each line. Nothing is changed.

        The answer is a draft: its lines are read by its id, and it is carried out by `run` within a day. Each line is
        judged by itself, against the last readings; no host is asked.
        """
        return cases.pages.one(cases.imports.preview(caller, body.csv))

    @api.route("POST", "/api/admin/change-sets/{set_id}/run", access="admin", errors=(404, 409, 507))
    def run_change_set(caller: Caller, set_id: str, body: RunIn) -> ChangeSetOut:
        """Has an import carried out in the background: what is not wrong is sent, each with its own audit entry."""
        cases.sets.run(caller, set_id, body.reason)
        return cases.pages.one(set_id)

    @api.route("POST", "/api/admin/change-sets/{set_id}/retry", access="admin", errors=(404, 409, 507))
    def retry_change_set(caller: Caller, set_id: str) -> ChangeSetOut:
        """Sends once more what was refused, failed, was cancelled or is unknown, each with its own audit entry."""
        cases.sets.retry(caller, set_id)
        return cases.pages.one(set_id)

    @api.route("POST", "/api/admin/change-sets/{set_id}/cancel", access="admin", errors=(404, 409, 507))
    def cancel_change_set(set_id: str) -> ChangeSetOut:
        """Sends nothing more of it. What is done stays done, and can be undone."""
        cases.sets.cancel(set_id)
        return cases.pages.one(set_id)


def _add_reading(api: Api, pages: ChangeSetPages) -> None:
    @api.route("GET", "/api/admin/change-sets", access="admin", cache="page")
    def list_change_sets(query: PageQuery) -> ChangeSetsOut:
        """Imports, batches and their undos, the newest first; previews that were never run are not listed."""
        return pages.page(query)

    @api.route("GET", "/api/admin/change-sets/{set_id}", access="admin", errors=(404,), cache="page")
    def get_change_set(set_id: str) -> ChangeSetOut:
        """How far a change set is."""
        return pages.one(set_id)

    @api.route("GET", "/api/admin/change-sets/{set_id}/lines", access="admin", errors=(404,), cache="page")
    def list_change_lines(set_id: str, query: LinesQuery) -> ChangeLinesOut:
        """The lines of an import or undo with what stood, what is to stand, and what became of each."""
        return pages.lines(set_id, query)


def _add_undo(api: Api, cases: SetCases) -> None:
    @api.route("POST", "/api/admin/audit/{audit_id}/undo", access="admin", errors=(404, 409, 502, 503, 504, 507))
    def undo_change(caller: Caller, audit_id: str, body: UndoIn) -> UndoneOut:
        """Brings back what stood before a change of limits, default limits or grace periods.

        It is a change of its own. Where somebody has changed the same since, it is refused (409 `stale_update`;
        `errors` has what stands now) unless `force` is given.
        """
        return cases.undo.entry(caller, audit_id, body)

    @api.route("POST", "/api/admin/change-sets/{set_id}/undo", access="admin", errors=(404, 409, 507), status=201)
    def undo_change_set(caller: Caller, set_id: str, body: UndoIn) -> ChangeSetOut:
        """Brings back what stood before an import, a batch or an undo, in the background.

        The answer is a new change set, which can be undone like any other. A quota that was changed since is left as
        it is and says so, unless `force` is given.
        """
        return cases.pages.one(cases.undo.change_set(caller, set_id, body))
