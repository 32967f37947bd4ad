"""Instants come out of a database as they were put in: aware, in UTC."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import StatementError

from app.db.engine import Database
from app.db.tables.fleet import HostRow
from app.web.wire import iso_utc
from tests.fakes.fleet_database import new_database

ZONES = st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(
    lambda its: timezone(timedelta(minutes=its // timedelta(minutes=1)))
)
INSTANTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=ZONES)  # noqa: DTZ001 - the zones are drawn


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = new_database(tmp_path)
    yield database
    database.dispose()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(taken_at=st.none() | INSTANTS)
def test_what_is_put_in_comes_out(database: Database, taken_at: datetime | None) -> None:
    values = {"id": "h1", "label": "", "url": "", "revision": 0, "devices": 0, "taken_at": taken_at}
    with database.write() as connection:
        connection.execute(delete(HostRow))
        connection.execute(insert(HostRow).values(**values))
        read = list(connection.execute(select(HostRow.taken_at, func.max(HostRow.taken_at))).one())
    assert read == [taken_at, taken_at]
    assert [each and each.tzinfo for each in read] == [taken_at and UTC] * 2


def test_a_naive_one_is_refused(database: Database) -> None:
    with database.write() as connection, pytest.raises(StatementError, match="a naive instant"):
        connection.execute(select(HostRow.id).where(HostRow.taken_at == datetime(2026, 11, 22)))  # noqa: DTZ001 - naive on purpose


@given(instant=INSTANTS)
def test_on_the_wire_they_have_whole_seconds_of_utc(instant: datetime) -> None:
    told = iso_utc(instant)
    assert len(told) == len("2026-11-22T05:00:00Z")
    assert datetime.fromisoformat(told) == instant.astimezone(UTC).replace(microsecond=0)
