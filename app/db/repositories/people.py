"""People."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, text, update

from app.db.asking import contains, ordered
from app.db.tables.people import PersonRow


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has logged in; see `PersonRow`."""

    id: str
    issuer: str
    subject: str
    name: str
    email: str | None
    is_admin: bool
    language: str | None
    username: str | None
    matched_name: str | None
    last_login_at: datetime
    created_at: datetime


_COLUMNS = PersonRow.__table__.columns
_SORT: dict[str, Any] = {"name": PersonRow.name, "email": PersonRow.email, "last_login_at": PersonRow.last_login_at}


class PersonRepository:
    """People on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self) -> None:
        """Until the end of the transaction nobody else adds or changes people; reading goes on.

        On SQLite a writing transaction is that already.
        """
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text("LOCK TABLE person IN SHARE ROW EXCLUSIVE MODE"))

    def add(self, person: Person) -> None:
        """A person who logs in for the first time."""
        self._connection.execute(insert(PersonRow).values(**asdict(person)))

    def put(self, person: Person) -> None:
        """What is known of a person by now."""
        values = {name: value for name, value in asdict(person).items() if name != "id"}
        self._connection.execute(update(PersonRow).where(PersonRow.id == person.id).values(**values))

    def find(self, person_id: str) -> Person | None:
        """By qman's own id."""
        return self._one(PersonRow.id == person_id)

    def find_by_subject(self, issuer: str, subject: str) -> Person | None:
        """By what the provider calls them."""
        return self._one((PersonRow.issuer == issuer) & (PersonRow.subject == subject))

    def find_by_matched_name(self, matched_name: str) -> Person | None:
        """Who has this login name for the rule "same name"."""
        return self._one(PersonRow.matched_name == matched_name)

    def count(self) -> int:
        """How many people have logged in."""
        return self._connection.execute(select(func.count()).select_from(PersonRow)).scalar_one()

    def page(
        self, words: str | None, order: Sequence[tuple[str, bool]], *, limit: int, offset: int
    ) -> tuple[list[Person], int]:
        """People in the given order (by name where none is given), and how many there are in all."""
        conditions = []
        if words:
            columns = (PersonRow.name, PersonRow.email, PersonRow.username)
            conditions.append(contains(self._connection, words, columns))
        clauses = [ordered(_SORT[name], down=down) for name, down in order]
        query = select(*_COLUMNS).where(*conditions).order_by(*clauses, PersonRow.name, PersonRow.id)
        rows = self._connection.execute(query.limit(limit).offset(offset))
        total = self._connection.execute(select(func.count()).select_from(PersonRow).where(*conditions)).scalar_one()
        return [Person(*row) for row in rows], total

    def _one(self, condition: Any) -> Person | None:
        row = self._connection.execute(select(*_COLUMNS).where(condition)).one_or_none()
        return None if row is None else Person(*row)
