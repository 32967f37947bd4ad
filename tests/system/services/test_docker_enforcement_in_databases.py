"""Enforcement of the Docker quota is kept alike in SQLite and in PostgreSQL."""

from pathlib import Path

from app.db.engine import Database
from app.db.migrate import ensure_schema
from tests.fakes.enforcing import GRACE, REMOVE_GRACE, Enforced


def test_a_user_is_warned_stopped_removed_and_back_below(database: Database, tmp_path: Path) -> None:
    ensure_schema(database)
    it = Enforced(tmp_path, database)
    for name in ("web-1", "web-2"):
        it.container(name)
    fleeting = it.container("fleeting")
    it.engine.auto_removed.add(fleeting)
    for seconds in (0, GRACE, 1, 1, REMOVE_GRACE, 1, 1, REMOVE_GRACE, 1):
        it.after(seconds)
    assert it.told == [
        ("warned", None),
        ("skipped", "fleeting"),
        ("container_stopped", "web-2"),
        ("container_stopped", "web-1"),
        ("container_removed", "web-2"),
        ("container_removed", "web-1"),
        ("back_below", None),
    ]
    assert list(it.engine.containers) == [fleeting]


def test_only_one_round_has_the_lease(database: Database, tmp_path: Path) -> None:
    ensure_schema(database)
    it = Enforced(tmp_path, database)
    first = it.round()
    assert first.book.acquire(it.clock())
    assert it.round().run() == "busy"
    first.book.release()
    assert it.round().run() == "ok"
