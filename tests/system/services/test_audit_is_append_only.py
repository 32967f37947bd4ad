"""Nobody deletes from the audit trail or rewrites it, not even with SQL: the database itself refuses."""

from datetime import timedelta

import pytest
from sqlalchemy import Executable, delete, text, update
from sqlalchemy.exc import DBAPIError

from app.db.engine import Database
from app.db.migrate import ensure_schema
from app.db.repositories.audit import AuditRecord, AuditRepository
from app.db.tables.audit import AuditRow
from tests.fakes.fleet_database import NOON

pytestmark = pytest.mark.services

OPEN = AuditRecord(
    id="1",
    at=NOON,
    actor_id="a",
    actor_name="charlie",
    via="session",
    action="set_limits",
    host_id="h1",
    device="/dev/sda1",
    quota_type="user",
    target_id="1000",
    target_name="alice",
    before={"block_hard_limit": 1},
    after={"block_hard_limit": 2},
    reason="why",
    origin="::1",
    outcome="unknown",
)


def refused(database: Database, statement: Executable) -> None:
    with pytest.raises(DBAPIError, match="append-only"), database.write() as connection:
        connection.execute(statement)


def test_the_database_refuses_to_delete_and_to_rewrite(database: Database) -> None:
    ensure_schema(database)
    with database.write() as connection:
        AuditRepository(connection).add(OPEN)
    refused(database, delete(AuditRow))
    if not database.is_sqlite:
        refused(database, text("TRUNCATE audit"))
    for column in ("id", "reason", "actor_name", "host_id", "undo_of", "token_name", "change_set_id", "resend_of"):
        refused(database, update(AuditRow).values({column: "7"}))
    refused(database, update(AuditRow).values(before={"block_hard_limit": 7}))
    refused(database, update(AuditRow).values(outcome="applied", reason="another"))
    with database.read() as connection:
        assert AuditRepository(connection).find("1") == OPEN


def test_an_unknown_outcome_is_settled_once(database: Database) -> None:
    ensure_schema(database)
    with database.write() as connection:
        AuditRepository(connection).add(OPEN)
    later = NOON + timedelta(seconds=5)
    for outcome in ("applied", "failed"):
        with database.write() as connection:
            settle = AuditRepository(connection).settle
            settle("1", outcome=outcome, after={"block_hard_limit": 2}, problem=None, at=later, by="reading")
    with database.read() as connection:
        entry = AuditRepository(connection).find("1")
    assert entry is not None
    assert (entry.outcome, entry.settled_at, entry.settled_by) == ("applied", later, "reading")
    for outcome in ("failed", "unknown"):
        refused(database, update(AuditRow).values(outcome=outcome))
