"""What queries share: text that is searched, an order with nulls, and rows that may be cleared away."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, UnaryExpression, func, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from app.db.base import Base

UNICODE_LOWER = "qman_lower"
"""SQLite's own lower() knows ASCII letters only; this one is Python's, slower, and asked for where it matters."""


def contains(connection: Connection, words: str, columns: Sequence[Any]) -> ColumnElement[bool]:
    """Does one of the columns contain the words, whatever the case of their letters?"""
    return contains_on(connection.dialect.name, words, columns)


def contains_on(dialect: str, words: str, columns: Sequence[Any]) -> ColumnElement[bool]:
    """The same for a query that is kept: `dialect` is the connection's, by name."""
    if dialect == "sqlite" and not words.isascii():
        lower = getattr(func, UNICODE_LOWER)
        return or_(*(lower(column).contains(words.lower(), autoescape=True) for column in columns))
    return or_(*(column.icontains(words, autoescape=True) for column in columns))


def ordered(column: Any, *, down: bool) -> ColumnElement[Any]:
    """The column in this direction; null is less than everything, on every database."""
    clause: UnaryExpression[Any] = column.desc() if down else column.asc()
    if isinstance(column, InstrumentedAttribute) and not column.nullable:
        return clause
    return clause.nulls_last() if down else clause.nulls_first()


def no_longer_needed(table: type[Base], *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """A condition for deleting rows that match; those that somebody else is deleting just now are passed over.

    Two that clear away at once would wait for each other, each for a row that the other has.
    """
    key = tuple(table.__table__.primary_key)
    found: ColumnElement[bool] = tuple_(*key).in_(select(*key).where(*conditions).with_for_update(skip_locked=True))
    return found
