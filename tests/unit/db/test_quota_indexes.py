"""Pages that a thousand hosts must not slow down are answered from an index, not from the table."""

from pathlib import Path
from typing import Any

from sqlalchemy import event

from app.db.repositories.rows import FleetRowRepository
from tests.fakes.fleet_database import new_database


def test_whose_rows_and_which_are_the_fullest_is_answered_by_the_index_of_names(tmp_path: Path) -> None:
    database = new_database(tmp_path)
    asked: list[tuple[str, Any]] = []
    with database.read() as connection:
        event.listen(connection, "before_cursor_execute", lambda *args: asked.append((args[2], args[3])))
        FleetRowRepository(connection, same_name=True).page_of_person("p", "alice", limit=100, offset=100)
        page, count = asked
        for statement, parameters in (page, count):
            steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            found = [step[3] for step in steps if "ix_quota_name" in step[3]]
            assert found, [step[3] for step in steps]
            assert all("COVERING INDEX" in step for step in found)
    database.dispose()
