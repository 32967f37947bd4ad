"""The audit trail as files, a page at a time: as many entries as may be, few in memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

from app.db.engine import Database
from app.db.repositories.audit import AuditFilter, AuditRepository
from app.master.exports.files import csv_cell, csv_lines
from app.master.pages.audit import audit_out
from app.master.wire.changes import AuditOut
from app.web.wire import iso_utc

AT_ONCE = 500

_COLUMNS: Final[dict[str, Callable[[AuditOut], Any]]] = {
    "id": lambda entry: entry.id,
    "at_utc": lambda entry: iso_utc(entry.at),
    "actor_id": lambda entry: entry.actor.id,
    "actor": lambda entry: entry.actor.name,
    "via": lambda entry: entry.via,
    "token": lambda entry: entry.token.name if entry.token else "",
    "origin": lambda entry: entry.origin,
    "action": lambda entry: entry.action,
    "host": lambda entry: entry.host,
    "device": lambda entry: entry.device,
    "quota_type": lambda entry: entry.quota_type.value if entry.quota_type else "",
    "target_id": lambda entry: entry.target_id,
    "target": lambda entry: entry.target_name,
    "before": lambda entry: _json(entry.before),
    "after": lambda entry: _json(entry.after),
    "reason": lambda entry: entry.reason,
    "outcome": lambda entry: entry.outcome,
    "problem": lambda entry: entry.problem,
    "settled_at_utc": lambda entry: iso_utc(entry.settled_at) if entry.settled_at else "",
    "settled_by": lambda entry: entry.settled_by,
    "undo_of": lambda entry: entry.undo_of,
    "change_set": lambda entry: entry.change_set,
    "resend_of": lambda entry: entry.resend_of,
}


@dataclass(frozen=True, slots=True)
class AuditExport:
    """Reads entries, the newest first. Each page is a reading transaction of its own, so that nobody is held up."""

    database: Database
    at_once: int = AT_ONCE

    def pages(self, wanted: AuditFilter) -> Iterator[list[AuditOut]]:
        """The entries in pages; no page where there are none."""
        last = None
        while True:
            with self.database.read() as connection:
                found = AuditRepository(connection).after(wanted, last, limit=self.at_once)
            if found:
                yield [audit_out(record) for record in found]
            if len(found) < self.at_once:
                return
            last = found[-1]


def audit_csv_pieces(pages: Iterator[list[AuditOut]]) -> Iterator[bytes]:
    """RFC 4180, with a head; limits as on the wire, in JSON."""
    yield csv_lines([list(_COLUMNS)])
    for page in pages:
        yield csv_lines([[csv_cell(read(entry)) for read in _COLUMNS.values()] for entry in page])


def _json(limits: dict[str, Any] | None) -> str:
    return "" if limits is None else orjson.dumps(limits, option=orjson.OPT_SORT_KEYS).decode()
