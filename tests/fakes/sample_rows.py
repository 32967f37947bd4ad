"""Rows for every table there is in a database, whatever its schema: typed values made from what is reflected."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Column, Connection, DateTime, Integer, MetaData, String, Table, insert, select
from sqlalchemy import types as sql

Row = Mapping[str, Any]
VERSION_TABLE = "alembic_version"
_LARGEST = {sql.SmallInteger: 2**15 - 1, sql.BigInteger: 2**63 - 1, sql.Integer: 2**31 - 1}
_TEXT = "'é 漢字 \U0001f600 %_\\\"\n\u202e"


@dataclass(frozen=True)
class Sample:
    """How the row number `number` is made: its texts as long as may be or `short`, what may be null null or not."""

    number: int
    nulls: bool = False
    short: bool = False


SAMPLES = (Sample(0), Sample(1, nulls=True), Sample(2, short=True))
"""The row number n of each table refers to the row number n of others."""


def reflected(connection: Connection) -> MetaData:
    """The tables that there are."""
    metadata = MetaData()
    metadata.reflect(connection)
    metadata.remove(metadata.tables[VERSION_TABLE])
    return metadata


def fill(connection: Connection) -> None:
    """Adds a row for each sample to every table."""
    tables = reflected(connection)
    made: dict[str, dict[int, Row]] = {}
    for table in tables.sorted_tables:
        made[table.name] = {}
        for sample in SAMPLES:
            row: dict[str, Any] = {}
            made[table.name][sample.number] = row
            for column in table.columns:
                row[column.name] = _value(column, sample, made)
            connection.execute(insert(table).values(row))


def contents(connection: Connection) -> Mapping[str, Sequence[Row]]:
    """All rows of all tables, in the order of their primary keys."""
    tables = reflected(connection)
    return {
        table.name: [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]
        for table in tables.sorted_tables
    }


def _value(column: Column[Any], sample: Sample, made: Mapping[str, Mapping[int, Row]]) -> Any:
    if sample.nulls and column.nullable:
        return None
    for key in column.foreign_keys:
        return made[key.column.table.name][sample.number].get(key.column.name)
    if column.table.autoincrement_column is column:
        return 1000 + sample.number  # the database has more numbers to give
    return next(make(column.type, sample, column.table) for kind, make in _MAKERS if isinstance(column.type, kind))


def _instant(kind: Any, sample: Sample, _table: Table) -> datetime:
    instant = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC) + timedelta(days=sample.number)
    return instant if kind.timezone else instant.replace(tzinfo=None)


def _json(_kind: Any, sample: Sample, _table: Table) -> dict[str, Any]:
    return {"number": sample.number, "nested": [None, True, 2**53, 0.1, _TEXT]}


def _boolean(_kind: Any, sample: Sample, _table: Table) -> bool:
    return sample.number == 0


def _integer(kind: Any, sample: Sample, _table: Table) -> int:
    return next(largest for its, largest in _LARGEST.items() if isinstance(kind, its)) - sample.number


def _bytes(_kind: Any, sample: Sample, _table: Table) -> bytes:
    return bytes([sample.number, 0, 255])


def _fraction(_kind: Any, sample: Sample, _table: Table) -> float:
    return 0.1 + sample.number


def _text(kind: Any, sample: Sample, table: Table) -> str:
    number = str(sample.number)
    if sample.short:
        return number
    return (f"{number}{table.name}{_TEXT}" + "x" * (kind.length or 3000))[: kind.length or 3000]


_MAKERS: tuple[tuple[type[Any], Callable[[Any, Sample, Table], Any]], ...] = (
    (DateTime, _instant),
    (sql.JSON, _json),
    (Boolean, _boolean),
    (String, _text),
    (Integer, _integer),
    (sql.LargeBinary, _bytes),
    (sql.Numeric, _fraction),
    (sql.Float, _fraction),
)
"""A type that has none is the test's failure: teach it one."""
